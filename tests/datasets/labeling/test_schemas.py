"""Schemas of label fields in the database: derived, stored, changed by several at once, told to FiftyOne's places."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from datasets.errors import FieldError, NotThere, SchemaChanged
from datasets.labeling import schemas
from datasets.labelschema import Rules, Schema, SchemaAttribute, SchemaClass, Skeleton
from datasets.records import Label
from datasets.skeleton import Skeleton as Shape
from datasets.storage import collection, documents, skeletons, store
from datasets.storage.labels import to_document
from datasets.views import label_schemas
from datasets.workspace import Workspace

METADATA = collection.image_metadata(40, 30, 1, "image/png", 3)
FIELDS = {"boxes": "detections", "mask": "segmentation", "points": "keypoints", "kind": "classification"}


@pytest.fixture
def pets(database: Workspace) -> str:
    store.create("pets", FIELDS, ["cat", "dog"])
    boxes = to_document("detections", [Label("dog", (0.1, 0.1, 0.5, 0.5)), Label("ape", (0.5, 0.5, 0.25, 0.25))])
    collection.insert("pets", [collection.sample_document("/nowhere/1.png", METADATA, boxes=boxes)])
    return "pets"


def test_without_one_it_is_derived_in_the_order_of_the_dataset(pets: str) -> None:
    found = schemas.read(pets, "boxes")
    assert found.schema.names == ("cat", "dog", "ape") and not found.stored
    assert schemas.read(pets, "kind").schema.names == ("cat", "dog")


def test_mask_values_and_skeletons_of_the_dataset_are_derived(pets: str) -> None:
    chain = {"_cls": "KeypointSkeleton", "labels": ["a", "b", "c"], "edges": [[0, 1, 2]]}
    documents.update(pets, {"mask_targets.mask": {"0": "sky", "7": "road"}, "default_skeleton": chain})
    assert [(one.name, one.value) for one in schemas.read(pets, "mask").schema.classes] == [("sky", 0), ("road", 7)]
    assert schemas.read(pets, "points").schema.skeleton == Skeleton(points=("a", "b", "c"), edges=((0, 1), (1, 2)))


def test_a_stored_schema_comes_back_and_moves_the_order_of_classes(pets: str) -> None:
    wanted = Schema(
        classes=(SchemaClass(name="dog", colour="#ff0000", hotkey="d"), SchemaClass(name="cat"),
                 SchemaClass(name="ape")),
        attributes=(SchemaAttribute(name="age", kind="number", minimum=0),), rules=Rules(smallest=3, inside=True),
    )  # fmt: skip
    stored = schemas.write(pets, "boxes", wanted, if_match=schemas.read(pets, "boxes").etag)
    again = schemas.read(pets, "boxes")
    assert again.schema == wanted and again.stored and again.etag == stored.etag
    assert documents.of(pets)["classes"] == {"boxes": ["dog", "cat", "ape"]}
    assert label_schemas.undeclared(pets, "boxes") == {}


def test_a_write_on_an_old_version_is_refused_and_tells_the_stored_one(pets: str) -> None:
    before = schemas.read(pets, "boxes").etag
    schemas.add_class(pets, "boxes", SchemaClass(name="cow"))
    with pytest.raises(SchemaChanged, match="changed since; look at the stored ones") as refused:
        schemas.write(pets, "boxes", Schema(classes=(SchemaClass(name="x"),)), if_match=before)
    assert refused.value.stored.names == ("cat", "dog", "ape", "cow")


def test_classes_that_labels_have_cannot_be_left_out(pets: str) -> None:
    with pytest.raises(FieldError, match=r"'dog' \(1 labels\), 'ape' \(1 labels\) left out; rename, merge or delete"):
        schemas.write(pets, "boxes", Schema(classes=(SchemaClass(name="cat"),)), if_match="*")
    schemas.write(pets, "boxes", Schema(classes=(SchemaClass(name="dog"), SchemaClass(name="ape"))), if_match="*")


def test_a_new_class_of_pixels_gets_a_free_value_and_is_named_for_fiftyone(pets: str) -> None:
    documents.update(pets, {"default_mask_targets": {"0": "sky", "7": "road", "9": "road"}})
    schemas.add_class(pets, "mask", SchemaClass(name="car"))
    found = schemas.add_class(pets, "mask", SchemaClass(name="bus"))
    assert [(one.name, one.value) for one in found.schema.classes] == [
        ("sky", 0), ("road", 7), ("car", 10), ("bus", 11)
    ]  # fmt: skip
    targets = documents.of(pets)["mask_targets"]["mask"]
    assert targets == {"0": "sky", "7": "road", "9": "road", "10": "car", "11": "bus"}


def test_a_class_that_is_there_is_left_alone_and_its_hotkey_is_not_given_twice(pets: str) -> None:
    made = schemas.add_class(pets, "boxes", SchemaClass(name="cow", hotkey="c"))
    assert schemas.add_class(pets, "boxes", SchemaClass(name="cow")).etag == made.etag
    with pytest.raises(FieldError, match="each hotkey once, found 'c' more than once"):
        schemas.add_class(pets, "boxes", SchemaClass(name="crow", hotkey="c"))


def test_many_who_add_classes_at_once_lose_none(pets: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: schemas.add_class(pets, "mask", SchemaClass(name=f"c{number}")), range(24)))
    classes = schemas.read(pets, "mask").schema.classes
    assert {one.name for one in classes} == {f"c{number}" for number in range(24)}
    assert sorted(one.value or 0 for one in classes) == list(range(1, 25))


def test_a_skeleton_is_stored_where_fiftyone_has_it(pets: str) -> None:
    skeleton = Skeleton(points=("a", "b"), edges=((0, 1),))
    schemas.write(pets, "points", Schema(skeleton=skeleton), if_match="*")
    assert documents.of(pets)["skeletons"]["points"] == {
        "_cls": "KeypointSkeleton", "labels": ["a", "b"], "edges": [[0, 1]]
    }  # fmt: skip
    skeletons.declare(pets, "points", Shape(("a", "b", "c"), ((0, 2),)))
    held = schemas.read(pets, "points")
    assert held.schema.skeleton == Skeleton(points=("a", "b", "c"), edges=((0, 2),)), "whoever sets it, it is one"
    schemas.write(pets, "points", Schema(), if_match=held.etag)
    assert schemas.read(pets, "points").schema.skeleton is None
    assert "points" not in documents.of(pets)["skeletons"]


def test_boxes_have_no_skeleton(pets: str) -> None:
    with pytest.raises(FieldError, match="expected a skeleton for key points alone"):
        schemas.write(pets, "mask", Schema(skeleton=Skeleton(points=("a",))), if_match="*")


@pytest.mark.parametrize("name", ["label", "tags", "id", "_x"])
def test_names_of_attributes_that_labels_cannot_hold_are_refused(pets: str, name: str) -> None:
    attribute = SchemaAttribute(name=name, kind="text")
    with pytest.raises(FieldError, match="none of a label's own parts"):
        schemas.write(pets, "kind", Schema(attributes=(attribute,)), if_match="*")


def test_a_field_that_is_not_there_is_named(pets: str) -> None:
    with pytest.raises(NotThere, match="no label field 'nothing'"):
        schemas.read(pets, "nothing")
