"""Class folders as people have them: what is stored is the truth, and the preview says the same."""

from pathlib import Path

import pytest

from datasets.exchange.importing import Preview, ingest, preview
from datasets.storage import collection
from tests.helpers import make_image

Truth = dict[str, tuple[str | None, str | None]]  # path: class, split


def made(root: Path, places: list[str]) -> Path:
    for number, place in enumerate(places):
        make_image(root / place, seed=number)
    return root


def of_preview(found: Preview, root: Path) -> Truth:
    return {
        record.path.relative_to(root.resolve()).as_posix(): (
            record.classification.label if record.classification else None,
            record.split,
        )
        for record in found.records
    }


def stored(root: Path) -> Truth:
    found = {}
    for document in collection.stream("probe"):
        label = document.get("ground_truth")
        path = Path(document["filepath"]).relative_to(root.resolve()).as_posix()
        found[path] = (label["label"] if label else None, document.get("split"))
    return found


def codes(found: Preview) -> set[str]:
    return {one.code for one in found.findings}


@pytest.mark.parametrize(
    ("truth", "told"),
    [
        ({"TRAIN/a/1.jpg": ("a", "train"), "TRAIN/b/2.jpg": ("b", "train"), "dev/a/3.jpg": ("a", "val"),
          "eval/b/4.jpg": ("b", "val")}, set()),
        ({"train/cat/1.jpg": ("cat", "train"), "train/dog/2.jpg": ("dog", "train"), "test/3.jpg": (None, "test"),
          "test/4.jpg": (None, "test")}, {"unlabelled_images"}),
        ({"train/cat/1.jpg": ("cat", "train"), "train/dog/2.jpg": ("dog", "train"),
          "test/unknown/3.jpg": (None, "test")}, {"bare_split", "unlabelled_images"}),
        ({"training_set/training_set/cats/1.jpg": ("cats", "train"), "training_set/training_set/dogs/2.jpg":
          ("dogs", "train"), "test_set/test_set/cats/3.jpg": ("cats", "test"),
          "test_set/test_set/dogs/4.jpg": ("dogs", "test")}, set()),
        ({"seg_train/seg_train/sea/1.jpg": ("sea", "train"), "seg_train/seg_train/ice/2.jpg": ("ice", "train"),
          "seg_test/seg_test/sea/3.jpg": ("sea", "test"), "seg_test/seg_test/ice/4.jpg": ("ice", "test")}, set()),
        ({"train/ok/1.jpg": ("ok", "train"), "val/ok/2.jpg": ("ok", "val")}, {"one_class"}),
        ({"train/images/cat/1.jpg": ("cat", "train"), "train/images/dog/2.jpg": ("dog", "train"),
          "val/images/cat/3.jpg": ("cat", "val")}, set()),
        ({"cat/train/1.jpg": ("cat", "train"), "cat/val/2.jpg": ("cat", "val"), "dog/train/3.jpg": ("dog", "train"),
          "dog/val/4.jpg": ("dog", "val")}, set()),
        ({"train/cat/1.jpg": ("cat", "train"), "val/cat/2.jpg": ("cat", "val"), "val/dog/3.jpg": ("dog", "val"),
          "cat/4.jpg": ("cat", None)}, set()),
        ({"train/n014/images/1.jpg": ("n014", "train"), "train/n015/images/2.jpg": ("n015", "train"),
          "val/images/3.jpg": (None, "val")}, {"unlabelled_images"}),
        ({"archive/sets/train/0/1.jpg": ("0", "train"), "archive/sets/train/1/2.jpg": ("1", "train"),
          "archive/sets/test/0/3.jpg": ("0", "test")}, set()),
    ],
)  # fmt: skip
def test_what_is_stored_is_the_truth(truth, told, tmp_path, database):
    root = made(tmp_path / "set", list(truth))
    found = preview(root)
    assert found.format == "class_folders" and of_preview(found, root) == truth
    assert told <= codes(found) and not {one for one in codes(found) - told if one.endswith("s_unread")}
    assert not [one for one in found.findings if one.code == "unnamed_images"]
    ingest(found, "probe", None)
    assert stored(root) == truth


@pytest.mark.parametrize(
    ("truth", "told"),
    [
        ({"good/1.jpg": "good", "bad/2.jpg": "bad", "test/3.jpg": "test"}, "split_as_class"),
        ({"bus/1.jpg": "bus", "car/2.jpg": "car", "train/3.jpg": "train"}, "split_as_class"),
        ({"101_ObjectCategories/ant/1.jpg": "ant", "101_ObjectCategories/bee/2.jpg": "bee"}, None),
        ({"covid/images/1.png": "covid", "normal/images/2.png": "normal"}, None),
        ({"mask/1.jpg": "mask", "no_mask/2.jpg": "no_mask"}, None),
        ({"fold_1/a/1.jpg": "a", "fold_1/b/2.jpg": "b", "fold_2/a/3.jpg": "a", "fold_2/b/4.jpg": "b"}, None),
        ({"animals/cat/1.jpg": "animals", "animals/dog/2.jpg": "animals", "plants/rose/3.jpg": "plants"},
         "nested_classes"),
        ({"cat/batch1/1.jpg": "cat", "cat/batch2/2.jpg": "cat", "dog/batch1/3.jpg": "dog"}, None),
    ],
)  # fmt: skip
def test_classes_without_splits(truth, told, tmp_path):
    root = made(tmp_path / "set", list(truth))
    found = preview(root)
    assert found.format == "class_folders"
    assert {path: label for path, (label, _) in of_preview(found, root).items()} == truth
    assert (told is None or told in codes(found)) and codes(found) <= {told, "groups_kept", "own_split"}


def test_names_of_layouts_are_no_classes(tmp_path):
    root = made(
        tmp_path, ["a/images/1.png", "b/images/2.png", "a/masks/1.png", "ground_truth/1.png", "JPEGImages/9.png"]
    )
    found = preview(root, "class_folders")
    assert found.classes == ("a", "b") and found.count == 2
    assert {"labels_unread", "unnamed_images"} <= codes(found)


@pytest.mark.parametrize(
    "places",
    [
        ["img/0.png", "img/1.png", "masks_machine/x0.png", "masks_machine/x1.png", "masks_human/y0.png"],
        [
            "images/0.png",
            "images/1.png",
            "masks/cell/0.png",
            "masks/cell/1.png",
            "masks/core/0.png",
            "masks/core/1.png",
        ],
    ],
)
def test_folders_of_masks_are_no_classes(places, tmp_path):
    found = preview(made(tmp_path, places))
    assert found.format != "class_folders" and not found.classes
    assert [one.severity for one in found.findings if one.code == "labels_unread"] == ["error"]


def test_images_in_pairs_of_one_name_are_told(tmp_path):
    found = preview(made(tmp_path, ["0.jpg", "0.png", "1.jpg", "1.png", "2.jpg"]))
    assert (found.format, found.count) == ("images", 5)
    assert [one.count for one in found.findings if one.code == "names_in_pairs"] == [2]


def test_a_set_inside_itself_once_more_is_read_once(tmp_path):
    places = [f"{top}{split}/{name}/{split}.jpg" for top in ("", "xray/") for split in ("train", "val")
              for name in ("ill", "well")]  # fmt: skip
    root = tmp_path / "xray"
    for place in places:
        make_image(root / place, seed=len(place.removeprefix("xray/")))
    made(root, ["__MACOSX/train/ill/._x.jpg"])
    found = preview(root)
    assert found.class_counts == {"ill": 2, "well": 2} and found.splits == {"train": 2, "val": 2}
    (told,) = (one for one in found.findings if one.code == "set_in_itself")
    assert told.count == 4 and "unnamed_images" not in codes(found)


def test_an_inner_set_with_other_images_is_read_too(tmp_path):
    root = made(
        tmp_path / "xray", ["train/ill/1.jpg", "train/well/2.jpg", "xray/train/ill/3.jpg", "xray/val/well/4.jpg"]
    )
    found = preview(root)
    assert found.class_counts == {"ill": 2, "well": 2} and found.splits == {"train": 3, "val": 1}


def test_what_systems_make_is_no_class(tmp_path):
    places = ["a/1.jpg", "b/2.jpg", "@eaDir/x/T.jpg", "a/@eaDir/1.jpg/T.jpg", "$RECYCLE.BIN/S/q.jpg",
              "b/.thumbnails/2.jpg", "System Volume Information/9.jpg", "lost+found/3.jpg"]  # fmt: skip
    found = preview(made(tmp_path, places))
    assert (found.format, found.class_counts) == ("class_folders", {"a": 1, "b": 1})


def test_one_image_beside_does_not_overturn_what_all_others_say(tmp_path):
    places = [f"{name}/{n}.jpg" for name in "ab" for n in range(4)]
    found = preview(made(tmp_path, [*places, "overview.jpg"]))
    assert (found.format, found.labels) == ("class_folders", 8)
    (told,) = (one for one in found.findings if one.code == "unnamed_images")
    assert "overview.jpg" in told.found


def test_many_images_beside_are_a_folder_of_images(tmp_path):
    found = preview(made(tmp_path, ["a/1.jpg", "b/2.jpg", "3.jpg", "4.jpg"]))
    assert (found.format, found.count) == ("images", 4)
    assert "a, b" in "".join(one.found for one in found.findings if one.code == "folders_not_classes")


def test_the_order_of_a_list_counts_only_where_it_lists_the_folders(tmp_path):
    root = made(tmp_path, ["n01/1.jpg", "n02/2.jpg"])
    (root / "classes.txt").write_text("n02\nn01\nn03\n")
    assert preview(root).classes == ("n02", "n01", "n03")
    (root / "classes.txt").write_text("cat\ndog\n")
    found = preview(root)
    assert found.classes == ("n01", "n02") and "classes_unused" in codes(found)


def test_numbered_lists_beside_class_folders_are_splits_whatever_else_lies_there(tmp_path):
    """DTD: ten ways to split, and a list of images with their class; all in a folder called labels."""
    for name in ("banded", "woven"):
        for number in range(3):
            make_image(tmp_path / "dtd" / "images" / name / f"{name}_{number}.jpg", seed=number + len(name))
    lists = tmp_path / "dtd" / "labels"
    lists.mkdir()
    for split, first, second in (("train", 0, 1), ("val", 1, 2), ("test", 2, 0)):
        for way, number in ((1, first), (2, second)):
            text = "".join(f"{name}/{name}_{number}.jpg\n" for name in ("banded", "woven"))
            (lists / f"{split}{way}.txt").write_text(text)
    every = "".join(f"{name}/{name}_{n}.jpg {name} \n" for name in ("banded", "woven") for n in range(3))
    (lists / "labels_joint_anno.txt").write_text(every)
    found = preview(tmp_path)
    made = {record.path.stem: (record.split, record.classification.label) for record in found.records}
    expected = (("train", 0), ("val", 1), ("test", 2))
    assert made == {f"{name}_{n}": (split, name) for name in ("banded", "woven") for split, n in expected}
    assert "several_ways" in {one.code for one in found.findings}


def test_a_text_in_a_split_of_bare_images_gives_their_classes(tmp_path, database):
    """Tiny ImageNet: train/CLASS/images, val/images with val_annotations.txt, test/images without labels."""
    for name in ("n01", "n02"):
        make_image(tmp_path / "tiny" / "train" / name / "images" / f"{name}_0.JPEG", seed=int(name[1:]))
    for split in ("val", "test"):
        for number in range(2):
            make_image(tmp_path / "tiny" / split / "images" / f"{split}_{number}.JPEG", seed=10 + number + len(split))
    rows = "val_0.JPEG\tn02\t0\t32\t44\t46\nval_1.JPEG\tn01\t52\t5\t57\t9\n"
    (tmp_path / "tiny" / "val" / "val_annotations.txt").write_text(rows)
    (tmp_path / "tiny" / "wnids.txt").write_text("n01\nn02\n")
    found = preview(tmp_path)
    ingest(found, "tiny")
    made = {
        Path(one["filepath"]).stem: (one["split"], (one.get("ground_truth") or {}).get("label"))
        for one in collection.stream("tiny")
    }
    assert made == {
        "n01_0": ("train", "n01"), "n02_0": ("train", "n02"), "val_0": ("val", "n02"), "val_1": ("val", "n01"),
        "test_0": ("test", None), "test_1": ("test", None),
    }  # fmt: skip
    codes = [one.code for one in found.findings]
    assert "listed_classes" in codes and "labels_unread" not in codes


def test_a_table_of_another_split_gives_bare_images_of_the_same_names_no_class(tmp_path):
    for name in ("cat", "dog"):
        for number in range(2):
            make_image(tmp_path / "set" / "train" / name / f"{name}{number}.jpg", seed=number + len(name))
    for name in ("cat0", "dog0"):
        make_image(tmp_path / "set" / "test" / f"{name}.jpg", seed=50 + ord(name[0]))
    (tmp_path / "set" / "train.csv").write_text("cat0.jpg,cat\ndog0.jpg,dog\n")
    (tmp_path / "set" / "test" / "sample_submission.csv").write_text("cat0.jpg,cat\ndog0.jpg,dog\n")
    found = preview(tmp_path, "class_folders")
    assert {(one.split, one.classification is None) for one in found.records} == {("train", False), ("test", True)}


def test_a_table_of_few_images_does_not_overturn_class_folders(tmp_path):
    for name in ("cat", "dog"):
        for number in range(3):
            make_image(tmp_path / name / f"{name}{number}.jpg", seed=number + ord(name[0]))
    (tmp_path / "scores.csv").write_text("id,label,score\ncat0,1,0.5\ncat1,0,0.2\n")
    found = preview(tmp_path)
    assert (found.format, dict(found.class_counts)) == ("class_folders", {"cat": 3, "dog": 3})
    assert "scores.csv" in " ".join(map(str, found.findings))
