"""Parts of a view straight from the database: counts are cached until a write, ids are read from the nearer end.

The cost grows with the dataset only in what the server scans: a page of the whole dataset begins at a block of
`tallies`, a page of a filtered or sorted view walks an index (`indexes`) from the nearer end of the order.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from datasets.speed.latest import Latest
from datasets.storage import collection, handle, indexes, tallies
from datasets.storage.handle import Dataset
from datasets.views import resolve
from datasets.viewspec import ViewSpec

Result = TypeVar("Result")
_results: Latest[tuple[Any, Any]] = Latest(most=1000)


def count(spec: ViewSpec, dataset: Dataset | None = None) -> int:
    """How many samples a view has."""
    dataset = dataset or handle.of(spec.dataset)
    if not (spec.saved or spec.filters) and spec.ids is None:
        return dataset.count
    return kept(("count",), spec, lambda: _count(spec, dataset), dataset)


def ids(spec: ViewSpec, start: int, size: int, total: int, dataset: Dataset | None = None) -> list[str]:
    """Ids of `size` samples from row `start` of a view of `total`, in its order."""
    size = max(0, min(size, total - start))
    if not size:
        return []
    dataset = dataset or handle.of(spec.dataset)
    indexes.offer(dataset, resolve.paths(spec, dataset))
    resolved = resolve.resolve(spec, dataset)
    if resolved.order is not None:
        return resolve.ids(spec, dataset)[start : start + size]
    sort = list(resolved.sort or [("_id", 1)])
    if not resolved.match and sort == [("_id", 1)]:
        found = _from_block(dataset, start, size)
        if found is not None:
            return found
    backwards = start > total - start - size
    skip = total - start - size if backwards else start
    order = [(key, -way) for key, way in sort] if backwards else sort
    cursor = collection.samples(dataset).find(resolved.match, {"_id": 1}, sort=order, skip=skip, limit=size)
    found = [str(one["_id"]) for one in cursor.allow_disk_use(True)]
    return found[::-1] if backwards else found


def kept(
    what: tuple[Hashable, ...],
    spec: ViewSpec,
    compute: Callable[[], Result],
    dataset: Dataset,
    *,
    patience: float | None = None,
    meanwhile: Result | None = None,
) -> Result:
    """The result of `compute` on a view, cached until a sample or the view changes; `patience` as in `Latest.get`."""

    def fresh(pair: tuple[Any, Any]) -> bool:
        return bool(pair[0] == dataset.version)

    key = (*what, *resolve.key_of(spec, dataset))
    former = None if meanwhile is None else (None, meanwhile)
    result: Result = _results.get(key, fresh, lambda _: (dataset.version, compute()), patience, former)[1]
    return result


def _count(spec: ViewSpec, dataset: Dataset) -> int:
    known = tallies.known(dataset.version) if _splits(spec) else None
    if known:
        return sum(known.splits.get(name, 0) for name in _splits(spec))
    if resolve.resolve(spec, dataset).order is not None:
        return len(resolve.packed_ids(spec, dataset)) // 12
    return int(collection.samples(dataset).count_documents(resolve.match_of(spec, dataset)))


def _splits(spec: ViewSpec) -> set[str]:
    """The splits that a view consists of; none if it has any other condition."""
    only = spec.filters[0] if len(spec.filters) == 1 and not spec.saved and spec.ids is None else None
    return {str(one) for one in only.values} if only and (only.field, only.op) == ("split", "any_of") else set()


def _from_block(dataset: Dataset, start: int, size: int) -> list[str] | None:
    """A page of the whole dataset in the order of import; None where its blocks are not counted."""
    known = tallies.known(dataset.version)
    if known is None:
        return None
    first, before = known.start(start)
    cursor = collection.samples(dataset).find({"_id": {"$gte": first}}, {"_id": 1}).sort("_id", 1)
    return [str(one["_id"]) for one in cursor.skip(before).limit(size)]
