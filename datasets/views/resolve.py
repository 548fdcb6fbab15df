"""From a view spec to samples: the MongoDB condition, the order, and all ids of a view in its order."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from datasets.errors import ViewError
from datasets.speed.memo import Memo
from datasets.storage import collection, documents, labels, layout, versions
from datasets.storage.layout import StoredField
from datasets.views import saved
from datasets.views.saved import SavedView
from datasets.viewspec import Filter, ViewSpec

__all__ = ["FieldPath", "Resolved", "SavedView", "delete_view", "field_path", "fiftyone_view", "ids", "key_of"]
__all__ += ["list_views", "match_of", "packed_ids", "paths", "resolve", "save_view"]

Document = dict[str, Any]

COUNTS = ("count_at_least", "count_at_most")
_ID_BYTES = 12
_memo: Memo[bytes] = Memo(most_bytes=64 << 20, weigh=len)
_LABEL_ATTRIBUTES = {"label": "string", "confidence": "float", "tags": "list", "id": "id", "mask_path": "string"}


@dataclass(frozen=True)
class FieldPath:
    """Where the values of a field of a view spec lie. `within` is the list of labels when `path` is relative to one."""

    path: str
    kind: str
    within: str | None = None
    label_kind: str | None = None

    @property
    def stored(self) -> str:
        """The whole path in the database."""
        return f"{self.within}.{self.path}" if self.within else self.path


@dataclass(frozen=True)
class Resolved:
    """A view spec in MongoDB's terms. `order` are ids of a saved view that only FiftyOne could resolve, else None."""

    match: Mapping[str, Any]
    sort: tuple[tuple[str, int], ...]
    order: tuple[str, ...] | None = None


def resolve(spec: ViewSpec) -> Resolved:
    """Condition and order of a view. Raises DatasetNotFound, or ViewError that lists the fields there are."""
    conditions = [*_conditions(spec)]
    sort = _sort(spec)
    if spec.saved is None:
        return Resolved(_all_of(conditions), sort)
    view = saved.find(spec.dataset, spec.saved)
    known = saved.plain(view)
    if known is None:
        return Resolved(_all_of(conditions), sort, tuple(saved.resolved_ids(spec.dataset, view)))
    return Resolved(_all_of([*known[0], *conditions]), sort or _with_id(known[1]))


def ids(spec: ViewSpec) -> list[str]:
    """Ids of the samples of a view, in its order. Kept until a sample or the view changes."""
    return unpack(packed_ids(spec))


def packed_ids(spec: ViewSpec) -> bytes:
    """The ids of `ids`, 12 bytes each: a million samples are 12 MB."""
    return _memo.get((*key_of(spec), versions.of(spec.dataset)), lambda: _find_ids(spec))


def key_of(spec: ViewSpec) -> tuple[Any, ...]:
    """What a view says, to keep results by: the spec, and the state of the saved view that it names."""
    return spec.model_dump_json(), saved.find(spec.dataset, spec.saved).version if spec.saved else None


def paths(spec: ViewSpec) -> list[str]:
    """Stored paths that the filters and the order of a view look at."""
    places = [(one.op, field_path(spec.dataset, one.field)) for one in spec.filters]
    found = [
        f"{place.stored}.label" if op in COUNTS else place.stored
        for op, place in places
        if place.kind != "labels" or op in COUNTS
    ]
    return [*found, *([field_path(spec.dataset, spec.sort).stored] if spec.sort else [])]


def unpack(packed: bytes) -> list[str]:
    """Ids as text, from 12 bytes each."""
    return [packed[at : at + _ID_BYTES].hex() for at in range(0, len(packed), _ID_BYTES)]


def match_of(spec: ViewSpec) -> Mapping[str, Any]:
    """One MongoDB condition for exactly the samples of a view, whatever it is made of."""
    resolved = resolve(spec)
    if resolved.order is None:
        return resolved.match
    return {"_id": {"$in": layout.object_ids(ids(spec))}}


def list_views(dataset: str) -> list[SavedView]:
    """Saved views of a dataset, those made in FiftyOne's App among them."""
    return saved.stored_views(dataset)


def save_view(name: str, spec: ViewSpec) -> SavedView:
    """Save what a spec shows under a name, for us and for FiftyOne's App; replaces the view that had the name."""
    return saved.write(spec.dataset, name, _stages(spec))


def delete_view(dataset: str, name: str) -> None:
    """Delete a saved view; no sample is touched. Raises ViewError when there is none of this name."""
    saved.remove(dataset, name)


def fiftyone_view(spec: ViewSpec) -> tuple[str, str | None]:
    """Dataset and slug that show the same samples in FiftyOne's App: `/datasets/<dataset>?view=<slug>`.

    The slug is None for the whole dataset. A view that was never saved is saved as scratch; few of these are kept.
    """
    if spec.saved is not None and spec == ViewSpec(dataset=spec.dataset, saved=spec.saved):
        return spec.dataset, saved.find(spec.dataset, spec.saved).slug
    if spec == ViewSpec(dataset=spec.dataset):
        return spec.dataset, None
    name = saved.SCRATCH + hashlib.sha256(spec.model_dump_json().encode()).hexdigest()[:8]
    made = save_view(name, spec)
    saved.tidy(spec.dataset)
    return spec.dataset, made.slug


def field_path(dataset: str, name: str) -> FieldPath:
    """Where a field of a view spec lies. Raises ViewError that lists the fields of the dataset."""
    fields = {one.name: one for one in layout.stored_fields(documents.of(dataset))}
    head, _, tail = name.partition(".")
    one = fields.get(head)
    found = _inside(one, tail) if one is not None else None
    if found is None:
        raise ViewError(
            f"expected a field of dataset {dataset!r}, found {name!r}; fields: {', '.join(_names(fields.values()))}"
        )
    return found


def _inside(one: StoredField, tail: str) -> FieldPath | None:
    if one.label_kind:
        return _label_path(one, one.label_kind, tail)
    if not tail:
        return FieldPath(one.stored, one.item if one.kind == "list" and one.item else one.kind)
    part = next((part for part in one.fields if part.name == tail), None)
    return FieldPath(f"{one.stored}.{part.stored}", part.kind) if part else None


def _label_path(one: StoredField, kind: str, tail: str) -> FieldPath | None:
    place = labels.list_path(one.stored, kind)
    if not tail:
        return FieldPath(place, "labels", label_kind=kind)
    attributes = {**_LABEL_ATTRIBUTES, **{part.name: part.kind for part in _label_fields(one)}}
    if tail not in attributes:
        return None
    stored = "_id" if tail == "id" else tail
    value = "string" if attributes[tail] == "list" else attributes[tail]
    return FieldPath(stored, value, place, kind)


def _label_fields(one: StoredField) -> tuple[StoredField, ...]:
    return one.fields[0].fields if one.label_kind and labels.is_list(one.label_kind) and one.fields else one.fields


def _names(fields: Iterable[StoredField]) -> list[str]:
    return [name for one in fields for name in ([one.name, f"{one.name}.label"] if one.label_kind else [one.name])]


def _find_ids(spec: ViewSpec) -> bytes:
    resolved = resolve(spec)
    found = (d["_id"] for d in collection.stream(spec.dataset, resolved.match, {"_id": 1}, resolved.sort or None))
    if resolved.order is None:
        return b"".join(key.binary for key in found)
    kept: list[ObjectId] = list(found)
    if resolved.sort:
        inside = set(resolved.order)
        return b"".join(key.binary for key in kept if str(key) in inside)
    match = {str(key) for key in kept}
    return b"".join(bytes.fromhex(key) for key in resolved.order if key in match)


def _sort(spec: ViewSpec) -> tuple[tuple[str, int], ...]:
    direction = -1 if spec.descending else 1
    if spec.sort is None:
        return _with_id([("_id", -1)]) if spec.descending else ()
    found = field_path(spec.dataset, spec.sort)
    if found.kind in ("labels", "document", "vector", "dict"):
        raise ViewError(f"expected a number, text, date or id to sort by, found {spec.sort!r}, which is {found.kind}")
    return _with_id([(found.stored, direction)])


def _with_id(sort: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """A last key that makes the order total, so that pages never overlap; one index serves both directions."""
    return tuple(sort) if not sort or sort[-1][0] == "_id" else (*sort, ("_id", sort[-1][1]))


def _all_of(conditions: Sequence[Mapping[str, Any]]) -> Document:
    if len(conditions) > 1:
        return {"$and": [dict(one) for one in conditions]}
    return dict(conditions[0]) if conditions else {}


def _conditions(spec: ViewSpec) -> list[Document]:
    """One condition per filter, those on labels of one field combined so that one and the same label satisfies them."""
    made: list[Document] = []
    inside: dict[str, list[Document]] = {}
    if spec.ids is not None:
        made.append({"_id": {"$in": layout.object_ids(spec.ids)}})
    for one in spec.filters:
        place = field_path(spec.dataset, one.field)
        if one.op in COUNTS:
            made.append(_count_of(one, place))
        elif place.kind == "labels":
            made.append(_presence(one, place))
        elif place.within and place.label_kind and labels.is_list(place.label_kind):
            inside.setdefault(place.within, []).append({place.path: _condition(one, place)})
        else:
            made.append({place.stored: _condition(one, place)})
    return made + [{place: {"$elemMatch": _all_of(parts)}} for place, parts in inside.items()]


def _presence(one: Filter, place: FieldPath) -> Document:
    if one.op not in ("exists", "missing"):
        raise ViewError(
            f"expected exists, missing or a count for a whole label field, found {one.op} on {one.field!r}; "
            f"name an attribute, such as {one.field}.label"
        )
    wanted = one.op == "exists"
    if labels.is_list(str(place.label_kind)):
        return {f"{place.path}.0": {"$exists": wanted}}
    return {place.path: {"$ne": None} if wanted else None}


def _count_of(one: Filter, place: FieldPath) -> Document:
    """A condition on how many labels of a class a sample has."""
    if place.kind != "labels" or not labels.is_list(str(place.label_kind)):
        raise ViewError(f"expected a field with any number of labels for {one.op}, found {one.field!r} ({place.kind})")
    name, number, least = (*one.values, None)[:3] if 2 <= len(one.values) <= 3 else (None, None, None)
    if not isinstance(name, str) or isinstance(number, str | bool | None) or isinstance(least, str | bool):
        raise ViewError(
            f"expected a class, a number and perhaps a confidence for {one.op} on {one.field!r}, found {one.values}"
        )
    # $literal: a class may be called `$cost`; without a confidence a label always counts, as on screen
    tests: list[Document] = [{"$eq": ["$$this.label", {"$literal": name}]}] if name else []
    if least is not None:
        tests.append({"$gte": [{"$ifNull": ["$$this.confidence", 1]}, least]})
    there: Document = {"$ifNull": [f"${place.path}", []]}
    kept = {"$filter": {"input": there, "cond": {"$and": tests}}} if tests else there
    counted: Document = {"$expr": {"$gte" if one.op == COUNTS[0] else "$lte": [{"$size": kept}, number]}}
    # a plain condition first: samples without the class are passed over before anything is counted
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


def _stages(spec: ViewSpec) -> list[Mapping[str, Any]]:
    stages: list[Mapping[str, Any]] = []
    if spec.saved is not None:
        stages += saved.find(spec.dataset, spec.saved).stages
    if spec.ids is not None:
        stages.append(saved.select_stage(spec.ids))
    stages += [saved.match_stage(one) for one in _conditions(spec.model_copy(update={"ids": None}))]
    if spec.sort is not None:
        stages.append(saved.sort_stage(field_path(spec.dataset, spec.sort).stored, spec.descending))
    elif spec.descending:
        stages.append(saved.sort_stage("id", True))
    return stages
