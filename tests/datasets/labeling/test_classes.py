"""Classes changed over a whole field: previewed, made beside other writers, cut off and finished, taken back."""

from collections import Counter
from typing import Any

import pytest

from datasets.editing import journal as histories
from datasets.editing import labels as editing
from datasets.editing.operations import Operation
from datasets.errors import FieldError
from datasets.labeling import classes, schemas
from datasets.labeling.class_changes import ClassChange
from datasets.labelschema import Schema, SchemaClass
from datasets.records import Label
from datasets.storage import collection, documents, label_batches, layout, store
from datasets.storage.labels import from_document, to_document
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace

METADATA = collection.image_metadata(40, 30, 1, "image/png", 3)
BOX = (0.1, 0.1, 0.5, 0.5)
SAMPLES = 30


def change(action: Any, *names: str, into: str | None = None, **more: Any) -> ClassChange:
    return ClassChange(action=action, names=names, into=into, **more)


@pytest.fixture
def pets(database: Workspace) -> str:
    """Thirty samples with a cat, a dog and, on even ones, an old cat; a field of one class; masks."""
    store.create("pets", {"boxes": "detections", "kind": "classification", "mask": "segmentation"}, ["cat", "dog"])
    made = []
    for number in range(SAMPLES):
        boxes = [Label("cat", BOX, attributes={"age": 1}), Label("dog", BOX)]
        boxes += [Label("cat", BOX, attributes={"age": 9})] * (number % 2 == 0)
        held = {"boxes": to_document("detections", boxes),
                "kind": to_document("classification", [Label("cat" if number % 3 else "dog")])}  # fmt: skip
        tags = ["night"] if number < 10 else []
        made.append(collection.sample_document(f"/nowhere/{number}.png", METADATA, tags=tags, **held))
    collection.insert("pets", made)
    return "pets"


def held(field: str = "boxes") -> Counter[str]:
    found = (from_document(one.get(field)) for one in collection.stream("pets", projection={field: 1}))
    return Counter(label.label for labels in found for label in labels)


def first() -> str:
    return str(next(iter(collection.stream("pets", projection={"_id": 1})))["_id"])


def test_a_preview_counts_and_changes_nothing(pets: str) -> None:
    extent = classes.preview(pets, "boxes", change("merge", "cat", "dog", into="pet"))
    assert extent.labels == {"cat": 45, "dog": 30} and extent.total == 75
    assert held() == {"cat": 45, "dog": 30}


def test_a_rename_changes_labels_schema_and_order_and_is_taken_back_as_one(pets: str) -> None:
    done = classes.apply(pets, "boxes", change("rename", "cat", into="lynx"), who="ann")
    assert (done.labels, done.samples, done.state, done.words) == (45, 30, "done", "rename cat to lynx")
    assert held() == {"lynx": 45, "dog": 30}
    assert schemas.read(pets, "boxes").schema.names == ("lynx", "dog")
    (entry,) = histories.history(pets, first(), "boxes")
    assert entry.who == "ann" and len(entry.changes) == 2
    back = classes.undo(pets, done.id)
    assert (back.state, back.left) == ("undone", 0) and held() == {"cat": 45, "dog": 30}
    assert schemas.read(pets, "boxes").schema.names == ("cat", "dog")
    assert classes.undo(pets, done.id).state == "undone"
    assert len(histories.history(pets, first(), "boxes")) == 2


def test_a_split_takes_an_attribute_or_a_view(pets: str) -> None:
    classes.apply(pets, "boxes", change("split", "cat", into="old cat", attribute="age", value=9))
    assert held() == {"cat": 30, "old cat": 15, "dog": 30}
    night = ViewSpec(dataset=pets, filters=(Filter(field="tags", op="any_of", values=("night",)),))
    done = classes.apply(pets, "boxes", change("split", "cat", into="night cat", view=night))
    assert held() == {"cat": 20, "night cat": 10, "old cat": 15, "dog": 30}
    classes.undo(pets, done.id)
    assert held() == {"cat": 30, "old cat": 15, "dog": 30}


def test_deleted_labels_come_back_where_they_were(pets: str) -> None:
    before = editing.read(pets, first(), "boxes")
    done = classes.apply(pets, "boxes", change("delete", "cat"))
    assert held() == {"dog": 30} and schemas.read(pets, "boxes").schema.names == ("dog",)
    classes.undo(pets, done.id)
    assert editing.read(pets, first(), "boxes") == before


def test_a_field_of_one_class_is_changed_too(pets: str) -> None:
    done = classes.apply(pets, "kind", change("merge", "cat", into="dog"))
    assert held("kind") == {"dog": 30} and done.labels == 20
    classes.undo(pets, done.id)
    assert held("kind") == {"dog": 10, "cat": 20}


def test_classes_of_pixels_are_changed_by_their_names_alone(pets: str) -> None:
    documents.update(pets, {"mask_targets.mask": {"1": "road", "2": "path", "3": "sky"}})
    done = classes.apply(pets, "mask", change("merge", "road", "path", into="road"))
    assert documents.of(pets)["mask_targets"]["mask"] == {"1": "road", "2": "road", "3": "sky"}
    renamed = classes.apply(pets, "mask", change("rename", "road", into="street"))
    assert documents.of(pets)["mask_targets"]["mask"] == {"1": "street", "2": "street", "3": "sky"}
    classes.undo(pets, renamed.id)
    classes.undo(pets, done.id)
    assert documents.of(pets)["mask_targets"]["mask"] == {"1": "road", "2": "path", "3": "sky"}
    with pytest.raises(FieldError, match="paint the new class instead"):
        classes.apply(pets, "mask", change("split", "sky", into="cloud", attribute="x", value=1))


def test_labels_that_were_changed_since_stay_and_are_counted(pets: str) -> None:
    done = classes.apply(pets, "boxes", change("rename", "cat", into="lynx"))
    labels = editing.read(pets, first(), "boxes")
    key = str(labels.labels[0].id)
    later = Operation("later-1", "change", key, {"label": "dog"})
    editing.change(pets, first(), "boxes", [later], if_match=labels.etag)
    back = classes.undo(pets, done.id)
    assert back.left == 1 and held() == {"cat": 44, "dog": 31}


def test_who_writes_meanwhile_loses_nothing(pets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first batch is stored another writer adds a cat to five of its samples."""
    plain, seen = label_batches.swapped, list[str]()

    def disturbed(pairs: Any) -> set[str]:
        for one, _ in pairs[: 0 if seen else 5]:
            (fresh,) = to_document("detections", [Label("cat", BOX)])["detections"]  # type: ignore[index]
            change = {"$push": {"boxes.detections": fresh}}
            assert collection.update_where(pets, {"_id": layout.object_id(one.sample_id)}, change)
            seen.append(one.sample_id)
        return plain(pairs)

    monkeypatch.setattr(label_batches, "swapped", disturbed)
    classes.apply(pets, "boxes", change("rename", "cat", into="lynx"))
    assert len(seen) == 5 and held() == {"lynx": 50, "dog": 30}


def test_what_was_cut_off_is_finished(pets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = label_batches.settle

    def killed(entries: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(label_batches, "settle", killed)
    with pytest.raises(KeyboardInterrupt):
        classes.apply(pets, "boxes", change("rename", "cat", into="lynx"))
    monkeypatch.setattr(label_batches, "settle", plain)
    assert classes.history(pets, "boxes")[0].state == "running"
    assert classes.finish(pets) == 1
    (done,) = classes.history(pets, "boxes")
    assert done.state == "done" and held() == {"lynx": 45, "dog": 30}
    assert len(histories.history(pets, first(), "boxes")) == 1
    classes.undo(pets, done.id)
    assert held() == {"cat": 45, "dog": 30}


def test_a_name_that_is_taken_and_a_class_that_is_not_there_are_refused(pets: str) -> None:
    with pytest.raises(FieldError, match="merge the two instead"):
        classes.preview(pets, "boxes", change("rename", "cat", into="dog"))
    with pytest.raises(FieldError, match="found 'cow'"):
        classes.preview(pets, "boxes", change("delete", "cow"))


def test_the_classes_of_the_dataset_follow_where_no_other_field_means_them(database: Workspace) -> None:
    store.create("one", {"boxes": "detections"}, ["cat", "dog"])
    schemas.write("one", "boxes", Schema(classes=(SchemaClass(name="cat"), SchemaClass(name="dog"))), if_match="*")
    done = classes.apply("one", "boxes", change("rename", "cat", into="lynx"))
    assert store.summary("one").classes == ("lynx", "dog")
    classes.undo("one", done.id)
    assert store.summary("one").classes == ("cat", "dog")
