"""Rules of a schema: each finds what breaks it and nothing else, of one sample and of a view."""

import math
from typing import Any

import pytest

from datasets.kinds import DETECTIONS, KEYPOINTS, POLYLINES, SEGMENTATION
from datasets.labeling import rules, schemas
from datasets.labelschema import Rules, Schema, SchemaAttribute, SchemaClass, Skeleton
from datasets.records import Label
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

SIZE = (200, 100)
CLASSES = (SchemaClass(name="cat"), SchemaClass(name="dog"))
STYLE = SchemaAttribute(name="style", kind="choice", choices=("a", "b"), required=True, classes=("dog",))


def broken(found: list[Label], kind: Any = DETECTIONS, **parts: Any) -> list[tuple[str, str]]:
    schema = Schema(classes=CLASSES, **parts)
    return [(one.rule, one.found) for one in rules.problems(found, schema, kind, SIZE)]


@pytest.mark.parametrize(
    ("label", "parts", "found"),
    [
        (Label("cow", (0.1, 0.1, 0.5, 0.5)), {}, [("class", "'cow'")]),
        (Label("cat", (0.1, 0.1, 0.5, 0.5)), {"attributes": (STYLE,)}, []),
        (Label("dog", (0.1, 0.1, 0.5, 0.5)), {"attributes": (STYLE,)}, [("attribute", "none")]),
        (Label("dog", (0.1, 0.1, 0.5, 0.5), attributes={"style": "c"}), {"attributes": (STYLE,)},
         [("attribute", "'c', none of its choices")]),
        (Label("cat", (0.1, 0.1, 0.02, 0.05)), {"rules": Rules(smallest=5)}, [("smallest", "4 x 5")]),
        (Label("cat", (0.1, 0.1, 0.025, 0.05)), {"rules": Rules(smallest=5)}, []),
        (Label("cat", (0.9, 0.1, 0.11, 0.05)), {"rules": Rules(inside=True)},
         [("inside", "one that leaves it by 1.00%")]),
        (Label("cat", (0.9, 0.1, 0.1, 0.05)), {"rules": Rules(inside=True)}, []),
    ],
)  # fmt: skip
def test_a_rule_finds_what_breaks_it(label: Label, parts: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert broken([label], **parts) == found


def test_overlaps_are_those_of_one_class_above_the_limit() -> None:
    boxes = [Label("cat", (0, 0, 0.5, 0.5)), Label("cat", (0, 0, 0.5, 0.4)), Label("dog", (0, 0, 0.5, 0.5)),
             Label("cat", (0, 0, 0.5, 0.5), crowd=True)]  # fmt: skip
    assert broken(boxes, rules=Rules(overlap=0.7)) == [("overlap", "0.80")]
    assert broken(boxes, rules=Rules(overlap=0.8)) == [] and broken(boxes) == []


def test_points_are_measured_and_counted() -> None:
    line = Label("cat", points=(((0.1, 0.1), (1.2, 0.2)),))
    assert broken([line], POLYLINES, rules=Rules(inside=True)) == [("inside", "one that leaves it by 20.00%")]
    pose = Label("cat", points=(((0.1, 0.1), (math.nan, math.nan)),))
    three = Skeleton(points=("a", "b", "c"))
    assert broken([pose], KEYPOINTS, skeleton=three, rules=Rules(inside=True)) == [("skeleton", "2")]


def test_masks_of_whole_images_have_no_labels_to_check() -> None:
    assert broken([Label("", mask_path="x")], SEGMENTATION) == []


def test_a_report_counts_labels_and_names_the_samples(database: Workspace) -> None:
    store.create("pets", {"boxes": "detections"}, ["cat", "dog"])
    metadata = collection.image_metadata(*SIZE, 1, "image/png", 3)
    several = [[Label("cat", (0.1, 0.1, 0.5, 0.5))], [Label("cow", (0, 0, 0.01, 0.5)), Label("cow", (0, 0, 1, 1))], []]
    ids = collection.insert("pets", [
        collection.sample_document(f"/nowhere/{n}.png", metadata, boxes=to_document("detections", found))
        for n, found in enumerate(several)])  # fmt: skip
    schemas.write("pets", "boxes", Schema(classes=(*CLASSES, SchemaClass(name="cow"))), if_match="*")
    assert rules.report(ViewSpec(dataset="pets"), "boxes").findings == ()
    schema = Schema(classes=(*CLASSES, SchemaClass(name="cow")), rules=Rules(smallest=4))
    schemas.write("pets", "boxes", schema, if_match="*")
    found = rules.report(ViewSpec(dataset="pets"), "boxes")
    assert found.samples == 3 and found.counts == {"smallest": 1} and found.view("smallest").ids == (ids[1],)
    assert "1 labels in 1 samples" in found.findings[0].found
    assert [one.rule for one in rules.of_sample("pets", "boxes", ids[1])] == ["smallest"]
    assert rules.of_sample("pets", "boxes", ids[0]) == []
