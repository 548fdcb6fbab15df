"""The only converter between `records.Label` and FiftyOne's label documents (dictionaries with `_cls`).

A label field holds documents of one class, and its kind is that class in lower case. `list_path` says where the labels
lie inside the field. Boxes keep their convention: `(x, y, width, height)`, relative, origin top left.
"""

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bson import ObjectId

from datasets.errors import FieldError
from datasets.records import Label

LabelKind = Literal["detections", "detection", "classification", "classifications", "segmentation"]
Document = dict[str, Any]

_PACKAGE = "fiftyone.core.labels."
_OWN = {"_id", "_cls", "label", "bounding_box", "confidence", "mask_path", "mask", "iscrowd", "tags", "attributes"}


@dataclass(frozen=True)
class _Kind:
    document_class: str
    item_class: str
    list_name: str | None  # labels lie in this list, or the field is itself the one label
    boxed: bool = False


_KINDS: dict[LabelKind, _Kind] = {
    "detections": _Kind("Detections", "Detection", "detections", boxed=True),
    "detection": _Kind("Detection", "Detection", None, boxed=True),
    "classification": _Kind("Classification", "Classification", None),
    "classifications": _Kind("Classifications", "Classification", "classifications"),
    "segmentation": _Kind("Segmentation", "Segmentation", None),
}
KINDS: tuple[LabelKind, ...] = tuple(_KINDS)
_BY_CLASS: dict[str, LabelKind] = {kind.document_class: name for name, kind in _KINDS.items()}


def kind_of(document_class: str | None) -> LabelKind | None:
    """Kind of a field by the class of its documents, full or short; None when it holds no labels that we know."""
    return _BY_CLASS.get(document_class.removeprefix(_PACKAGE)) if document_class else None


def document_class(kind: str) -> str:
    """Short name of FiftyOne's class, such as `Detections`. Raises FieldError that lists the known kinds."""
    return _kind(kind).document_class


def list_path(field: str, kind: str) -> str:
    """Where the labels of a field lie: `ground_truth.detections`, or the field itself when it holds one label."""
    name = _kind(kind).list_name
    return f"{field}.{name}" if name else field


def is_list(kind: str) -> bool:
    """Whether a field of this kind holds any number of labels."""
    return _kind(kind).list_name is not None


def has_boxes(kind: str) -> bool:
    """Whether labels of this kind are objects with a box."""
    return _kind(kind).boxed


def to_document(kind: str, labels: Sequence[Label]) -> Document | None:
    """The document to store in a field of this kind; None for no label in a field that holds one.

    Labels without an id get one. Raises FieldError for a missing box, or more labels than the field holds.
    """
    shape = _kind(kind)
    if shape.list_name:
        return {"_cls": shape.document_class, shape.list_name: [to_item(kind, label) for label in labels]}
    if len(labels) > 1:
        raise FieldError(f"expected at most one label in a field of kind {kind}, found {len(labels)}")
    return to_item(kind, labels[0]) if labels else None


def to_item(kind: str, label: Label) -> Document:
    """The document of one label, such as one element of `detections`."""
    shape = _kind(kind)
    made: Document = {"_id": ObjectId(label.id) if label.id else ObjectId(), "_cls": shape.item_class, "tags": []}
    if kind != "segmentation":
        made["label"] = label.label
    if shape.boxed:
        if label.box is None:
            raise FieldError(f"expected a box for every label of kind {kind}, found {label.label!r} without one")
        made["bounding_box"] = [float(value) for value in label.box]
    if label.confidence is not None:
        made["confidence"] = float(label.confidence)
    if label.mask_path is not None:
        made["mask_path"] = label.mask_path
    if label.crowd:
        made["iscrowd"] = 1
    for name, value in label.attributes.items():
        made[attribute_name(name)] = list(value) if isinstance(value, tuple) else value
    return made


def detections(names: Sequence[str], boxes: Sequence[Sequence[float]], sure: Sequence[float | None]) -> list[Document]:
    """The documents of many new detections, from columns: class names, boxes and confidences."""
    rows = zip(_new_ids(len(names)), names, boxes, sure, strict=True)
    return [
        {"_id": key, "_cls": "Detection", "tags": [], "label": name, "bounding_box": box, "confidence": confidence}
        if confidence is not None
        else {"_id": key, "_cls": "Detection", "tags": [], "label": name, "bounding_box": box}
        for key, name, box, confidence in rows
    ]


def _new_ids(count: int) -> list[ObjectId]:
    """Ids that are new: seconds, then random bytes. One at a time they cost four times as much."""
    seconds = int(time.time()).to_bytes(4, "big")
    random = os.urandom(8 * count)
    return [ObjectId(seconds + random[at : at + 8]) for at in range(0, 8 * count, 8)]


def attribute_name(name: str) -> str:
    """A name for an attribute that the database accepts: letters, digits, underscores, none of a label's own fields.

    `tags` stay `tags`: the label's tags travel as an attribute.
    """
    safe = re.sub(r"\W+", "_", name).strip("_") or "attribute"
    return f"{safe}_" if safe in _OWN - {"tags"} or safe == "id" else safe


def from_document(document: Mapping[str, Any] | None) -> tuple[Label, ...]:
    """The labels in the document of a field, whatever its kind; none for None and for classes that we do not know."""
    return tuple(_from_item(item) for item in items(document))


def items(document: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """The documents of the single labels inside the document of a field."""
    kind = kind_of(document.get("_cls")) if document else None
    if document is None or kind is None:
        return
    name = _KINDS[kind].list_name
    yield from (document.get(name) or ()) if name else (document,)


def _from_item(item: Mapping[str, Any]) -> Label:
    box = item.get("bounding_box")
    extra = {name: value for name, value in item.items() if name not in _OWN and value is not None}
    if item.get("tags"):
        extra["tags"] = list(item["tags"])
    return Label(
        label=item.get("label") or "",
        box=(box[0], box[1], box[2], box[3]) if box else None,
        confidence=item.get("confidence"),
        id=str(item["_id"]) if "_id" in item else None,
        crowd=bool(item.get("iscrowd")),
        mask_path=item.get("mask_path"),
        attributes=extra,
    )


def _kind(name: str) -> _Kind:
    for known, kind in _KINDS.items():
        if known == name:
            return kind
    raise FieldError(f"expected a kind of label field, one of {', '.join(KINDS)}; found {name!r}")
