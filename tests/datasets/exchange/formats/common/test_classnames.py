"""Names of classes that are nearly equal, and those that were made up."""

import json
import unicodedata

import pytest

from datasets.exchange.formats.base import Findings, Source
from datasets.exchange.formats.common import classnames
from datasets.exchange.importing import ingest, preview
from datasets.kinds import CLASSIFICATIONS
from datasets.records import ImageRecord, Label
from datasets.storage import store
from tests.helpers import make_image


@pytest.mark.parametrize(
    "pair",
    [("bolt", "bolt "), ("nut", "Nut"), ("traffic light", "Traffic  Light"), ("Straße", "STRASSE"),
     (unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café")), ("x\u00a0y", "x y")],
)  # fmt: skip
def test_names_that_a_person_takes_for_one(pair):
    assert classnames.alike([pair[0], "other", pair[1]]) == (pair,)


@pytest.mark.parametrize("pair", [("bolt", "bolts"), ("a1", "a2"), ("traffic light", "traffic_light"), ("x", "y")])
def test_names_that_are_two(pair):
    assert classnames.alike(pair) == ()


def test_names_alike_are_one_warning_with_counts():
    findings = Findings()
    classnames.tell_alike(["bolt", "nut", "bolt ", "Nut"], {"bolt": 2, "bolt ": 1}, "here", findings)
    (told,) = findings.all()
    assert (told.severity, told.code, told.count) == ("warning", "names_alike", 2)
    assert "'bolt' (2 labels) and 'bolt ' (1 labels), 'nut' (0 labels) and 'Nut' (0 labels)" in told.found


def test_joined_names_are_those_with_the_most_labels(tmp_path):
    records = (
        ImageRecord(tmp_path / "a.jpg", classifications=(Label("Nut"), Label("nut"), Label("bolt"))),
        ImageRecord(tmp_path / "b.jpg", classification=Label("Nut"), others={"x": (Label("bolt "),)}),
    )
    source = Source(records, ("bolt", "nut", "bolt ", "Nut"), CLASSIFICATIONS)
    made = classnames.joined(source, {"bolt": 1, "nut": 1, "Nut": 2})
    assert made.classes == ("bolt", "Nut")
    assert [one.label for one in made.records[0].classifications] == ["Nut", "bolt"]
    assert made.records[1].classification == Label("Nut") and made.records[1].others == {"x": (Label("bolt"),)}


def coco(folder):
    """Two files with names that are nearly equal, and one box each."""
    for number, (split, name) in enumerate((("train", "bolt"), ("val", "Bolt "))):
        image = make_image(folder / "images" / split / f"{split}.jpg", (64, 48), seed=number)
        document = {
            "images": [{"id": 1, "file_name": image.name, "width": 64, "height": 48}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, 9, 9]}],
            "categories": [{"id": 1, "name": name}],
        }
        (folder / "annotations").mkdir(exist_ok=True)
        (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(document))
    return folder


def test_a_person_may_merge_them_on_import(tmp_path, database):
    shown = preview(coco(tmp_path))
    assert shown.class_counts == {"bolt": 1, "Bolt ": 1} and "names_alike" in [one.code for one in shown.findings]
    merged = preview(tmp_path, merge_names=True)
    assert merged.class_counts == {"bolt": 2} and "names_alike" not in [one.code for one in merged.findings]
    ingest(tmp_path, "set")
    assert store.summary("set").class_counts["ground_truth"] == {"bolt": 1, "Bolt ": 1}


def test_made_up_names_are_one_note():
    findings = Findings()
    classnames.tell_made_up([], "here", findings)
    classnames.tell_made_up([classnames.numbered(n) for n in range(7)], "here", findings)
    (told,) = findings.all()
    assert (told.severity, told.count) == ("note", 7)
    assert "class_0, class_1, class_2, class_3, class_4 and 2 more" in told.action
