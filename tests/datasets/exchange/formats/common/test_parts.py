"""Splits by lists and by folders, and parts that are none: for a format that knows no splits itself."""

import json

import pytest

from datasets.exchange.importing import preview
from tests.helpers import make_image
from tests.stored import imported, stored

CODES = {"trainval", "in_two_splits", "listed_only", "several_ways", "unused_list", "groups_kept"}


def images(folder, *names):
    for number, name in enumerate(names):
        make_image(folder / name, seed=number)
    return folder


def splits_of(folder, **options):
    """The split of each image as stored, and the codes of findings."""
    found, held = imported(folder, format="images", **options)
    return {path: one.split for path, one in held.items()}, [one.code for one in found.findings if one.code in CODES]


@pytest.mark.parametrize(
    "lines",
    [
        ("a\nb\n", "c\n"), ("a.jpg\r\nb.jpg\r\n", "c.jpg\r\n"), ("# of 2026\n\na 1\nb -1\n", "c  0\n"),
        ("pics/a.jpg\npics/b.jpg", "pics/c.jpg"), ("./pics/a.jpg\n.\\pics\\b.jpg", "/data/x/pics/c.jpg"),
        ("a.jpg,cat\nb.jpg,dog", "c.jpg,cat"), ("pics/a*\npics/b.*", "*/c.jpg"), ('"a.jpg"\n"b.jpg"', "C.JPG"),
    ],
    ids=["stems", "names", "columns", "paths", "prefixes", "commas", "patterns", "quotes"],
)  # fmt: skip
@pytest.mark.parametrize("where", ["", "ImageSets/Main", "splits"])
def test_lists_in_their_usual_forms(lines, where, tmp_path, database):
    images(tmp_path, "pics/a.jpg", "pics/b.jpg", "pics/c.jpg", "pics/d.jpg")
    (tmp_path / where).mkdir(parents=True, exist_ok=True)
    for name, text in zip(("train.txt", "val.txt"), lines, strict=True):
        (tmp_path / where / name).write_bytes(text.encode())
    assert splits_of(tmp_path) == (
        {"pics/a.jpg": "train", "pics/b.jpg": "train", "pics/c.jpg": "val", "pics/d.jpg": None}, [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lists", "splits", "codes"),
    [
        ({"trainval": "abc", "test": "d"}, "train train train test", ["trainval"]),
        ({"trainval": "abc", "train": "ab", "test": "d"}, "train train val test", ["trainval"]),
        ({"trainval": "abc", "train": "ab", "val": "c"}, "train train val None", []),
        ({"cat_train": "ab", "cat_val": "cd"}, "train train val val", []),
        ({"train": "abc", "val": "cd"}, "train train train val", ["in_two_splits"]),
        ({"train": "abz", "val": "c"}, "train train val None", ["listed_only"]),
        ({"train1": "ab", "test1": "cd", "train2": "cd", "test2": "ab"}, "train train test test", ["several_ways"]),
        ({"train-0-of-2": "ab", "train-1-of-2": "c", "test-0-of-1": "d"}, "train train train test", []),
        ({"train": "xyz"}, "None None None None", ["unused_list"]),
    ],
)
def test_which_lists_count(lists, splits, codes, tmp_path, database):
    images(tmp_path, *(f"{stem}.jpg" for stem in "abcd"))
    for name, stems in lists.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(stems))
    found, told = splits_of(tmp_path)
    assert [str(found[f"{stem}.jpg"]) for stem in "abcd"] == splits.split() and told == codes


def test_equal_names_in_two_folders_and_lists_of_two_sets(tmp_path, database):
    for year in ("2007", "2012"):
        images(tmp_path / year, "JPEGImages/1.jpg", "JPEGImages/2.jpg")
        (tmp_path / year / "ImageSets").mkdir()
    images(tmp_path, "cam1/3.jpg", "cam2/3.jpg")
    (tmp_path / "2007" / "ImageSets" / "train.txt").write_text("1\n2\n")
    (tmp_path / "2012" / "ImageSets" / "val.txt").write_text("1\n2\n")
    (tmp_path / "test.txt").write_text("cam2/3\n")
    found, _ = splits_of(tmp_path)
    assert found == {
        "2007/JPEGImages/1.jpg": "train", "2007/JPEGImages/2.jpg": "train", "2012/JPEGImages/1.jpg": "val",
        "2012/JPEGImages/2.jpg": "val", "cam1/3.jpg": None, "cam2/3.jpg": "test",
    }  # fmt: skip


def test_a_json_of_splits(tmp_path, database):
    images(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    text = json.dumps({"train": [["a.jpg", 0, "cat"]], "val": [["b.jpg", 0, "cat"]], "test": [["c.jpg", 1, "dog"]]})
    (tmp_path / "split_zhou.json").write_text(text)
    assert splits_of(tmp_path)[0] == {"a.jpg": "train", "b.jpg": "val", "c.jpg": "test"}


def test_texts_that_are_no_lists_are_left_alone(tmp_path, database):
    images(tmp_path, "train_a.jpg", "b.jpg")
    (tmp_path / "train_a.txt").write_text("0 0.5 0.5 0.2 0.2\n")  # the label file of an image
    (tmp_path / "training.txt").write_text("We trained for 30 epochs, with a learning rate of 0.1.\nThen we slept.\n")
    assert splits_of(tmp_path)[0] == {"train_a.jpg": None, "b.jpg": None}


def test_folders_of_splits_at_any_level(tmp_path, database):
    images(tmp_path, "set/images/train2014/a.jpg", "set/images/val2014/b.jpg", "set/images/val2014/x/c.jpg")
    assert list(splits_of(tmp_path)[0].values()) == ["train", "val", "val"]


def test_parts_that_are_no_splits_become_tags(tmp_path, database):
    images(tmp_path, "images/site_a/1.jpg", "images/site_b/1.jpg", "images/test/2.jpg")
    found, held = imported(tmp_path, format="images")
    assert {path: (one.split, one.tags) for path, one in held.items()} == {
        "images/site_a/1.jpg": (None, ["site_a"]), "images/site_b/1.jpg": (None, ["site_b"]),
        "images/test/2.jpg": (None, ["test"]),
    }  # fmt: skip
    (told,) = (one for one in found.findings if one.code in CODES)
    assert told.code == "groups_kept" and "site_a, site_b, test" in told.found


def test_lists_of_folds_become_tags(tmp_path, database):
    images(tmp_path, *(f"{stem}.jpg" for stem in "abcd"))
    (tmp_path / "splits").mkdir()
    for name, stems in (("fold_1", "ab"), ("fold_2", "cd")):
        (tmp_path / "splits" / f"{name}.txt").write_text("\n".join(stems))
    _, held = imported(tmp_path, format="images")
    assert {path: one.tags for path, one in held.items()} == {
        "a.jpg": ["fold_1"], "b.jpg": ["fold_1"], "c.jpg": ["fold_2"], "d.jpg": ["fold_2"],
    }  # fmt: skip


def test_a_link_to_the_source_does_not_hide_its_splits(tmp_path, database):
    images(tmp_path / "real", "train/a.jpg", "val/b.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert preview(tmp_path / "link", "images").splits == {"train": 1, "val": 1}


def test_a_split_of_our_own_is_told(tmp_path, database):
    from datasets.exchange.importing import ingest

    images(tmp_path / "s", *(f"{n}.jpg" for n in range(8)))
    report = ingest(tmp_path / "s", "ours")
    (told,) = report.findings
    assert (told.severity, told.code) == ("note", "own_split") and "none named" in told.found
    assert "70/15/15" in told.action and "seed 51" in told.action
    assert {one.split for one in stored("ours", tmp_path / "s").values()} == {"train", "val", "test"}
    images(tmp_path / "t", "train/a.jpg", "val/b.jpg")
    assert not [one for one in ingest(tmp_path / "t", "theirs").findings if one.code == "own_split"]
    replaced = ingest(tmp_path / "t", "again", splits=(1.0, 0.0, 0.0)).findings
    assert ["train 1, val 1" in one.found for one in replaced if one.code == "own_split"] == [True]
