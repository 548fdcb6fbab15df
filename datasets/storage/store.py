"""Datasets as a whole: listing, summarising, creating and deleting them.

Listing, summaries and schemas are read with pymongo alone, so that the first page need not wait for FiftyOne. A dataset
whose name starts with a dot is hidden: an import in progress, or the remains of one that died (`prune`).

Every sample has a text field `split` (`train`, `val`, `test` or nothing). What we store about a dataset lies in its
FiftyOne `info` under `foveal`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from datasets import kinds
from datasets.errors import DatasetExists, DatasetsError, FieldError
from datasets.fieldnames import is_prediction
from datasets.records import SPLITS
from datasets.storage import (
    class_edits,
    collection,
    connection,
    documents,
    handle,
    journal,
    layout,
    queue_records,
    schemas,
    tallies,
    vendor,
)
from datasets.storage.handle import Named
from datasets.storage.layout import StoredField

FRAMES = "frames."  # prefix of the fields of the frames of videos, in a schema and in view specs
_NUMERIC = ("int", "float")


@dataclass(frozen=True)
class FieldInfo:
    """One field of a dataset.

    `kind` is `labels`, string, int, float, bool, date, id, list, dict, vector, image (the path of one), document or
    unknown; `label_kind` is one of `labels.KINDS` for label fields. `numeric` fields can be sorted by and filtered by
    range. `attributes` are the simple fields of a document or of the labels in the field, by their path in a view spec
    (`ground_truth.confidence`).
    """

    name: str
    kind: str
    label_kind: str | None = None
    numeric: bool = False
    attributes: tuple["FieldInfo", ...] = ()


@dataclass(frozen=True)
class DatasetSummary:
    """What a dataset holds. `class_counts` are labels per class name, for every label field with class names.

    `classes` is the class order: the declared ones, then names that only labels use, sorted. `splits` counts
    samples; samples without a split count under the empty text. `modified` is that of the newest sample.
    """

    name: str
    count: int
    created: datetime | None
    modified: datetime | None
    label_fields: Mapping[str, str]
    classes: tuple[str, ...]
    splits: Mapping[str, int]
    tags: Mapping[str, int]
    class_counts: Mapping[str, Mapping[str, int]]
    info: Mapping[str, Any] = field(default_factory=dict)


def list_datasets(*, hidden: bool = False, patience: float | None = None) -> list[DatasetSummary]:
    """Summaries of all datasets, oldest first; hidden ones only when asked for. `patience` is that of `summary`."""
    return [summary(name, patience=patience) for name in names(hidden=hidden)]


def names(*, hidden: bool = False) -> list[str]:
    """Names of all datasets, oldest first."""
    return [name for name in documents.names() if hidden or not name.startswith(".")]


def exists(name: str) -> bool:
    """Whether a dataset has this name, hidden or not."""
    return name in documents.names()


def summary(named: Named, *, patience: float | None = None) -> DatasetSummary:
    """What one dataset holds; after a change only what changed is counted again. Raises DatasetNotFound.

    With `patience`, in seconds, the former counts are returned when new ones take longer; not on the first call.
    """
    dataset = handle.of(named, any_version=True)
    found = dataset.document
    label_fields = {one.name: str(one.label_kind) for one in dataset.fields if one.label_kind}
    counted = tallies.of(dataset, patience)
    known = {key: counted.fields[key].classes for key in label_fields if key in counted.fields}
    class_counts = {key: known.get(key, {}) for key, own in label_fields.items() if not kinds.kind(own).whole_mask}
    return DatasetSummary(
        name=dataset.name,
        count=counted.count,
        created=found.get("created_at"),
        modified=counted.modified,
        label_fields=label_fields,
        classes=_class_order(found, class_counts),
        splits=_ordered(counted.splits),
        tags=counted.tags,
        class_counts=class_counts,
        info=dict((found.get("info") or {}).get("foveal") or {}),
    )


def schema(named: Named) -> list[FieldInfo]:
    """The fields of a dataset that people may see, in order of declaration. Raises DatasetNotFound."""
    return [_field_info(one) for one in handle.of(named, any_version=True).fields]


def frame_schema(name: str) -> list[FieldInfo]:
    """The fields of the frames of videos, named `frames.<field>`; none for images. Raises DatasetNotFound."""
    found = documents.of(name, any_version=True)
    return [_field_info(one, FRAMES) for one in layout.frame_fields(found)]


def create(
    name: str,
    label_fields: Mapping[str, str] | None = None,
    classes: Sequence[str] = (),
    fields: Mapping[str, str] | None = None,
    *,
    videos: bool = False,
) -> None:
    """Make an empty persistent dataset: `label_fields` by kind, further `fields`, and the class order.

    Its samples are images, or `videos`, whose frames have fields of their own (`frames.declare`).

    Raises DatasetExists, FieldError for an unknown kind, DatabaseError, or DatasetsError for a name that is refused.
    """
    fo = vendor.fiftyone()
    if exists(name):
        raise DatasetExists(name)
    try:
        with documents.refused(name):
            dataset = fo.Dataset(name, persistent=True)
    except ValueError as refused:
        raise _bad_name(name, refused) from refused
    dataset.media_type = "video" if videos else "image"
    dataset.default_classes = list(classes)
    dataset.save()
    try:
        schemas.declare(name, {"split": "string", **(fields or {}), **(label_fields or {})})
    except DatasetsError:
        fo.delete_dataset(name)
        raise


def delete(name: str) -> None:
    """Delete a dataset with its views and runs in FiftyOne; media stay. Raises DatasetNotFound."""
    found = documents.of(name, any_version=True)
    vendor.fiftyone().delete_dataset(name)
    connection.written()
    tallies.forget(found["_id"])
    journal.forget(found["_id"])
    class_edits.forget(found["_id"])
    queue_records.forget(found["_id"])


def rename(name: str, new: str) -> None:
    """Give a dataset another name. Raises DatasetNotFound, DatasetExists, or DatasetsError for a name refused."""
    dataset = collection.load(name)
    if exists(new):
        raise DatasetExists(new)
    try:
        dataset.name = new
    except ValueError as refused:
        raise _bad_name(new, refused) from refused
    connection.written()


def info(name: str) -> dict[str, Any]:
    """What Foveal stores about a dataset. Raises DatasetNotFound."""
    kept = documents.of(name, any_version=True).get("info") or {}
    return dict(kept.get("foveal") or {})


def set_info(name: str, key: str, value: Any) -> None:
    """Store one value (plain JSON) about a dataset; None removes it. Two processes may set two keys at once."""
    if not key or "." in key or key.startswith("$"):
        raise FieldError(f"expected a key without dots and not starting with $, found {key!r}")
    if value is None:
        documents.unset(name, f"info.foveal.{key}")
    else:
        documents.update(name, {f"info.foveal.{key}": value})


def set_classes(name: str, classes: Sequence[str]) -> None:
    """Declare the class order of a dataset."""
    documents.update(name, {"default_classes": list(classes)})


def prune(older_than: timedelta = timedelta(hours=1)) -> list[str]:
    """Delete hidden datasets without changes for that long: imports that died. Returns their names."""
    limit = layout.now() - older_than
    stale = [one.name for one in list_datasets(hidden=True) if one.name.startswith(".") and _last_change(one) < limit]
    for name in stale:
        delete(name)
    return stale


def _last_change(one: DatasetSummary) -> datetime:
    return max(moment for moment in (one.created, one.modified, datetime.min) if moment is not None)


def _bad_name(name: str, refused: ValueError) -> DatasetsError:
    return DatasetsError(
        f"expected a name with a letter or digit (A-Z, 0-9) that no other dataset resembles, found {name!r}: "
        f"{refused}; choose another name"
    )


def _ordered(splits: Mapping[str, int]) -> dict[str, int]:
    """Train, val, test, then the others."""
    names_ = [*(name for name in SPLITS if name in splits), *(name for name in splits if name not in SPLITS)]
    return {name: splits[name] for name in names_}


def _class_order(found: Mapping[str, Any], counts: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    declared = list(found.get("default_classes") or ())
    for names_ in (found.get("classes") or {}).values():
        declared += [one for one in names_ if one not in declared]
    # predictions may name classes of their model that this dataset lacks
    own = {key: count for key, count in counts.items() if not is_prediction(key)} or counts
    used = Counter[str]()
    for count in own.values():
        used.update(count)
    return (*declared, *sorted(set(used) - set(declared)))


def _field_info(one: StoredField, path: str = "") -> FieldInfo:
    name = f"{path}{one.name}"
    inner = one.fields
    if one.label_kind and kinds.kind(one.label_kind).many and inner:
        inner = inner[0].fields
    shown = tuple(_field_info(part, f"{name}.") for part in inner if part.kind not in ("vector", "dict", "unknown"))
    return FieldInfo(name, one.kind, one.label_kind, one.kind in _NUMERIC, shown)
