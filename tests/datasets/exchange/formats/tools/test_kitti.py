from datasets.exchange.importing import preview
from tests.helpers import make_image
from tests.stored import imported

CAR = "Car 0.50 1 -1.57 10.00 12.50 30.00 40.00 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59"
FAR = "DontCare -1 -1 -10 1.00 2.00 5.00 6.00 -1 -1 -1 -1000 -1000 -1000 -10"
MAN = "Pedestrian -1 -1 -10 1.5 2 5 6 -1 -1 -1 -1000 -1000 -1000 -10 0.75"


def kitti(folder, **files):
    for number, (stem, rows) in enumerate(files.items()):
        make_image(folder / "image_2" / f"{stem}.png", seed=number)
        (folder / "label_2").mkdir(parents=True, exist_ok=True)
        (folder / "label_2" / f"{stem}.txt").write_text("\n".join(rows))
    return folder


def test_boxes_attributes_and_regions_nobody_labelled(tmp_path, database):
    kitti(tmp_path / "training", a=[CAR, FAR], b=[MAN], c=[])
    found, held = imported(tmp_path)
    assert (found.format, found.classes) == ("kitti", ("Car", "Pedestrian"))
    told = {one.code: (one.severity, one.count) for one in found.findings}
    assert told["dont_care"] == ("note", 1) and told["empty_file"] == ("warning", 1)
    assert {path: one.split for path, one in held.items()} == {
        f"training/image_2/{stem}.png": "train" for stem in "abc"
    }  # fmt: skip
    (car,) = held["training/image_2/a.png"].of()
    assert (car.label, car.box) == ("Car", (10, 12.5, 20, 27.5))
    assert car.attributes["occluded"] == 1 and car.attributes["truncated"] == 0.5
    assert car.attributes["dimensions"] == [1.65, 1.67, 3.64]
    (man,) = held["training/image_2/b.png"].of()
    assert (man.confidence, man.box) == (0.75, (1.5, 2, 3.5, 4)) and "alpha" not in man.attributes
    assert held["training/image_2/c.png"].labels == {}


def test_lists_of_splits_and_a_broken_row(tmp_path):
    kitti(tmp_path, a=[CAR], b=[CAR.replace("10.00", "ten")], c=[CAR, "Car 1 2"])
    (tmp_path / "ImageSets").mkdir()
    (tmp_path / "ImageSets" / "train.txt").write_text("a\n")
    (tmp_path / "ImageSets" / "val.txt").write_text("b\n")
    found = preview(tmp_path)
    assert found.splits == {"train": 1, "val": 1} and found.labels == 1
    assert {one.code for one in found.findings} >= {"bad_shape", "broken_file"}


def test_rows_of_yolo_are_none_of_kitti(tmp_path):
    make_image(tmp_path / "images" / "a.png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    assert preview(tmp_path).format == "yolo"
