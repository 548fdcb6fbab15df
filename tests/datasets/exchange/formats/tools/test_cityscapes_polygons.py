import json

from tests.helpers import make_image
from tests.stored import imported, pixels

SIZE = (64, 48)


def square(left, top, right, bottom):
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def test_polygons_in_a_tree_of_splits_and_cities(tmp_path, database):
    for split in ("train", "val"):
        name = f"{split}town_000000_000019"
        make_image(tmp_path / "leftImg8bit" / split / "town" / f"{name}_leftImg8bit.png", SIZE, seed=len(split))
        objects = [
            {"label": "road", "polygon": square(0, 20, 64, 48)}, {"label": "car", "polygon": square(10, 10, 20, 16)},
            {"label": "cargroup", "polygon": square(30, 10, 40, 16)},
            {"label": "car", "deleted": 1, "polygon": square(50, 10, 60, 16)},
        ]  # fmt: skip
        target = tmp_path / "gtFine" / split / "town" / f"{name}_gtFine_polygons.json"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps({"imgHeight": 48, "imgWidth": 64, "objects": objects}))
    found, held = imported(tmp_path)
    assert (found.format, found.findings, found.classes) == ("cityscapes_polygons", (), ("car", "road"))
    assert found.splits == {"train": 1, "val": 1}
    road, car, group = held["leftImg8bit/val/town/valtown_000000_000019_leftImg8bit.png"].of()
    assert (road.mask == pixels(SIZE, (0, 20, 64, 48))).all() and (car.mask == pixels(SIZE, (10, 10, 20, 16))).all()
    assert (group.label, group.box) == ("car", (30, 10, 10, 6))
    assert [label.crowd for label in found.records[0].objects] == [False, False, True]
