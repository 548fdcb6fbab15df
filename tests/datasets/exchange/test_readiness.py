"""What a training will ask for is told while a source is imported, and told anew when it gets other splits."""

from pathlib import Path

import pytest
import yaml

from datasets.exchange import importing
from datasets.exchange.importing import preview, with_splits
from datasets.exchange.readiness import readiness
from datasets.records import ImageRecord, Label
from datasets.workspace import Workspace
from tests.helpers import make_coco, make_image, make_yolo

BOX = (0.1, 0.1, 0.2, 0.2)


def codes(found: importing.Preview) -> set[str]:
    return {one.code for one in found.findings}


def record(split: str | None, *classes: str) -> ImageRecord:
    return ImageRecord(Path("/a.jpg"), split=split, objects=tuple(Label(name, BOX) for name in classes))


def test_a_yaml_that_names_one_folder_for_train_and_val(tmp_path: Path, workspace: Workspace) -> None:
    folder = make_yolo(tmp_path / "set", 6).parent
    for file in folder.glob("*.y*ml"):
        told = yaml.safe_load(file.read_text())
        file.write_text(yaml.safe_dump({**told, "val": told["train"]}))
    found = preview(folder)
    kept = with_splits(found, importing.AUTO, 51)
    (note,) = [one for one in kept.findings if one.code == "no_validation_split"]
    assert with_splits(kept, importing.AUTO, 51).findings == kept.findings  # told once
    assert note.severity == "note" and "--splits" in note.action and f"train: {found.count}" in note.found
    again = with_splits(kept, (0.5, 0.5, 0.0), 51)
    assert "no_validation_split" not in codes(again) and {"train", "val"} == set(again.splits)
    assert "no_train_split" in codes(with_splits(found, (0.0, 0.0, 1.0), 51))


def test_a_source_without_splits_asks_for_none(tmp_path: Path, workspace: Workspace) -> None:
    make_image(tmp_path / "pets" / "cat" / "1.jpg")
    make_image(tmp_path / "pets" / "dog" / "2.jpg", seed=1)
    for source in (tmp_path / "pets", make_coco(tmp_path / "set", 6)):
        found = with_splits(preview(source), importing.AUTO, 51)
        assert not {"no_validation_split", "no_train_split"} & codes(found)
    assert list(readiness([record(None, "cat")])) == []


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([record("train", "cat"), record("val", "cat")], {}),
        ([*[record("train", "cat", "dog", "owl")] * 7, record("val", "cat")], {"class_not_in_validation": 2}),
        ([record("train", "cat", "dog"), record("val", "cat")], {}),  # one label is in one split alone
        ([record("train", "cat"), record("val", "cat"), *[record("test", "dog")] * 7], {"class_not_in_train": 1}),
        ([record("train", "cat"), record("val")], {}),  # labels to come
        ([record("test", "cat")], {"no_train_split": 0, "no_validation_split": 0}),
        ([record("train", "cat"), record(None, "cat")], {"no_validation_split": 0}),
    ],
)
def test_splits_and_classes_are_told_once_with_a_count(records: list[ImageRecord], expected: dict[str, int]) -> None:
    found = list(readiness(records))
    assert {one.code: one.count if one.code.startswith("class") else 0 for one in found} == expected
    assert all(one.severity == "note" and one.action for one in found)
