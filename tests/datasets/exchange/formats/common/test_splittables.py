"""Splits by tables, flags and first words of names: which image is in which split of the stored dataset."""

from pathlib import Path

import pytest

from datasets.exchange.importing import ingest, preview
from datasets.storage import collection
from tests.helpers import make_image


def stored(folder: Path, name: str = "probe") -> dict[str, tuple[str, str]]:
    """The split and the class of each image, by its path below the folder; the preview says the same."""
    found = preview(folder)
    ingest(found, name)
    made = {}
    for raw in collection.stream(name):
        path = str(Path(raw["filepath"]).relative_to(folder.resolve()))
        made[path] = (raw.get("split"), (raw.get("ground_truth") or {}).get("label"))
    said = {
        str(one.path.relative_to(folder.resolve())): (one.split, one.classification and one.classification.label)
        for one in found.records
    }
    assert said == made
    return made


def birds(folder: Path) -> None:
    for number, place in enumerate(("001.A/a", "001.A/b", "002.B/a", "002.B/b")):
        make_image(folder / "images" / f"{place}.jpg", seed=number)


TABLES = {
    "train_test_split.txt": "1 0\n2 1\n3 1\n4 0\n",
    "splits.csv": "path,split\n001.A/a.jpg,test\n001.A/b.jpg,train\n002.B/a.jpg,training\n002.B/b.jpg,test\n",
    "list_eval_partition.txt": "001.A/a.jpg 2\n001.A/b.jpg 0\n002.B/a.jpg 0\n002.B/b.jpg 1\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_splits_beside_class_folders_is_used(name, tmp_path, database):
    birds(tmp_path)
    (tmp_path / name).write_text(TABLES[name])
    if name.startswith("train_test"):
        (tmp_path / "images.txt").write_text("1 001.A/a.jpg\n2 001.A/b.jpg\n3 002.B/a.jpg\n4 002.B/b.jpg\n")
    last = "val" if name.startswith("list") else "test"
    assert stored(tmp_path) == {
        "images/001.A/a.jpg": ("test", "001.A"),
        "images/001.A/b.jpg": ("train", "001.A"),
        "images/002.B/a.jpg": ("train", "002.B"),
        "images/002.B/b.jpg": (last, "002.B"),
    }
    assert not [one for one in preview(tmp_path).findings if one.code == "labels_unread"]


def test_a_table_that_says_no_split_is_left_alone(tmp_path):
    birds(tmp_path)
    (tmp_path / "splits.csv").write_text("path,price\n001.A/a.jpg,3\n001.A/b.jpg,1\n002.B/a.jpg,2\n")
    assert {record.split for record in preview(tmp_path).records} == {None}


@pytest.mark.parametrize(("name", "no"), [("is_train", "test"), ("IsTest", "train"), ("is_valid", "train")])
def test_a_column_of_yes_and_no_is_a_split(name, no, tmp_path, database):
    yes = {"is_train": "train", "IsTest": "test", "is_valid": "val"}[name]
    for image in "abc":
        make_image(tmp_path / f"{image}.jpg", seed=ord(image))
    (tmp_path / "l.csv").write_text(f"file,label,{name}\na.jpg,cat,1\nb.jpg,dog,0\nc.jpg,dog,True\n")
    assert stored(tmp_path) == {"a.jpg": (yes, "cat"), "b.jpg": (no, "dog"), "c.jpg": (yes, "dog")}
    assert "flag_of_split" in {one.code for one in preview(tmp_path).findings}


def test_names_that_all_begin_with_a_split_give_it_with_a_note(tmp_path):
    for place in ("cat/train_1", "dog/train_2", "cat/val_3", "dog/test_4"):
        make_image(tmp_path / f"{place}.jpg", seed=len(place) + int(place[-1]))
    found = preview(tmp_path)
    splits = {record.path.stem: record.split for record in found.records}
    assert splits == {"train_1": "train", "train_2": "train", "val_3": "val", "test_4": "test"}
    assert "splits_by_names" in {one.code for one in found.findings}
    make_image(tmp_path / "cat" / "other_5.jpg", seed=99)
    assert {record.split for record in preview(tmp_path).records} == {None}
