"""Where images and masks lie, and which mask belongs to which image, by the names of folders and files."""

import numpy as np
import pytest

from datasets.exchange.formats.masks import words
from datasets.records import ImageRecord
from tests.datasets.exchange.formats.masks.drawn import BACKGROUND, SIZE, check, classes, codes, pairs, save, seen
from tests.helpers import make_image

PLACES = [
    ("images_prepped_train/{}.png", "annotations_prepped_train/{}.png", "train"),
    ("ISIC2018_Task1-2_Training_Input/ISIC_{}.jpg", "ISIC2018_Task1_Training_GroundTruth/ISIC_{}_segmentation.png",
     "train"),
    ("train_images/{}.jpg", "train_masks/{}.png", "train"),
    ("val/{}.jpg", "val_labels/{}_L.png", "val"),
    ("train/{}.jpg", "train_masks/{}_mask.gif", "train"),
    ("training/images/2{}_training.tif", "training/1st_manual/2{}_manual1.gif", "train"),
    ("Train/Rural/images_png/{}.png", "Train/Rural/masks_png/{}.png", "train"),
    ("TestDataset/Kvasir/images/{}.png", "TestDataset/Kvasir/masks/{}.png", "test"),
    ("archive/data/CVC/Original/{}.tif", "archive/data/CVC/Ground Truth/{}.tif", None),
    ("701_StillsRaw_full/00{}.png", "LabeledApproved_full/00{}_L.png", None),
    ("images/{}.jpg", "labels/{}_P.png", None),
    ("CameraRGB/{}.png", "CameraSeg/{}.png", None),
    ("DUTS-TR-Image/{}.jpg", "DUTS-TR-Mask/{}.png", None),
    ("images/{}.jpg", "masks/mask_{}.png", None),
    ("images/image_{}.jpg", "masks/mask_{}.png", None),
    ("images/{}.jpg", "masks/{}.jpg.png", None),
    ("images/{}.jpg", "masks/{}-mask.png", None),
    ("train/{}_sat.jpg", "train/{}_mask.png", "train"),
    ("slide_{}.bmp", "slide_{}_anno.bmp", None),
    ("tiles/top_{}_RGB.tif", "tiles/top_{}_label.tif", None),
    ("kaggle_3m/TCGA_{0}/TCGA_{0}_1.tif", "kaggle_3m/TCGA_{0}/TCGA_{0}_1_mask.tif", None),
    ("bilder/{}.jpg", "masken/{}.png", None),
]  # fmt: skip


@pytest.mark.parametrize(("images", "masks", "split"), PLACES)
def test_every_image_gets_its_mask(images, masks, split, tmp_path, database):
    truth = pairs(tmp_path, lambda path, found, number: save(path, found * 255), images=images, masks_=masks)
    found = seen(tmp_path)
    assert {record.split for record in found.records} == {split}
    assert codes(found) == ["class_names"]
    check(found, truth, BACKGROUND)


def test_equal_names_in_two_folders_never_share_a_mask(tmp_path):
    for part in ("s1", "s2"):
        for name in "ab":
            make_image(tmp_path / f"images/{part}/{name}.jpg", SIZE)
    save(tmp_path / "masks/s2/a.png", classes(1))
    masked = [_place(record, tmp_path) for record in seen(tmp_path).records if record.segmentation]
    assert masked == ["images/s2/a.jpg"]


def _place(record: ImageRecord, top) -> str:
    return str(record.path.relative_to(top.resolve()))


def test_several_masks_for_an_image_are_told_and_none_is_taken(tmp_path):
    for name in ("a", "b"):
        make_image(tmp_path / f"images/{name}.jpg", SIZE)
        save(tmp_path / f"masks/{name}_mask.png", classes(1))
    save(tmp_path / "masks/b_label.png", classes(2))
    found = seen(tmp_path)
    assert [record.path.name for record in found.records if record.segmentation] == ["a.jpg"]
    (told,) = [one for one in found.findings if one.code == "several_masks"]
    assert "b_label.png and b_mask.png" in told.found and told.count == 1


def test_the_mask_saved_without_loss_goes_first(tmp_path, database):
    truth = pairs(tmp_path, lambda path, found, number: save(path, found))
    for number in range(3):
        save(tmp_path / f"masks/{number}.jpg", np.zeros((48, 64), np.uint8))
    found = seen(tmp_path)
    assert found.class_counts == {"background": 3, "foreground": 3}
    check(found, truth, BACKGROUND)


def test_masks_and_images_without_the_other_are_counted(tmp_path):
    pairs(tmp_path, lambda path, found, number: save(path, found))
    for name in ("x", "y"):
        make_image(tmp_path / f"images/{name}.jpg", SIZE)
    save(tmp_path / "masks/z.png", classes(1))
    told = {one.code: one.count for one in seen(tmp_path).findings}
    assert told["missing_mask"] == 2 and told["missing_image"] == 1


@pytest.mark.parametrize("names", [("with_mask", "without_mask"), ("mask", "no_mask"), ("images_of_cats", "dogs")])
def test_class_folders_with_such_words_stay_classes(names, tmp_path):
    for name in names:
        for number in range(3):
            make_image(tmp_path / name / f"{number}.png", (160, 120), seed=number)
    assert seen(tmp_path).format != "mask_folders"


@pytest.mark.parametrize(
    ("name", "rank", "rest"),
    [
        ("masks", True, ()),
        ("annotations_prepped_train", True, ("prepped", "train")),
        ("ISIC_Task1_GroundTruth", True, ("1", "isic", "task")),
        ("trainannot", True, ("trainannot",)),
        ("SegmentationObject", False, ("object",)),
        ("weight", False, ("weight",)),
    ],
)
def test_words_of_folders(name, rank, rest):
    assert (words.mask_rank(name) is not None, words.rest(name)) == (rank, rest)


@pytest.mark.parametrize(
    ("stem", "image"),
    [("a_mask", "a"), ("mask_a", "a"), ("a.jpg_mask", "a"), ("7_gtFine_labelIds", "7"), ("amask", None), ("a", None)],
)
def test_words_of_files(stem, image):
    assert words.marked(stem) == image


def test_masks_drawn_by_hand_go_before_those_of_the_field_of_view(tmp_path, database):
    top = tmp_path / "DRIVE/training"
    truth = pairs(
        top, lambda path, found, number: save(path, found * 255),
        images="images/2{}_training.tif", masks_="1st_manual/2{}_manual1.gif",
    )  # fmt: skip
    for number in range(3):
        save(top / f"mask/2{number}_training_mask.gif", np.full(SIZE[::-1], 255, np.uint8))
    found = seen(tmp_path)
    assert codes(found) == ["labels_unread", "class_names"] and "mask" in found.findings[0].found
    check(found, truth, BACKGROUND)
