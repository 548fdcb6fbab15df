"""FiftyOne's Annotate tab: its label schemas are ours, and FiftyOne's own check takes them."""

import pytest

from datasets.kinds import DETECTIONS
from datasets.labeling import annotating, classes, schemas
from datasets.labeling.class_changes import ClassChange
from datasets.labelschema import Schema, SchemaAttribute, SchemaClass
from datasets.records import Label
from datasets.storage import collection, store, vendor
from datasets.storage.labels import to_document
from datasets.workspace import Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CLASSES = (SchemaClass(name="cat"), SchemaClass(name="dog"))
ATTRIBUTES = (
    SchemaAttribute(name="colour", kind="choice", choices=("red", "blue"), default="red"),
    SchemaAttribute(name="age", kind="number", minimum=0, maximum=9, default=1),
    SchemaAttribute(name="weight", kind="number"), SchemaAttribute(name="tame", kind="flag", default=False),
    SchemaAttribute(name="note", kind="text"),
)  # fmt: skip


def test_fiftyone_takes_the_schema_and_shows_it(database: Workspace) -> None:
    fields = {"boxes": "detections", "lines": "polylines", "kind": "classification", "all": "classifications",
              "points": "keypoints"}  # fmt: skip
    store.create("pets", fields, ["cat", "dog"])
    boxes = to_document("detections", [Label("cat", (0.1, 0.1, 0.5, 0.5), attributes={"age": 1.5})])
    collection.insert("pets", [collection.sample_document("/nowhere/1.png", boxes=boxes)])
    for field in fields:
        schemas.write("pets", field, Schema(classes=CLASSES, attributes=ATTRIBUTES), if_match="*")
    assert set(annotating.tell("pets")) == {"boxes", "lines", "kind", "all"}
    dataset = vendor.fiftyone().load_dataset("pets")
    dataset.reload()
    assert set(dataset.active_label_schemas) == {"boxes", "lines", "kind", "all"}
    said = dataset.label_schemas["boxes"]
    assert (said["type"], said["component"], said["classes"]) == ("detections", "radio", ["cat", "dog"])
    assert [one["name"] for one in said["attributes"]] == ["colour", "age", "weight", "tame", "note"]
    dataset.set_label_schemas(dataset.label_schemas)  # FiftyOne's check of all that is stored
    assert "boxes.detections.colour" in dataset.get_field_schema(flat=True)
    assert annotating.tell("pets") == []


def test_a_change_of_classes_reaches_it(database: Workspace) -> None:
    store.create("pets", {"boxes": "detections"}, ["cat", "dog"])
    schemas.add_class("pets", "boxes", SchemaClass(name="cow"))
    annotating.tell("pets")
    classes.apply("pets", "boxes", ClassChange(action="rename", names=("cat",), into="lynx"))
    assert annotating.tell("pets") == ["boxes"]
    dataset = vendor.fiftyone().load_dataset("pets")
    dataset.reload()
    assert dataset.label_schemas["boxes"]["classes"] == ["lynx", "dog", "cow"]
    assert dataset.classes["boxes"] == ["lynx", "dog", "cow"]


def test_attributes_of_another_type_are_left_out() -> None:
    made = annotating.label_schema(DETECTIONS, Schema(classes=CLASSES, attributes=ATTRIBUTES), {"age": "str"})
    assert [one["name"] for one in made["attributes"]] == ["colour", "weight", "tame", "note"]
