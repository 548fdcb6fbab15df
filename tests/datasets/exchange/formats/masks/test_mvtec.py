"""MVTec's layout: the class of each image, its split, and the mask of its defect in a field beside."""

import numpy as np

from datasets.exchange.importing import ingest, preview
from datasets.images import masks
from datasets.storage import collection, documents, fields, store
from tests.datasets.exchange.formats.masks.drawn import SIZE, classes, codes, save
from tests.helpers import make_image


def made(top, n=2):
    for split, name in (("train", "good"), ("test", "good"), ("test", "crack"), ("test", "hole")):
        for number in range(n):
            make_image(top / split / name / f"00{number}.png", SIZE, seed=number)
    for seed, name in enumerate(("crack", "hole")):
        for number in range(n):
            save(top / f"ground_truth/{name}/00{number}_mask.png", classes(10 * seed + number) * 255)
    (top / "readme.txt").write_text("bottles")


def test_classes_splits_and_masks_are_stored(tmp_path, database):
    made(tmp_path / "bottle")
    found = preview(tmp_path)
    assert (found.format, found.splits) == ("mvtec", {"train": 2, "test": 6})
    assert found.class_counts == {"crack": 2, "good": 4, "hole": 2}
    assert codes(found) == ["masks_beside"]
    ingest(found, "d", None)
    assert store.summary("d").label_fields == {
        "ground_truth": "classification", "ground_truth_mask": "segmentation",
    }  # fmt: skip
    assert fields.targets(documents.of("d"), "ground_truth_mask") == {0: "background", 255: "defect"}
    masked = 0
    for one in collection.stream("d"):
        split, name, file = one["filepath"].rsplit("/", 3)[1:]
        assert (one["split"], one["ground_truth"]["label"]) == (split, name)
        mask = one.get("ground_truth_mask")
        assert (mask is None) == (name == "good")
        if mask:
            seed = 10 * (name == "hole") + int(file[2])
            np.testing.assert_array_equal(masks.read(mask), classes(seed) * 255)
            masked += 1
    assert masked == 4


def test_masks_that_do_not_fit_are_told(tmp_path):
    made(tmp_path)
    save(tmp_path / "ground_truth/crack/000_mask.png", np.zeros((9, 9), np.uint8))
    save(tmp_path / "ground_truth/hole/009_mask.png", classes(1) * 255)
    found = preview(tmp_path)
    told = {one.code: str(one) for one in found.findings}
    assert "found 9 x 9 pixels for an image of 64 x 48" in told["broken_mask"]
    assert "009_mask.png" in told["missing_image"]
    assert sum(bool(record.others) for record in found.records) == 3


def test_class_folders_in_splits_without_masks_are_another_format(tmp_path):
    for split in ("train", "test"):
        for name in ("good", "bad"):
            make_image(tmp_path / split / name / "1.png", SIZE)
    assert preview(tmp_path).format == "class_folders"
