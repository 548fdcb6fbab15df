"""The filters of a view spec as conditions of MongoDB."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from datasets import kinds
from datasets.errors import ViewError
from datasets.storage import frame_collection, layout
from datasets.storage.handle import Dataset
from datasets.views.field_paths import FieldPath, field_path
from datasets.viewspec import Filter, ViewSpec

Document = dict[str, Any]

# FiftyOne joins frames to their samples only when a condition names a part of `frames`.
_FRAMES_KNOWN: Mapping[str, Any] = {"frames.frame_number": {"$exists": True}}
COUNTS = ("count_at_least", "count_at_most")


def conditions(spec: ViewSpec, dataset: Dataset) -> list[Document]:
    """One condition per filter, those on labels of one field combined so that a single label must satisfy them all.

    Conditions on fields of frames are one, of all videos with a frame that satisfies them all.
    """
    made: list[Document] = []
    if spec.ids is not None:
        made.append({"_id": {"$in": layout.object_ids(spec.ids)}})
    places = [(one, field_path(dataset, one.field)) for one in spec.filters]
    made += _filtered([pair for pair in places if not pair[1].frames])
    of_frames = _filtered([pair for pair in places if pair[1].frames])
    return [*made, {**_FRAMES_KNOWN, "frames": {"$elemMatch": all_of(of_frames)}}] if of_frames else made


def looked_up(dataset: Dataset, condition: Mapping[str, Any]) -> Mapping[str, Any]:
    """A condition on frames as one on the ids of their samples; any other as it is."""
    if _FRAMES_KNOWN.items() <= condition.items():
        frames = frame_collection.of(dataset.document)
        return {"_id": {"$in": frames.distinct("_sample_id", condition["frames"]["$elemMatch"])}}
    return condition


def _filtered(places: Sequence[tuple[Filter, FieldPath]]) -> list[Document]:
    made: list[Document] = []
    inside: dict[str, list[Document]] = {}
    for one, place in places:
        if one.op in COUNTS:
            made.append(_count_of(one, place))
        elif place.kind == "labels":
            made.append(_presence(one, place))
        elif place.within and place.label_kind and kinds.kind(place.label_kind).many:
            inside.setdefault(place.within, []).append({place.path: _condition(one, place)})
        else:
            made.append({place.stored: _condition(one, place)})
    return made + [{place: {"$elemMatch": all_of(parts)}} for place, parts in inside.items()]


def all_of(parts: Sequence[Mapping[str, Any]]) -> Document:
    """One condition that holds where all of them do."""
    if len(parts) > 1:
        return {"$and": [dict(one) for one in parts]}
    return dict(parts[0]) if parts else {}


def _presence(one: Filter, place: FieldPath) -> Document:
    if one.op not in ("exists", "missing"):
        raise ViewError(
            f"expected exists, missing or a count for a whole label field, found {one.op} on {one.field!r}; "
            f"name an attribute, such as {one.field}.label"
        )
    wanted = one.op == "exists"
    if kinds.kind(str(place.label_kind)).many:
        return {f"{place.path}.0": {"$exists": wanted}}
    return {place.path: {"$ne": None} if wanted else None}


def _count_of(one: Filter, place: FieldPath) -> Document:
    """A condition on how many labels of a class a sample has."""
    if place.kind != "labels" or not kinds.kind(str(place.label_kind)).many:
        raise ViewError(f"expected a field with any number of labels for {one.op}, found {one.field!r} ({place.kind})")
    name, number, least = (*one.values, None)[:3] if 2 <= len(one.values) <= 3 else (None, None, None)
    if not isinstance(name, str) or isinstance(number, str | bool | None) or isinstance(least, str | bool):
        raise ViewError(
            f"expected a class, a number and perhaps a confidence for {one.op} on {one.field!r}, found {one.values}"
        )
    # $literal: a class may be called `$cost`; a label without a confidence always counts, as on screen
    tests: list[Document] = [{"$eq": ["$$this.label", {"$literal": name}]}] if name else []
    if least is not None:
        sure = kinds.kind(str(place.label_kind)).confidence
        tests.append({"$gte": [{"$ifNull": [f"$$this.{sure}", 1]}, least]})
    there: Document = {"$ifNull": [f"${place.path}", []]}
    kept = {"$filter": {"input": there, "cond": {"$and": tests}}} if tests else there
    counted: Document = {"$expr": {"$gte" if one.op == COUNTS[0] else "$lte": [{"$size": kept}, number]}}
    # a plain condition first: samples without the class are skipped before anything is counted
    first: Document = {f"{place.path}.label": name} if name else {f"{place.path}.0": {"$exists": True}}
    return {"$and": [first, counted]} if one.op == COUNTS[0] and number > 0 else counted


def _condition(one: Filter, place: FieldPath) -> Any:
    if one.op in ("exists", "missing"):
        empty: list[Any] = [None, []] if one.field.rpartition(".")[2] == "tags" else [None]
        return {"$nin" if one.op == "exists" else "$in": empty}
    if not one.values:
        raise ViewError(f"expected at least one value for {one.op} on {one.field!r}, found none")
    if one.op in ("any_of", "none_of"):
        return {"$in" if one.op == "any_of" else "$nin": _values(one, place)}
    if one.op == "contains":
        if place.kind != "string":
            raise ViewError(f"expected a text field for contains, found {one.field!r}, which is {place.kind}")
        return {"$regex": "|".join(re.escape(str(value)) for value in one.values), "$options": "i"}
    return {"$gte" if one.op == "at_least" else "$lte": _number(one, place)}


def _values(one: Filter, place: FieldPath) -> list[Any]:
    if place.kind == "id":
        return layout.object_ids(str(value) for value in one.values)
    # the empty text stands for no value: samples without a split are counted under it
    return [*one.values, None] if "" in one.values else list(one.values)


def _number(one: Filter, place: FieldPath) -> float:
    value = one.values[0]
    if place.kind not in ("int", "float") or isinstance(value, str | bool):
        raise ViewError(f"expected a numeric field and a number for {one.op}, found {one.field!r} and {value!r}")
    return value
