"""The labels of one field of one sample: read, changed as documents, and stored only if they are unchanged.

Several programs may write at once. `swap` is one conditional update of MongoDB (compare and set): it takes effect where
the whole field and `last_modified_at` are still as they were read, and it always moves that time forward.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from datasets import kinds, poses
from datasets.errors import FieldError, NotThere
from datasets.records import Label
from datasets.storage import connection, documents, fields, labels, layout
from datasets.storage.documents import Document

TICK = timedelta(milliseconds=1)  # the finest step of a time in MongoDB
# The keys of the parts of `Label` in the document of a label; its attributes stand beside these.
_STORED: Mapping[str, tuple[str, ...]] = {
    "label": ("label",),
    "box": ("bounding_box",),
    "confidence": ("confidence",),
    "crowd": ("iscrowd",),
    "mask_path": ("mask_path", "mask"),
    "mask": ("mask_path", "mask"),
    "points": ("points",),
    "support": ("support",),
}


@dataclass(frozen=True)
class Place:
    """A label field of a dataset: its name, its stored name, its kind.

    `dataset_id` is that of the database, `samples` the name of the collection that holds the samples.
    """

    dataset: str
    dataset_id: Any
    samples: str
    field: str
    stored: str
    kind: str

    @property
    def many(self) -> bool:
        """Whether the field holds any number of labels, else one at most."""
        return kinds.kind(self.kind).many


@dataclass(frozen=True)
class Held:
    """What was read: the document of the field (None if absent) and when its sample was last changed.

    `size` is the width and height of the image in pixels, None where unknown.
    """

    place: Place
    sample_id: str
    document: Document | None
    modified: datetime | None
    size: tuple[int, int] | None

    @property
    def items(self) -> list[Document]:
        """The documents of its labels, in order; not to be changed in place."""
        return [one if isinstance(one, dict) else dict(one) for one in labels.items(self.document)]


def place(dataset: str, field: str) -> Place:
    """A label field. Raises DatasetNotFound, and NotThere without such a field."""
    found = documents.of(dataset)
    try:
        target = fields.label_field(found, field)
    except FieldError as wrong:
        raise NotThere(str(wrong)) from wrong
    samples = str(found["sample_collection_name"])
    return Place(dataset, found["_id"], samples, field, target.stored, str(target.label_kind))


def dataset_id(dataset: str) -> Any:
    """The id of a dataset in the database. Raises DatasetNotFound."""
    return documents.of(dataset)["_id"]


def read(where: Place, sample_id: str) -> Held:
    """The labels as they are stored. Raises NotThere without such a sample."""
    wanted = {where.stored: 1, "last_modified_at": 1, "metadata.width": 1, "metadata.height": 1}
    try:
        sample = connection.db()[where.samples].find_one({"_id": layout.object_id(sample_id)}, wanted)
    except FieldError as wrong:
        raise NotThere(str(wrong)) from wrong
    if sample is None:
        raise NotThere(f"expected a sample of dataset {where.dataset!r}, found none with id {sample_id!r}")
    seen = sample.get("metadata") or {}
    size = (int(seen["width"]), int(seen["height"])) if seen.get("width") and seen.get("height") else None
    return Held(where, sample_id, sample.get(where.stored), sample.get("last_modified_at"), size)


def swap(held: Held, items: Sequence[Document]) -> bool:
    """Store these labels in place of those that were read. False, without effect, if the sample has changed since.

    They are on disk once the entry of the journal that holds them is settled (`journal.settle`), which follows.
    """
    stored = held.place.stored
    same = {stored: {"$eq": held.document}, "last_modified_at": held.modified}
    now = layout.now() if held.modified is None else max(layout.now(), held.modified + TICK)
    change = {"$set": {stored: document(held, items), "last_modified_at": now}}
    match = {"_id": layout.object_id(held.sample_id), **same}
    matched = connection.quick(connection.db()[held.place.samples]).update_one(match, change).matched_count
    connection.written()
    return bool(matched)


def document(held: Held, items: Sequence[Document]) -> Document | None:
    """The document of the field with these labels in it; whatever else it held stays."""
    kind = kinds.kind(held.place.kind)
    if kind.list_name is None:
        return items[0] if items else None
    return {**(held.document or {"_cls": kind.label_class}), kind.list_name: list(items)}


def made(kind: str, label_id: str, values: Mapping[str, Any]) -> Document:
    """The document of a new label, from parts of `Label` by name. Raises FieldError for a part that is missing."""
    given = {name: value for name, value in (values.get("attributes") or {}).items() if value is not None}
    return labels.to_item(kind, replace(Label(""), **{**values, "attributes": given, "id": label_id}))


def changed(kind: str, item: Document, values: Mapping[str, Any]) -> Document:
    """A label's document with other values, by the names of `Label`'s parts; everything else in it stays.

    None removes a part or an attribute. The box of a pose follows its points, unless it is given too.
    """
    parts = {name: value for name, value in values.items() if name != "attributes"}
    attributes = values.get("attributes") or {}
    given = {name: value for name, value in attributes.items() if value is not None}
    whole = replace(label(item), **{"attributes": {}, "mask": None, "mask_path": None, **parts})
    if kinds.kind(kind).posed and "points" in parts and "box" not in parts and whole.box:
        whole = replace(whole, box=poses.followed(whole.box, label(item).points, whole.points))
        parts["box"] = whole.box
    plain, full = labels.to_item(kind, whole), labels.to_item(kind, replace(whole, attributes=given))
    fresh = {kinds.kind(kind).confidence if key == "confidence" else key for name in parts for key in _STORED[name]}
    named = {key for key in full if key not in plain or (key == "tags" and "tags" in given)}
    gone = fresh | named | {labels.attribute_name(name) for name in attributes}
    kept = {key: full[key] if key in fresh | named and key in full else value
            for key, value in item.items() if key not in gone or key in full}  # fmt: skip
    return {**kept, **{key: full[key] for key in full if key in fresh | named}}


def new_id() -> str:
    """A new id for a label."""
    return str(ObjectId())


def label(item: Document) -> Label:
    """The record of a label's document."""
    (found,) = labels.from_document(item)
    return found
