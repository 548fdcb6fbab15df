import pytest

from datasets.exchange.formats.common.foldernames import holds, is_part, is_unlabelled


@pytest.mark.parametrize(
    "name",
    ["images", "JPEGImages", "images_001", "train_images", "img_dir", "obj_train_data", "leftImg8bit", "imgs", "Image"],
)
def test_folders_of_images(name):
    assert holds(name) == "images"


@pytest.mark.parametrize(
    "name",
    ["masks", "train_masks", "ground_truth", "Annotations", "labels", "gtFine", "SegmentationClass", "label_png",
     "annotations_prepped_train", "ann_dir", "GT"],
)  # fmt: skip
def test_folders_of_labels(name):
    assert holds(name) == "labels"


@pytest.mark.parametrize(
    "name", ["no_mask", "with_mask", "cat", "imagery", "goat", "class_0", "0", "labelled cats", "test"]
)
def test_names_of_classes_and_splits_say_nothing(name):
    assert holds(name) is None


@pytest.mark.parametrize("name", ["batch_1", "fold3", "Part 2", "2021", "2021-05", "100CANON", "site_a", "cam01"])
def test_parts(name):
    assert is_part(name)


@pytest.mark.parametrize("name", ["cat", "c0", "n01440764", "12", "site", "class_1", "part", "setter"])
def test_names_that_are_no_parts(name):
    assert not is_part(name)


def test_unlabelled():
    assert is_unlabelled("_unlabelled") and is_unlabelled("Unlabeled") and not is_unlabelled("label")
