"""The only converter between `records.Label` and FiftyOne's label documents (dictionaries with `_cls`).

A label field holds documents of one class, which `datasets.kinds` names. `list_path` says where the labels lie inside
the field. A pose keeps its object's box and its confidence beside its points, as further attributes for FiftyOne:
`bounding_box`, and `score`, since its `confidence` is a list of one for each point. Boxes are `(x, y, width, height)`,
points `(x, y)`; both relative, origin top left.
"""

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from bson import ObjectId
from numpy.typing import NDArray

from datasets import kinds
from datasets.errors import FieldError
from datasets.images import masks
from datasets.kinds import Kind
from datasets.records import Label

Document = dict[str, Any]

_OWN = {"_id", "_cls", "label", "bounding_box", "confidence", "mask_path", "mask", "iscrowd", "tags", "attributes",
        "points", "support"}  # fmt: skip
_POSED = kinds.KEYPOINT
_POINT_CONFIDENCES = "confidences"  # FiftyOne's keypoints have one confidence per point, under the name `confidence`


KINDS = tuple(name for name, one in kinds.KINDS.items() if one.labels)


def kind_of(document_class: str | None) -> str | None:
    """Kind of a field by the class of its documents, full or short; None when it holds no labels that we know."""
    found = kinds.of_class(document_class)
    return found.name if found and found.labels else None


def list_path(field: str, kind: str) -> str:
    """Where the labels of a field lie: `ground_truth.detections`, or the field itself when it holds one label."""
    name = _kind(kind).list_name
    return f"{field}.{name}" if name else field


def to_document(kind: str, labels: Sequence[Label]) -> Document | None:
    """The document to store in a field of this kind; None for no label in a field that holds one.

    Labels without an id get one. Raises FieldError for a missing box, or more labels than the field holds.
    """
    shape = _kind(kind)
    if shape.list_name:
        return {"_cls": shape.label_class, shape.list_name: [to_item(kind, label) for label in labels]}
    if len(labels) > 1:
        raise FieldError(f"expected at most one label in a field of kind {kind}, found {len(labels)}")
    return to_item(kind, labels[0]) if labels else None


def to_item(kind: str, label: Label) -> Document:
    """The document of one label, such as one element of `detections`.

    A mask inside the label is moved to a file of the workspace, which keeps documents below the limit of 16 MB.
    Raises FieldError where box, points or support are missing or not numbers.
    """
    shape = _kind(kind)
    made: Document = {"_id": ObjectId(label.id) if label.id else ObjectId(), "_cls": shape.item_class, "tags": []}
    if not shape.whole_mask:
        made["label"] = label.label
    if shape.place:
        made.update(_place(shape, kind, label))
    if shape.posed and label.box is not None:
        made["bounding_box"] = [float(value) for value in label.box]
    if label.confidence is not None:
        made[shape.confidence] = float(label.confidence)
    if label.mask is not None:
        made["mask_path"] = masks.keep(label.mask)
    if label.mask_path is not None:
        made["mask_path"] = label.mask_path
    if label.crowd:
        made["iscrowd"] = 1
    for name, value in label.attributes.items():
        made[_stored_name(shape, name, value)] = list(value) if isinstance(value, tuple) else value
    return made


def _stored_name(shape: Kind, name: str, value: object) -> str:
    if name == _POINT_CONFIDENCES and shape.posed:
        return "confidence"
    if name == shape.confidence:
        return f"{name}_"
    return name if name == "attributes" and isinstance(value, Mapping) else attribute_name(name)


def _place(shape: Kind, kind: str, label: Label) -> Document:
    if shape.place == "box" and label.box is not None:
        return {"bounding_box": [float(value) for value in label.box]}
    if shape.place == "support" and label.support is not None:
        return {"support": [int(frame) for frame in label.support]}
    if shape.place == "points" and label.points is not None:
        parts = [[[float(x), float(y)] for x, y in part] for part in label.points]
        return {"points": parts if shape.item_class == "Polyline" else [pair for part in parts for pair in part]}
    what = {"box": "a box", "points": "points", "support": "a first and last frame"}[str(shape.place)]
    raise FieldError(f"expected {what} for every label of kind {kind}, found {label.label!r} without")


def detections(names: Sequence[str], boxes: Sequence[Sequence[float]], sure: Sequence[float | None]) -> list[Document]:
    """The documents of many new detections, from columns: class names, boxes and confidences."""
    rows = zip(_new_ids(len(names)), names, boxes, sure, strict=True)
    return [
        {"_id": key, "_cls": "Detection", "tags": [], "label": name, "bounding_box": box, "confidence": confidence}
        if confidence is not None
        else {"_id": key, "_cls": "Detection", "tags": [], "label": name, "bounding_box": box}
        for key, name, box, confidence in rows
    ]


def keypoints(
    names: Sequence[str],
    points: Sequence[tuple[Sequence[Sequence[float]], Sequence[float]]],
    boxes: Sequence[Sequence[float]],
    sure: Sequence[float],
) -> list[Document]:
    """The documents of many new poses: class names, points with the confidence of each, boxes, confidences."""
    rows = zip(_new_ids(len(names)), names, points, boxes, sure, strict=True)
    return [
        {"_id": key, "_cls": "Keypoint", "tags": [], "label": name, "points": places, "confidence": each,
         "bounding_box": box, _POSED.confidence: confidence}
        for key, name, (places, each), box, confidence in rows
    ]  # fmt: skip


def classifications(
    names: Sequence[str], sure: Sequence[float], logits: Sequence[NDArray[np.float32] | None]
) -> list[Document]:
    """The documents of many new classifications; `logits` (classes,) are packed as FiftyOne's VectorField has them."""
    made: list[Document] = [
        {"_id": key, "_cls": "Classification", "tags": [], "label": name, "confidence": confidence}
        for key, name, confidence in zip(_new_ids(len(names)), names, sure, strict=True)
    ]
    for one, vector in zip(made, logits, strict=True):
        if vector is not None:
            one["logits"] = masks.pack(vector)
    return made


def segmentations(paths: Sequence[str]) -> list[Document]:
    """The documents of many new semantic masks, by their files."""
    keys = _new_ids(len(paths))
    return [
        {"_id": key, "_cls": "Segmentation", "tags": [], "mask_path": path}
        for key, path in zip(keys, paths, strict=True)
    ]


def _new_ids(count: int) -> list[ObjectId]:
    """New ids: seconds, then random bytes. Made one at a time they cost four times as much."""
    seconds = int(time.time()).to_bytes(4, "big")
    random = os.urandom(8 * count)
    return [ObjectId(seconds + random[at : at + 8]) for at in range(0, 8 * count, 8)]


def attribute_name(name: str) -> str:
    """A name for an attribute that the database accepts: letters, digits, underscores, no name of a label's own field.

    `tags` stay `tags`: the label's tags travel as an attribute.
    """
    safe = re.sub(r"\W+", "_", name).strip("_") or "attribute"
    return f"{safe}_" if safe in _OWN - {"tags"} or safe == "id" else safe


def from_document(document: Mapping[str, Any] | None) -> tuple[Label, ...]:
    """The labels in the document of a field of any kind; none for None and for unknown classes."""
    return tuple(_from_item(item) for item in items(document))


def items(document: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """The documents of the single labels inside the document of a field."""
    kind = kinds.of_class(document.get("_cls")) if document else None
    if document is None or kind is None or not kind.labels:
        return
    name = kind.list_name
    yield from (document.get(name) or ()) if name else (document,)


def _from_item(item: Mapping[str, Any]) -> Label:
    box, confidence, support = item.get("bounding_box"), item.get("confidence"), item.get("support")
    posed = item.get("_cls") == _POSED.item_class
    own = _OWN | {_POSED.confidence} if posed else _OWN
    extra = {name: value for name, value in item.items() if name not in own and value is not None}
    if item.get("tags"):
        extra["tags"] = list(item["tags"])
    if item.get("attributes"):
        extra["attributes"] = dict(item["attributes"])
    if posed and confidence is not None:
        extra[_POINT_CONFIDENCES] = confidence
    return Label(
        label=item.get("label") or "",
        box=(box[0], box[1], box[2], box[3]) if box else None,
        confidence=item.get(_POSED.confidence) if posed else confidence,
        id=str(item["_id"]) if "_id" in item else None,
        crowd=bool(item.get("iscrowd")),
        mask_path=item.get("mask_path"),
        attributes=extra,
        points=_points(item),
        support=(support[0], support[1]) if support else None,
        mask=bytes(item["mask"]) if item.get("mask") else None,
    )


def _points(item: Mapping[str, Any]) -> tuple[tuple[tuple[float, float], ...], ...] | None:
    found = item.get("points")
    if found is None:
        return None
    parts = found if item.get("_cls") == "Polyline" else [found]
    return tuple(tuple((pair[0], pair[1]) for pair in part) for part in parts)


def _kind(name: str) -> Kind:
    found = kinds.kind(name)
    if not found.labels:
        raise FieldError(f"expected a kind of label field, one of {', '.join(KINDS)}; found {name!r}")
    return found
