"""What a page of the grid, one sample, and the filters beside them show: plain rows, read with pymongo alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from datasets.errors import ViewError
from datasets.records import Label
from datasets.storage import collection, handle, labels, layout, tallies
from datasets.storage.handle import Dataset, Named
from datasets.storage.layout import StoredField
from datasets.views import paging, resolve
from datasets.views.field_paths import FieldPath, field_path
from datasets.viewspec import ViewSpec

Document = dict[str, Any]

_SIMPLE = ("string", "int", "float", "bool", "date", "id", "list")
_APART = {"id", "filepath", "split", "tags", "metadata"}
_UNSEEN = ("mask", "logits", "map")  # binary parts of labels; not for a page


@dataclass(frozen=True, slots=True)
class Row:
    """One sample. Sizes are pixels as shown; `values` are its other simple fields, dates as ISO text.

    `images` are paths of further images of it, by field, such as those that a model made. `video` says that the
    sample is a video, whose frames have labels of their own (`storage.frames`).
    """

    id: str
    path: str
    width: int | None
    height: int | None
    split: str | None
    tags: tuple[str, ...]
    labels: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    video: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a view: `number` counts from 1; `total` is the number of samples in the view."""

    total: int
    number: int
    size: int
    rows: tuple[Row, ...]


def count(spec: ViewSpec, dataset: Dataset | None = None) -> int:
    """How many samples a view has; counted once for each state of the dataset."""
    return paging.count(spec, dataset)


def page(spec: ViewSpec, number: int = 1, size: int = 60, dataset: Dataset | None = None) -> Page:
    """One page of a view; empty beyond the last page. `dataset` is its handle, when it was read already."""
    if number < 1 or size < 1:
        raise ViewError(f"expected a page number and a size from 1, found {number} and {size}")
    dataset = dataset or handle.of(spec.dataset)
    total = paging.count(spec, dataset)
    return Page(total, number, size, rows(dataset, paging.ids(spec, (number - 1) * size, size, total, dataset)))


def nearest(spec: ViewSpec, number: int, size: int) -> Page:
    """One page of a view; the last page for any number beyond it."""
    dataset = handle.of(spec.dataset)
    last = max(1, math.ceil(paging.count(spec, dataset) / size))
    return page(spec, min(number, last), size, dataset)


def spread(dataset: str, count: int) -> tuple[Row, ...]:
    """At most `count` samples, spread evenly over a dataset in the order of import; cached until something changes."""
    whole, found = ViewSpec(dataset=dataset), handle.of(dataset)

    def read() -> tuple[Row, ...]:
        total = paging.count(whole, found)
        step = max(1, total // count)
        numbers = range(0, total, step)[:count]
        return rows(found, [key for number in numbers for key in paging.ids(whole, number, 1, total, found)])

    return paging.kept(("spread", count), whole, read, found)


def rows(dataset: Named, ids: list[str]) -> tuple[Row, ...]:
    """Rows of these samples, in this order; unknown ids are left out."""
    found = handle.of(dataset)
    fields = found.fields
    hidden = dict.fromkeys(_heavy(fields), 0)
    return tuple(_row(raw, fields) for raw in collection.by_ids(found, ids, hidden or None))


def sample(dataset: str, sample_id: str) -> Row:
    """One sample with every field. Raises ViewError when the dataset has none of this id."""
    found = rows(dataset, [sample_id])
    if not found:
        raise ViewError(f"expected the id of a sample of dataset {dataset!r}, found {sample_id!r}; it may be deleted")
    return found[0]


def class_counts(
    spec: ViewSpec,
    field_name: str,
    *,
    patience: float | None = None,
    meanwhile: Mapping[str, int | None] | None = None,
    dataset: Dataset | None = None,
) -> Mapping[str, int | None]:
    """Labels per class of one label field in the samples of a view, or in their frames, most frequent first.

    With `patience`, in seconds, the former counts are returned when new ones take longer, else `meanwhile`.
    """
    dataset = dataset or handle.of(spec.dataset)
    place = field_path(dataset, field_name)
    if place.label_kind is None or place.kind != "labels":
        raise ViewError(f"expected a label field, found {field_name!r}, which is {place.kind}")
    if not place.frames and spec.saved is None and spec.ids is None and not spec.filters:
        known = tallies.of(dataset, patience).fields.get(field_name)
        return known.classes if known else {}

    def tally() -> Mapping[str, int | None]:
        return dict(collection.class_tally(*resolve.source_of(spec, dataset, place), f"{place.stored}.label"))

    return paging.kept(("classes", field_name), spec, tally, dataset, patience=patience, meanwhile=meanwhile)


def distinct(spec: ViewSpec, field_name: str, most: int = 1000) -> list[Any]:
    """The distinct values of a field in a view, sorted, at most `most`; lists count by element."""
    dataset = handle.of(spec.dataset)
    place = field_path(dataset, field_name)
    return paging.kept(("distinct", field_name, most), spec, lambda: _distinct(spec, dataset, place, most), dataset)


def number_range(spec: ViewSpec, field_name: str) -> tuple[float, float] | None:
    """Least and greatest value of a numeric field in a view; None when no sample has one."""
    dataset = handle.of(spec.dataset)
    place = field_path(dataset, field_name)
    if place.kind not in ("int", "float"):
        raise ViewError(f"expected a numeric field, found {field_name!r}, which is {place.kind}")
    return paging.kept(("range", field_name), spec, lambda: _number_range(spec, dataset, place), dataset)


def _distinct(spec: ViewSpec, dataset: Dataset, place: FieldPath, most: int) -> list[Any]:
    of, steps = _values_of(spec, dataset, place)
    unwound: list[Document] = [{"$unwind": "$value"}] * 2  # once for a list of labels, once for a list in each of them
    groups: list[Document] = [{"$group": {"_id": "$value"}}, {"$match": {"_id": {"$ne": None}}}, {"$sort": {"_id": 1}}]
    found = of.aggregate([*steps, *unwound, *groups, {"$limit": most}], allowDiskUse=True)
    return [_plain(group["_id"]) for group in found]


def _number_range(spec: ViewSpec, dataset: Dataset, place: FieldPath) -> tuple[float, float] | None:
    of, steps = _values_of(spec, dataset, place)
    finite = {"$match": {"value": {"$gte": float("-inf")}}}  # leaves out NaN and absent values
    group = {"$group": {"_id": None, "least": {"$min": "$value"}, "most": {"$max": "$value"}}}
    found = list(of.aggregate([*steps, {"$unwind": "$value"}, finite, group]))
    return (found[0]["least"], found[0]["most"]) if found else None


def _values_of(spec: ViewSpec, dataset: Dataset, place: FieldPath) -> tuple[Any, list[Document]]:
    of, match = resolve.source_of(spec, dataset, place)
    return of, [{"$match": match}, {"$project": {"_id": 0, "value": f"${place.stored}"}}]


def _row(raw: Document, fields: Sequence[StoredField]) -> Row:
    width, height = layout.size_of(raw)
    return Row(
        id=str(raw["_id"]),
        path=raw["filepath"],
        width=width,
        height=height,
        split=raw.get("split"),
        tags=tuple(raw.get("tags") or ()),
        labels={one.name: labels.from_document(raw.get(one.stored)) for one in fields if one.label_kind},
        values={
            one.name: _plain(raw[one.stored])
            for one in fields
            if one.kind in _SIMPLE and one.name not in _APART and raw.get(one.stored) is not None
        },
        images={one.name: raw[one.stored] for one in fields if one.holds_image and raw.get(one.stored)},
        video=raw.get("_media_type") == "video",
    )


def _heavy(fields: Sequence[StoredField]) -> list[str]:
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
