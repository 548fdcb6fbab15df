"""From a view spec to samples: the MongoDB condition, the order, and all ids of the view, in order.

Functions take the handle of the spec's dataset where the caller has read it already.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.errors import ViewError
from datasets.speed.memo import Memo
from datasets.storage import collection, frame_collection, handle, layout
from datasets.storage.handle import Dataset
from datasets.views import saved
from datasets.views.conditions import COUNTS, all_of, conditions, looked_up
from datasets.views.field_paths import FieldPath, field_path
from datasets.views.saved import SavedView
from datasets.viewspec import ViewSpec

_ID_BYTES = 12
_memo: Memo[bytes] = Memo(most_bytes=64 << 20, weigh=len)


@dataclass(frozen=True)
class Resolved:
    """A view spec in MongoDB's terms. `order` are ids of a saved view that only FiftyOne could resolve, else None."""

    match: Mapping[str, Any]
    sort: tuple[tuple[str, int], ...]
    order: tuple[str, ...] | None = None


def resolve(spec: ViewSpec, dataset: Dataset | None = None) -> Resolved:
    """Condition and order of a view. Raises DatasetNotFound, or ViewError that lists the known fields."""
    dataset = dataset or handle.of(spec.dataset)
    own, sort = [looked_up(dataset, one) for one in conditions(spec, dataset)], _sort(spec, dataset)
    if spec.saved is None:
        return Resolved(all_of(own), sort)
    view = saved.find(dataset, spec.saved)
    known = saved.plain(view)
    if known is None:
        return Resolved(all_of(own), sort, tuple(saved.resolved_ids(spec.dataset, view)))
    kept = [looked_up(dataset, one) for one in known[0]]
    return Resolved(all_of([*kept, *own]), sort or _with_id(known[1]))


def ids(spec: ViewSpec, dataset: Dataset | None = None) -> list[str]:
    """Ids of the samples of a view, in its order. Cached until a sample or the view changes."""
    return unpack(packed_ids(spec, dataset))


def packed_ids(spec: ViewSpec, dataset: Dataset | None = None) -> bytes:
    """The ids of `ids`, 12 bytes each: a million samples are 12 MB."""
    found = dataset or handle.of(spec.dataset)
    return _memo.get((*key_of(spec, found), found.version), lambda: _find_ids(spec, found))


def key_of(spec: ViewSpec, dataset: Dataset) -> tuple[Any, ...]:
    """A cache key for a view: the spec, and the state of the saved view that it names."""
    return spec.model_dump_json(), saved.find(dataset, spec.saved).version if spec.saved else None


def paths(spec: ViewSpec, dataset: Dataset) -> list[str]:
    """Stored paths that the filters and the order of a view use."""
    places = [(one.op, field_path(dataset, one.field)) for one in spec.filters]
    found = [
        f"{place.stored}.label" if op in COUNTS else place.stored
        for op, place in places
        if not place.frames and (place.kind != "labels" or op in COUNTS)
    ]
    return [*found, *([field_path(dataset, spec.sort).stored] if spec.sort else [])]


def unpack(packed: bytes) -> list[str]:
    """Ids as text, from 12 bytes each."""
    return [packed[at : at + _ID_BYTES].hex() for at in range(0, len(packed), _ID_BYTES)]


def match_of(spec: ViewSpec, dataset: Dataset) -> Mapping[str, Any]:
    """One MongoDB condition for exactly the samples of any view."""
    resolved = resolve(spec, dataset)
    if resolved.order is None:
        return resolved.match
    return {"_id": {"$in": layout.object_ids(ids(spec, dataset))}}


def source_of(spec: ViewSpec, dataset: Dataset, place: FieldPath) -> tuple[Any, Mapping[str, Any]]:
    """The collection that holds a field, and the condition for the documents there that belong to a view."""
    if not place.frames:
        return collection.samples(dataset), match_of(spec, dataset)
    whole = spec == ViewSpec(dataset=spec.dataset)
    chosen = {} if whole else {"_sample_id": {"$in": layout.object_ids(ids(spec, dataset))}}
    return frame_collection.of(dataset.document), chosen


def list_views(dataset: str) -> list[SavedView]:
    """Saved views of a dataset, including those made in FiftyOne's App."""
    return saved.stored_views(dataset)


def save_view(name: str, spec: ViewSpec) -> SavedView:
    """Save what a spec shows under a name, for us and for FiftyOne's App; replaces the view that had the name."""
    dataset = handle.of(spec.dataset)
    return saved.write(dataset, name, _stages(spec, dataset))


def delete_view(dataset: str, name: str) -> None:
    """Delete a saved view; no sample is touched. Raises ViewError when there is none of this name."""
    saved.remove(dataset, name)


def fiftyone_view(spec: ViewSpec) -> tuple[str, str | None]:
    """Dataset and slug that show the same samples in FiftyOne's App: `/datasets/<dataset>?view=<slug>`.

    The slug is None for the whole dataset. A view that was never saved is saved as scratch; only the newest of these
    are kept.
    """
    if spec.saved is not None and spec == ViewSpec(dataset=spec.dataset, saved=spec.saved):
        return spec.dataset, saved.find(spec.dataset, spec.saved).slug
    if spec == ViewSpec(dataset=spec.dataset):
        return spec.dataset, None
    name = saved.SCRATCH + hashlib.sha256(spec.model_dump_json().encode()).hexdigest()[:8]
    made = save_view(name, spec)
    saved.tidy(spec.dataset)
    return spec.dataset, made.slug


def _find_ids(spec: ViewSpec, dataset: Dataset) -> bytes:
    resolved = resolve(spec, dataset)
    found = (d["_id"] for d in collection.stream(dataset, resolved.match, {"_id": 1}, resolved.sort or None))
    if resolved.order is None:
        return b"".join(key.binary for key in found)
    kept = list(found)
    if resolved.sort:
        inside = set(resolved.order)
        return b"".join(key.binary for key in kept if str(key) in inside)
    match = {str(key) for key in kept}
    return b"".join(bytes.fromhex(key) for key in resolved.order if key in match)


def _sort(spec: ViewSpec, dataset: Dataset) -> tuple[tuple[str, int], ...]:
    direction = -1 if spec.descending else 1
    if spec.sort is None:
        return _with_id([("_id", -1)]) if spec.descending else ()
    found = field_path(dataset, spec.sort)
    if found.frames:
        raise ViewError(f"expected a field of the samples to sort by, found {spec.sort!r}, which frames have")
    if found.kind in ("labels", "document", "vector", "dict"):
        raise ViewError(f"expected a number, text, date or id to sort by, found {spec.sort!r}, which is {found.kind}")
    return _with_id([(found.stored, direction)])


def _with_id(sort: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """A last key that makes the order total, so that pages never overlap; one index serves both directions."""
    return tuple(sort) if not sort or sort[-1][0] == "_id" else (*sort, ("_id", sort[-1][1]))


def _stages(spec: ViewSpec, dataset: Dataset) -> list[Mapping[str, Any]]:
    stages: list[Mapping[str, Any]] = []
    if spec.saved is not None:
        stages += saved.find(dataset, spec.saved).stages
    if spec.ids is not None:
        stages.append(saved.select_stage(spec.ids))
    stages += [saved.match_stage(one) for one in conditions(spec.model_copy(update={"ids": None}), dataset)]
    if spec.sort is not None:
        stages.append(saved.sort_stage(field_path(dataset, spec.sort).stored, spec.descending))
    elif spec.descending:
        stages.append(saved.sort_stage("id", True))
    return stages
