"""What a page of the grid, one sample, and the filters beside them show: plain rows, read by pymongo alone."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from datasets.errors import ViewError
from datasets.records import Label
from datasets.storage import collection, documents, labels, layout, tallies
from datasets.storage.layout import StoredField
from datasets.views import paging, resolve
from datasets.viewspec import ViewSpec

Document = dict[str, Any]

_SIMPLE = ("string", "int", "float", "bool", "date", "id", "list")
_APART = {"id", "filepath", "split", "tags", "metadata"}
_UNSEEN = ("mask", "logits", "map")  # binary parts of labels; not for a page


@dataclass(frozen=True, slots=True)
class Row:
    """One sample. Sizes are pixels as shown; `values` are its other simple fields, dates as ISO text."""

    id: str
    path: str
    width: int | None
    height: int | None
    split: str | None
    tags: tuple[str, ...]
    labels: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a view: `number` counts from 1; `total` is the number of samples in the view."""

    total: int
    number: int
    size: int
    rows: tuple[Row, ...]


def count(spec: ViewSpec) -> int:
    """How many samples a view has; counted once for each state of the dataset."""
    return paging.count(spec)


def page(spec: ViewSpec, number: int = 1, size: int = 60) -> Page:
    """One page of a view; beyond the last page it has no rows."""
    if number < 1 or size < 1:
        raise ViewError(f"expected a page number and a size from 1, found {number} and {size}")
    total = paging.count(spec)
    return Page(total, number, size, rows(spec.dataset, paging.ids(spec, (number - 1) * size, size, total)))


def nearest(spec: ViewSpec, number: int, size: int) -> Page:
    """One page of a view; beyond the last page it is the last one."""
    last = max(1, math.ceil(paging.count(spec) / size))
    return page(spec, min(number, last), size)


def spread(dataset: str, count: int) -> tuple[Row, ...]:
    """So many samples at most, spread evenly over a dataset in the order of import; kept until something changes."""
    whole = ViewSpec(dataset=dataset)

    def read() -> tuple[Row, ...]:
        total = paging.count(whole)
        step = max(1, total // count)
        found = [key for number in range(0, total, step)[:count] for key in paging.ids(whole, number, 1, total)]
        return rows(dataset, found)

    return paging.kept(("spread", count), whole, read)


def rows(dataset: str, ids: list[str]) -> tuple[Row, ...]:
    """Rows of these samples, in this order; unknown ids are left out."""
    fields = layout.stored_fields(documents.of(dataset))
    hidden = dict.fromkeys(_heavy(fields), 0)
    return tuple(_row(raw, fields) for raw in collection.by_ids(dataset, ids, hidden or None))


def sample(dataset: str, sample_id: str) -> Row:
    """One sample with every field. Raises ViewError when the dataset has none of this id."""
    found = rows(dataset, [sample_id])
    if not found:
        raise ViewError(f"expected the id of a sample of dataset {dataset!r}, found {sample_id!r}; it may be deleted")
    return found[0]


def class_counts(
    spec: ViewSpec,
    field_name: str,
    patience: float | None = None,
    meanwhile: Mapping[str, int | None] | None = None,
) -> Mapping[str, int | None]:
    """Labels per class of one label field in the samples of a view, most frequent first.

    With `patience`, in seconds, the counts of before are returned when new ones take longer, else `meanwhile`.
    """
    place = resolve.field_path(spec.dataset, field_name)
    if place.label_kind is None or place.kind != "labels":
        raise ViewError(f"expected a label field, found {field_name!r}, which is {place.kind}")
    if spec.saved is None and spec.ids is None and not spec.filters:
        known = tallies.of(spec.dataset, patience).fields.get(field_name)
        return known.classes if known else {}
    kind = place.label_kind

    def tally() -> Mapping[str, int | None]:
        return dict(collection.class_tally(spec.dataset, field_name, kind, resolve.match_of(spec)))

    return paging.kept(("classes", field_name), spec, tally, patience, meanwhile)


def distinct(spec: ViewSpec, field_name: str, most: int = 1000) -> list[Any]:
    """The different values of a field in a view, sorted, at most so many; those of lists one by one."""
    place = resolve.field_path(spec.dataset, field_name)
    return paging.kept(("distinct", field_name, most), spec, lambda: _distinct(spec, place, most))


def number_range(spec: ViewSpec, field_name: str) -> tuple[float, float] | None:
    """Least and greatest value of a numeric field in a view; None when no sample has one."""
    place = resolve.field_path(spec.dataset, field_name)
    if place.kind not in ("int", "float"):
        raise ViewError(f"expected a numeric field, found {field_name!r}, which is {place.kind}")
    return paging.kept(("range", field_name), spec, lambda: _number_range(spec, place))


def _distinct(spec: ViewSpec, place: resolve.FieldPath, most: int) -> list[Any]:
    steps = _values_of(spec, place)
    unwound: list[Document] = [{"$unwind": "$value"}] * 2  # once for a list of labels, once for a list in each of them
    groups: list[Document] = [{"$group": {"_id": "$value"}}, {"$match": {"_id": {"$ne": None}}}, {"$sort": {"_id": 1}}]
    found = collection.samples(spec.dataset).aggregate([*steps, *unwound, *groups, {"$limit": most}], allowDiskUse=True)
    return [_plain(group["_id"]) for group in found]


def _number_range(spec: ViewSpec, place: resolve.FieldPath) -> tuple[float, float] | None:
    steps = _values_of(spec, place)
    finite = {"$match": {"value": {"$gte": float("-inf")}}}  # leaves out NaN and absent values
    group = {"$group": {"_id": None, "least": {"$min": "$value"}, "most": {"$max": "$value"}}}
    found = list(collection.samples(spec.dataset).aggregate([*steps, {"$unwind": "$value"}, finite, group]))
    return (found[0]["least"], found[0]["most"]) if found else None


def _values_of(spec: ViewSpec, place: resolve.FieldPath) -> list[Document]:
    return [{"$match": resolve.match_of(spec)}, {"$project": {"_id": 0, "value": f"${place.stored}"}}]


def _row(raw: Document, fields: list[StoredField]) -> Row:
    metadata = raw.get("metadata") or {}
    return Row(
        id=str(raw["_id"]),
        path=raw["filepath"],
        width=metadata.get("width"),
        height=metadata.get("height"),
        split=raw.get("split"),
        tags=tuple(raw.get("tags") or ()),
        labels={one.name: labels.from_document(raw.get(one.stored)) for one in fields if one.label_kind},
        values={
            one.name: _plain(raw[one.stored])
            for one in fields
            if one.kind in _SIMPLE and one.name not in _APART and raw.get(one.stored) is not None
        },
    )


def _heavy(fields: list[StoredField]) -> list[str]:
    paths = [one.stored for one in fields if one.kind in ("vector", "dict", "unknown")]
    for one in fields:
        if one.label_kind:
            paths += [f"{labels.list_path(one.stored, one.label_kind)}.{part}" for part in _UNSEEN]
    return paths


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON knows no NaN
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(one) for one in value] if isinstance(value, list) else str(value)
