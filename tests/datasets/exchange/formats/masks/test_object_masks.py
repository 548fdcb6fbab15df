"""Masks of single objects: which image they belong to, and exactly which pixels are stored."""

import numpy as np
import pytest

from datasets.errors import FormatError
from datasets.exchange.importing import ingest, preview
from datasets.images import masks, outlines
from datasets.storage import collection, labels
from tests.datasets.exchange.formats.masks.drawn import SIZE, codes, save
from tests.helpers import make_image


def blob(number):
    """The pixels of one object (h, w), with a hole."""
    found = np.zeros(SIZE[::-1], np.uint8)
    found[5 : 25 + number, number * 14 + 2 : number * 14 + 12] = 255
    found[10:12, number * 14 + 5 : number * 14 + 8] = 0
    return found


def photo(path):
    return make_image(path, SIZE)


def folder_each(top):
    for name in "ab":
        photo(top / f"stage1_train/{name}/images/{name}.png")
        for number in range(3):
            save(top / f"stage1_train/{name}/masks/{number}.png", blob(number))
    photo(top / "stage1_test/c/images/c.png")


def folders_of_masks(top):
    for name in "ab":
        photo(top / f"images/{name}.png")
        for number in range(3):
            save(top / f"masks/{name}/{number}.png", blob(number))
    photo(top / "images/c.png")


def numbered(top):
    for name in "ab":
        photo(top / f"images/{name}.png")
        for number in range(3):
            save(top / f"masks/{name}_{number}.png", blob(number))
    photo(top / "images/c.png")


def stored(name):
    """The pixels of every object of each image, as they cover the image."""
    found = {}
    for document in collection.stream(name):
        own = labels.from_document(document["ground_truth"])
        found[document["filepath"].rsplit("/", 1)[1]] = [
            (one.label, outlines.pasted(masks.read({"mask_path": one.mask_path}), one.box, SIZE)) for one in own
        ]
    return found


@pytest.mark.parametrize("make", [folder_each, folders_of_masks, numbered])
def test_every_object_has_its_pixels(make, tmp_path, database):
    make(tmp_path)
    found = preview(tmp_path)
    assert (found.format, found.count, found.labels, found.masks) == ("object_masks", 3, 6, 6)
    assert codes(found) == ["missing_mask", "made_up_names"]
    if make is folder_each:
        assert found.splits == {"train": 2, "test": 1}
    ingest(found, "d", None)
    kept = stored("d")
    assert kept["c.png"] == []
    for name in ("a.png", "b.png"):
        assert [one for one, _ in kept[name]] == ["object"] * 3
        for number, (_, mask) in enumerate(kept[name]):
            np.testing.assert_array_equal(mask != 0, blob(number) != 0)


def test_numbered_masks_beside_images_in_folders_of_classes(tmp_path, database):
    for name in ("benign", "malignant"):
        for number in (1, 2):
            photo(tmp_path / name / f"{name} ({number}).png")
            save(tmp_path / name / f"{name} ({number})_mask.png", blob(0))
    save(tmp_path / "benign/benign (2)_mask_1.png", blob(1))
    found = preview(tmp_path)
    assert (found.format, found.count) == ("object_masks", 4)
    assert found.class_counts == {"benign": 3, "malignant": 2}
    ingest(found, "d", None)
    both = stored("d")["benign (2).png"]
    assert [name for name, _ in both] == ["benign", "benign"]
    np.testing.assert_array_equal(sum(mask != 0 for _, mask in both), (blob(0) != 0) + (blob(1) != 0))


def test_numbers_of_one_mask_are_objects_when_this_format_is_chosen(tmp_path, database):
    photo(tmp_path / "PNGImages/a.png")
    values = sum(((blob(number) != 0) * (number + 1)).astype(np.uint8) for number in range(3))
    save(tmp_path / "PedMasks/a_mask.png", values)
    assert preview(tmp_path).format == "mask_folders"
    ingest(preview(tmp_path, "object_masks"), "d", None)
    for number, (_, mask) in enumerate(stored("d")["a.png"]):
        np.testing.assert_array_equal(mask != 0, values == number + 1)


def test_what_is_wrong_with_masks_is_told_once(tmp_path):
    folder_each(tmp_path)
    (tmp_path / "stage1_train/a/masks/0.png").write_bytes(b"no image")
    save(tmp_path / "stage1_train/a/masks/1.png", np.zeros(SIZE[::-1], np.uint8))
    edge = blob(2)
    edge[4] = edge[5] // 3
    save(tmp_path / "stage1_train/a/masks/2.png", edge)
    found = preview(tmp_path)
    told = {one.code: one.count for one in found.findings if one.code in codes(found)}
    assert told == {"broken_mask": 1, "empty_mask": 1, "soft_masks": 1, "missing_mask": 1, "made_up_names": 1}
    assert found.labels == 4


def test_folders_without_such_masks_are_refused(tmp_path):
    photo(tmp_path / "a.png")
    with pytest.raises(FormatError, match="expected images with a mask for each object, found none"):
        preview(tmp_path, "object_masks")
