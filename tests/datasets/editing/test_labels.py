"""Labels read and changed in a real database: both versions of a conflict, repeated sends, what must survive."""

import io
import math
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from datasets.editing import journal, labels
from datasets.editing.operations import Operation
from datasets.errors import DatasetNotFound, FieldError, LabelsChanged, NotThere
from datasets.images import masks
from datasets.records import Label
from datasets.storage import collection, layout, store, tallies
from datasets.storage.labels import to_document
from datasets.workspace import Workspace

NAME = "edited"
KINDS = {
    "boxes": "detections", "box": "detection", "lines": "polylines", "line": "polyline", "points": "keypoints",
    "point": "keypoint", "one": "classification", "some": "classifications", "mask": "segmentation",
    "spans": "temporaldetections",
}  # fmt: skip
BOX = (0.1, 0.1, 0.5, 0.5)
METADATA = collection.image_metadata(40, 30, 1, "image/png", 3)


@pytest.fixture(scope="module")
def dataset(server: Workspace) -> Iterator[None]:
    """One dataset for all tests, with a field of every kind; each has a sample of its own."""
    store.create(NAME, KINDS, ["cat", "dog"])
    yield
    store.delete(NAME)


@pytest.fixture
def blank(dataset: None) -> str:
    """A sample of 40 x 30 pixels without labels."""
    return collection.insert(NAME, [collection.sample_document("/nowhere/2.png", METADATA)])[0]


@pytest.fixture
def sample(dataset: None) -> str:
    """A sample of 40 x 30 pixels with two boxes."""
    boxes = [Label("cat", BOX, attributes={"truncated": True}), Label("dog", (0.5, 0.5, 0.2, 0.2), 0.5)]
    made = collection.sample_document("/nowhere/1.png", METADATA, boxes=to_document("detections", boxes))
    return collection.insert(NAME, [made])[0]


@pytest.fixture(autouse=True)
def ids() -> Iterator[None]:
    """Ids of operations that no other test uses."""
    prefix[0] = uuid4().hex
    yield


prefix = [""]


def op(name: str, action: Any, of: Label | None = None, /, **values: Any) -> Operation:
    return Operation(f"{prefix[0]}:{name}", action, str(of.id) if of else "", values)


def stored(sample: str, field: str = "boxes") -> Any:
    return next(collection.by_ids(NAME, [sample])).get(field)


def names(sample: str, field: str = "boxes") -> list[str]:
    return [one.label for one in labels.read(NAME, sample, field).labels]


def png(width: int, height: int, value: int = 255) -> bytes:
    with io.BytesIO() as stream:
        Image.fromarray(np.full((height, width), value, np.uint8)).save(stream, format="PNG")
        return stream.getvalue()


def test_operations_add_change_and_delete_by_id(sample: str) -> None:
    (cat, dog), etag = labels.read(NAME, sample, "boxes")
    saved = labels.change(
        NAME, sample, "boxes",
        [op("op-1", "change", cat, label="cow", box=(0.2, 0.1, 0.5, 0.5)),
         op("op-2", "delete", dog),
         op("op-3", "add", label="hen", box=(0.0, 0.0, 0.1, 0.1), tags=["new"])],
        if_match=etag, who="Ann",
    )  # fmt: skip
    (cow, hen), after = labels.read(NAME, sample, "boxes")
    assert (saved.etag, saved.repeated) == (after, ()) and after != etag
    assert (cow.id, cow.label, cow.box, cow.attributes) == (cat.id, "cow", (0.2, 0.1, 0.5, 0.5), {"truncated": True})
    assert (hen.label, hen.attributes) == ("hen", {"tags": ["new"]})
    (entry,) = journal.history(NAME, sample, "boxes")
    assert (entry.id, entry.who, entry.before, entry.after) == (saved.entry, "Ann", etag, after)
    assert entry.changes[0].before == {"label": "cat", "bounding_box": list(BOX)}
    loaded = collection.load(NAME)[sample]  # as FiftyOne itself reads it
    assert [one.label for one in loaded.boxes.detections] == ["cow", "hen"]


def test_a_stale_write_is_refused_with_both_versions(sample: str) -> None:
    (cat, dog), etag = labels.read(NAME, sample, "boxes")
    theirs = labels.change(NAME, sample, "boxes", [op("op-1", "change", cat, label="cow")],
                           if_match=etag)  # fmt: skip
    mine = [op("op-2", "change", cat, label="ant"), op("op-3", "delete", dog)]
    with pytest.raises(LabelsChanged, match="both versions") as refused:
        labels.change(NAME, sample, "boxes", mine, if_match=etag)
    assert [one.label for one in refused.value.ours] == ["ant"]
    assert [one.label for one in refused.value.stored] == ["cow", "dog"]
    assert refused.value.etag == theirs.etag
    with pytest.raises(LabelsChanged):
        labels.write(NAME, sample, "boxes", [cat], if_match=etag)
    assert names(sample) == ["cow", "dog"] and len(journal.history(NAME, sample, "boxes")) == 1
    labels.change(NAME, sample, "boxes", mine, if_match=refused.value.etag)
    assert names(sample) == ["ant"]


def test_what_is_sent_again_is_done_once(sample: str) -> None:
    etag = labels.read(NAME, sample, "boxes").etag
    add = [op("op-1", "add", label="hen", box=BOX)]
    first = labels.change(NAME, sample, "boxes", add, if_match=etag)
    again = labels.change(NAME, sample, "boxes", add, if_match=etag)
    assert (again.etag, again.entry, again.repeated) == (first.etag, first.entry, (add[0].id,))
    more = [*add, op("op-2", "add", label="fox", box=BOX)]  # an answer was lost, work went on
    assert labels.change(NAME, sample, "boxes", more, if_match=etag).repeated == (add[0].id,)
    assert names(sample) == ["cat", "dog", "hen", "fox"]
    with pytest.raises(FieldError, match="another id"):
        labels.change(NAME, sample, "some", [op("op-1", "add", label="x")], if_match=labels.ANY)


def test_a_repeat_does_not_hide_what_others_did_since(sample: str) -> None:
    (cat, _), etag = labels.read(NAME, sample, "boxes")
    mine = [op("op-1", "change", cat, label="cow")]
    labels.change(NAME, sample, "boxes", mine, if_match=etag)
    labels.change(NAME, sample, "boxes", [op("op-2", "change", cat, label="ant")], if_match="*")
    again = labels.change(NAME, sample, "boxes", mine, if_match=labels.ANY)
    assert names(sample) == ["ant", "dog"] and again.repeated == (mine[0].id,)
    with pytest.raises(LabelsChanged):
        labels.change(NAME, sample, "boxes", [op("op-3", "delete", cat)], if_match=again.etag)


def test_a_whole_list_takes_the_place_of_the_stored_one(sample: str) -> None:
    (cat, dog), etag = labels.read(NAME, sample, "boxes")
    given = [{"id": dog.id, "label": "cow"}, {"label": "hen", "box": [0, 0, 0.5, 0.5]}]
    saved = labels.write(NAME, sample, "boxes", given, if_match=etag)
    cow, hen = labels.read(NAME, sample, "boxes").labels
    assert (cow.id, cow.label, cow.confidence, cow.box, hen.label) == (dog.id, "cow", 0.5, dog.box, "hen")
    assert labels.write(NAME, sample, "boxes", [cow, hen], if_match="stale").entry is None  # nothing differs
    journal.undo(NAME, str(saved.entry))
    assert labels.read(NAME, sample, "boxes") == ((cat, dog), etag)


def test_what_we_do_not_know_survives(sample: str) -> None:
    (cat, dog), _ = labels.read(NAME, sample, "boxes")
    path = {"boxes.detections.$[].index": 7, "boxes.detections.$[].attributes": {"mood": {"_cls": "Attribute"}},
            "boxes.detections.$[]._secret": b"\x00\x01", "boxes.note": "kept"}  # fmt: skip
    collection.update_where(NAME, {"_id": layout.object_id(sample)}, {"$set": path})
    change = op("op-1", "change", cat, label="cow", confidence=0.25, attributes={"index": 8})
    labels.change(NAME, sample, "boxes", [change], if_match=labels.ANY)
    labels.write(NAME, sample, "boxes", [{"id": cat.id, "crowd": True}, {"id": dog.id}], if_match=labels.ANY)
    first, second = stored(sample)["detections"]
    assert (first["index"], second["index"], first["iscrowd"], stored(sample)["note"]) == (8, 7, 1, "kept")
    assert first["attributes"] == {"mood": {"_cls": "Attribute"}} and first["_secret"] == b"\x00\x01"
    assert (first["label"], first["confidence"], first["truncated"]) == ("cow", 0.25, True)
    removed = op("op-2", "change", cat, confidence=None, attributes={"truncated": None})
    labels.change(NAME, sample, "boxes", [removed], if_match=labels.ANY)
    assert not {"confidence", "truncated"} & stored(sample)["detections"][0].keys()


@pytest.mark.parametrize(
    ("field", "values", "change"),
    [
        ("boxes", {"label": "a", "box": BOX}, {"box": (0.3, 0.3, 0.2, 0.2)}),
        ("box", {"label": "a", "box": BOX}, {"label": "b"}),
        ("lines", {"label": "a", "points": [[[0, 0], [1, 1]], [[0, 1], [1, 0]]]}, {"points": [[[0, 0], [0.5, 0.5]]]}),
        ("line", {"label": "a", "points": [[[0, 0], [1, 1]]]}, {"label": "b"}),
        ("points", {"label": "a", "points": [[[0, 0], [None, None]]]}, {"points": [[[0.5, 0], [None, None]]]}),
        ("point", {"label": "a", "points": [[[0, 0], [math.nan, math.nan]]]}, {"label": "b"}),
        ("one", {"label": "a"}, {"label": "b", "confidence": 0.5}),
        ("some", {"label": "a"}, {"label": "b"}),
        ("mask", {"png": png(40, 30, 1)}, {"png": png(40, 30, 2)}),
        ("spans", {"label": "a", "support": [1, 5]}, {"support": [2, 5]}),
    ],
)
def test_every_kind_is_added_changed_deleted_and_undone(
    blank: str, field: str, values: dict[str, Any], change: dict[str, Any]
) -> None:
    _, etag = labels.read(NAME, blank, field)
    added = labels.change(NAME, blank, field, [op("op-1", "add", **values)], if_match=etag)
    (first,) = labels.read(NAME, blank, field).labels
    changed = labels.change(NAME, blank, field, [op("op-2", "change", first, **change)],
                            if_match=added.etag)  # fmt: skip
    (second,) = labels.read(NAME, blank, field).labels
    assert second != first and second.id == first.id
    gone = labels.change(NAME, blank, field, [op("op-3", "delete", first)], if_match=changed.etag)
    assert labels.read(NAME, blank, field) == ((), etag)
    assert collection.load(NAME)[blank].id == blank  # FiftyOne reads it
    for saved, expected in ((gone, changed.etag), (changed, added.etag), (added, etag)):
        assert journal.undo(NAME, str(saved.entry)).etag == expected == labels.read(NAME, blank, field).etag


def test_a_field_of_one_label_takes_no_second(sample: str) -> None:
    labels.change(NAME, sample, "one", [op("op-1", "add", label="cat")], if_match=labels.ANY)
    with pytest.raises(FieldError, match="at most, found 'cat'; relabel that one"):
        labels.change(NAME, sample, "one", [op("op-2", "add", label="dog")], if_match=labels.ANY)
    labels.write(NAME, sample, "one", [{"label": "dog"}], if_match=labels.ANY)  # takes its place
    assert names(sample, "one") == ["dog"]


def test_the_mask_of_an_object_is_kept_in_a_file(sample: str) -> None:
    (cat, _), etag = labels.read(NAME, sample, "boxes")
    with pytest.raises(FieldError, match="20 x 15 pixels, as large as its box, found 40 x 30"):
        labels.change(NAME, sample, "boxes", [op("op-1", "change", cat, png=png(40, 30))],
                      if_match=etag)  # fmt: skip
    saved = labels.change(NAME, sample, "boxes", [op("op-1", "change", cat, png=png(20, 15))],
                          if_match=etag)  # fmt: skip
    item = stored(sample)["detections"][0]
    assert masks.read(item).shape == (15, 20)
    journal.undo(NAME, str(saved.entry))
    assert "mask_path" not in stored(sample)["detections"][0]


def test_a_mask_inside_a_document_stays_there_until_it_is_replaced(sample: str) -> None:
    (cat, _), _ = labels.read(NAME, sample, "boxes")
    packed = masks.pack(np.ones((15, 20), bool))
    where = {"_id": layout.object_id(sample)}
    collection.update_where(NAME, where, {"$set": {"boxes.detections.0.mask": packed}})
    labels.change(NAME, sample, "boxes", [op("op-1", "change", cat, label="cow")], if_match="*")
    item = stored(sample)["detections"][0]
    assert (item["mask"], item.get("mask_path")) == (packed, None)
    saved = labels.change(NAME, sample, "boxes", [op("op-2", "change", cat, png=png(20, 15))],
                          if_match="*")  # fmt: skip
    item = stored(sample)["detections"][0]
    assert "mask" not in item and item["mask_path"]
    journal.undo(NAME, str(saved.entry))
    assert stored(sample)["detections"][0]["mask"] == packed


def test_the_time_of_change_moves_always_and_counts_follow(sample: str) -> None:
    before = tallies.of(NAME).fields["boxes"].classes
    cat, etag = labels.read(NAME, sample, "boxes").labels[0], labels.read(NAME, sample, "boxes").etag
    times = [next(collection.by_ids(NAME, [sample]))["last_modified_at"]]
    for number in range(5):
        change = [op(f"op-{number}", "change", cat, **{"label": f"c{number}"})]
        etag = labels.change(NAME, sample, "boxes", change, if_match=etag).etag
        times.append(next(collection.by_ids(NAME, [sample]))["last_modified_at"])
    assert times == sorted(set(times))
    assert tallies.of(NAME).fields["boxes"].classes == {**before, "c4": 1, "cat": before["cat"] - 1}


def test_what_is_not_there_is_said(sample: str) -> None:
    with pytest.raises(DatasetNotFound):
        labels.read("unheard", sample, "boxes")
    for key in ("f" * 24, "x"):
        with pytest.raises(NotThere, match="found"):
            labels.read(NAME, key, "boxes")
    with pytest.raises(NotThere, match="no label field 'split'"):
        labels.read(NAME, sample, "split")
    with pytest.raises(NotThere, match="may have been deleted"):
        labels.change(NAME, sample, "boxes", [op("op-1", "delete", Label("", id="f" * 24))], if_match=labels.ANY)
    with pytest.raises(FieldError, match="once"):
        labels.change(NAME, sample, "boxes", [op("op-1", "delete", Label("", id="f" * 24))] * 2, if_match=labels.ANY)
    assert journal.history(NAME, sample, "boxes") == []
