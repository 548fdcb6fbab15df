import json

from datasets.exchange.importing import preview
from tests.helpers import make_image
from tests.stored import imported, pixels

SIZE = (64, 48)
BOX = {"category": "car", "box2d": {"x1": 10, "y1": 12.5, "x2": 30, "y2": 40}, "attributes": {"occluded": True}}
SQUARE = [[4, 4], [20, 4], [20, 12], [4, 12]]


def test_one_file_for_each_split(tmp_path, database):
    for split, stem in (("train", "a"), ("val", "b")):
        make_image(tmp_path / "images" / "100k" / split / f"{stem}.jpg", SIZE, seed=ord(stem))
        shapes = [
            BOX,
            {"category": "drivable area", "poly2d": [{"vertices": SQUARE, "types": "LLLL", "closed": True}]},
            {"category": "lane", "poly2d": [{"vertices": [[0, 0], [9, 9]], "types": "LC", "closed": False}]},
            {"category": "bus", "box3d": {}},
        ]
        frames = [{"name": f"{stem}.jpg", "attributes": {"weather": "rainy", "scene": "street"}, "labels": shapes}]
        (tmp_path / "labels").mkdir(exist_ok=True)
        (tmp_path / "labels" / f"bdd100k_labels_images_{split}.json").write_text(json.dumps(frames))
    found, held = imported(tmp_path)
    assert found.format == "bdd100k" and found.splits == {"train": 1, "val": 1}
    assert sorted(one.code for one in found.findings) == ["bad_shape", "bad_shape", "curves"]
    sample = held["images/100k/train/a.jpg"]
    car, area = sample.of()
    assert (car.label, car.box, car.attributes["occluded"]) == ("car", (10, 12.5, 20, 27.5), True)
    assert (area.mask == pixels(SIZE, (4, 4, 20, 12))).all()
    assert sample.of("ground_truth_polylines")[0].points == ((0, 0), (9, 9))
    assert found.records[0].about == {"weather": "rainy", "scene": "street"}


def test_a_file_for_each_image(tmp_path, database):
    for stem in "ab":
        make_image(tmp_path / "train" / f"{stem}.jpg", SIZE, seed=ord(stem))
        drivable = {"category": "area/drivable", "id": 2, "poly2d": [[x, y, "L"] for x, y in SQUARE]}
        whole = {"name": stem, "frames": [{"timestamp": 10000, "objects": [{**BOX, "id": 1}, drivable]}],
                 "attributes": {"timeofday": "night"}}  # fmt: skip
        (tmp_path / "train" / f"{stem}.json").write_text(json.dumps(whole))
    found, held = imported(tmp_path)
    assert (found.format, found.splits) == ("bdd100k", {"train": 2})
    assert found.findings == ()
    car, area = held["train/b.jpg"].of()
    assert car.box == (10, 12.5, 20, 27.5) and (area.mask == pixels(SIZE, (4, 4, 20, 12))).all()


def test_an_image_that_is_not_there_is_told(tmp_path):
    make_image(tmp_path / "a.jpg", SIZE)
    frames = [{"name": name, "labels": [BOX]} for name in ("a.jpg", "gone.jpg")]
    (tmp_path / "det_train.json").write_text(json.dumps(frames))
    found = preview(tmp_path)
    assert found.count == 1 and found.splits == {"train": 1}
    assert any("gone.jpg" in str(one) for one in found.findings)
