import pytest

from datasets.exchange.formats.common.splits import among, is_trainval, split_in, split_of

NAMES = {
    "train": "train TRAIN Training train2014 train_images images_prepped_train training_set trainset trainA trainval "
    "train-00000-of-00002 instances_train2014 TrainImages train_val labels_train training_set_1 trainannot 训练集",
    "val": "val valid validation VAL2017 dev eval keypoints_val2017 val_256 minival valset images-val",
    "test": "test testing test_images test-dev2017 test1 PublicTest testB holdout test_set testset",
}  # fmt: skip


@pytest.mark.parametrize(("split", "name"), [(split, name) for split, some in NAMES.items() for name in some.split()])
def test_words_for_a_split_among_harmless_ones(split, name):
    assert split_of(name) == split == split_in(name)


@pytest.mark.parametrize(
    "name",
    ["detrain", "constraint", "contest", "latest", "images", "test_tube", "train_station", "fold_3"],
)
def test_names_that_denote_none(name):
    assert split_of(name) is None


@pytest.mark.parametrize("name", ["train_test_split", "train_vs_test", "val_test", "strain", "unlabeled2017"])
def test_names_of_files_with_several_words_or_none(name):
    assert split_in(name) is None


def test_names_of_files_may_have_any_other_words():
    assert split_in("via_region_data_val") == "val" and split_in("cats-and-dogs.train") == "train"


def test_train_and_val_together():
    assert [is_trainval(name) for name in ("trainval", "train_val", "bird_trainval", "trainval07", "train", "val")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["train", "val"], {"train": "train", "val": "val"}),
        (["TRAIN", "dev", "eval"], {"TRAIN": "train", "dev": "val", "eval": "val"}),
        (["train", "test", "extra"], {"train": "train", "test": "test"}),
        (["pets_train", "pets_val"], {"pets_train": "train", "pets_val": "val"}),
        (["test"], {"test": "test"}),
        (["good", "bad", "test"], {}),
        (["bus", "car", "train"], {}),
        (["test_tube", "train_station"], {}),
        ([], {}),
    ],
)
def test_folders_side_by_side(names, splits):
    assert among(names) == splits
