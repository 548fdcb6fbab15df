"""Reports as records and as JSON, of this version and of earlier ones."""

import dataclasses
import json
from typing import Any

import pytest

from datasets.evaluation import cards
from datasets.evaluation.cards import Card, ClassCard, ObjectsCard, Origin, PixelsCard, Report, TagsCard

ORIGIN = Origin(run="r1", field="pred_r1", label_field="ground_truth", confidence_floor=0.001, changed_meanwhile=2)
CARDS = [
    ObjectsCard(protocol="COCO", iou=0.5, iou_thresholds=(0.5, 0.55), max_detections={"map": 100}, origin=ORIGIN),
    ClassCard(protocol="one", calibration="ece", confusion=((1, 0), (0, 2)), findings=("a",), origin=ORIGIN),
    TagsCard(protocol="many", confidence={"a": 0.2}, samples=3, origin=ORIGIN),
    PixelsCard(protocol="masks", boundary="near", confusion=((4, 1),), split="val", origin=ORIGIN),
]
# As version 1 of `report.json` held it, keys of later cards missing and one that is gone since.
EARLIER: dict[str, Any] = {
    "metrics": {"map": 0.5, "tp": 3, "map_small": None},
    "per_class": {"cat": {"ap": 0.5, "labels": 3}},
    "card": {"protocol": "COCO, boxes", "confidence": 0.25, "iou": 0.5, "samples": 4, "split": "val",
             "findings": ["warning: x"], "run": "r1", "field": "pred_r1", "gone": True},
}  # fmt: skip


@pytest.mark.parametrize("card", CARDS, ids=lambda card: type(card).__name__)
def test_a_report_is_the_same_after_json(card: Card) -> None:
    report = Report({"a": 0.5, "b": None, "c": 3}, {"cat": {"a": 0.1}}, card)
    stored = json.loads(json.dumps(report.plain()))
    assert cards.read(stored) == report
    assert stored["card"]["run"] == "r1" and "origin" not in stored["card"]
    assert cards.read(stored).plain() == stored


def test_reports_of_earlier_versions_are_read() -> None:
    report = cards.read(json.loads(json.dumps(EARLIER)))
    assert isinstance(report.card, ObjectsCard)
    assert (report.metrics["map"], report.card.iou, report.card.samples, report.card.findings) == (
        0.5, 0.5, 4, ("warning: x",),
    )  # fmt: skip
    assert (report.card.origin.field, report.card.origin.weights, report.card.crowds) == ("pred_r1", None, 0)
    assert cards.read({"metrics": {"map": 0.5}}).card == Card()


def test_a_report_cannot_be_changed_but_copied() -> None:
    report = Report({}, {}, CARDS[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.card.iou = 0.7  # type: ignore[attr-defined,misc]
    assert report.of_split("test").card.split == "test" and report.card.split == "all"
    assert report.changed(5).card.origin.changed_meanwhile == 5 and report.card.origin.changed_meanwhile == 2
