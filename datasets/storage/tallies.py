"""What a dataset holds, counted in blocks of some thousand samples; after a change only the blocks it touched.

A block keeps the sum of the `last_modified_at` of its samples. Every writer moves these times: ours, FiftyOne's App,
other processes. So a block whose sum and number of samples are unchanged needs no recount. Blocks lie in the database
beside the dataset (`foveal_tallies`): a restart, or another process, compares the sums and counts what changed since.
`versions`, which changes with every write command, tells whether to look at all. A write that changes no time (a script
with pymongo alone) leaves the sums unchanged: when there were write commands but no changed block, everything is
recounted.

Pages, which have little patience, look only for samples that changed after the last count at first; a slow write
that landed with an earlier time is noticed some seconds later. Programs always compare all blocks.
"""

import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from datasets.speed.latest import Latest
from datasets.storage import blocks, collection, handle, kept_blocks
from datasets.storage.blocks import Block, FieldTally
from datasets.storage.handle import Dataset, Named

_AUDIT = 10.0  # seconds after which a count that did not compare all blocks is completed
_MANY = 20_000  # more changed samples than this: all blocks are compared


@dataclass(frozen=True)
class Tally:
    """A dataset's blocks in the order of ids, and their sums. `version` is that of `versions` before counting."""

    version: tuple[Any, ...]
    explained: object
    blocks: Sequence[Block]
    names: Mapping[str, str]
    audited: bool = True
    when: float = field(default_factory=time.monotonic)

    @property
    def modified(self) -> datetime | None:
        """When a sample was changed last."""
        moment: datetime | None = self.version[2]
        return moment

    @cached_property
    def count(self) -> int:
        """Samples."""
        return sum(self.splits.values())

    @cached_property
    def splits(self) -> Mapping[str, int]:
        """Samples by split, most frequent first; without one under the empty text."""
        return blocks.summed(one.splits for one in self.blocks)

    @cached_property
    def tags(self) -> Mapping[str, int]:
        """Samples by tag, most frequent first."""
        return blocks.summed(one.tags for one in self.blocks)

    @cached_property
    def fields(self) -> Mapping[str, FieldTally]:
        """Labels by field."""
        return {name: blocks.joined([one.fields[key] for one in self.blocks]) for name, key in self.names.items()}

    @cached_property
    def folders(self) -> frozenset[str]:
        """Folders of media and of masks, as they are written."""
        found = [*(one.folders for one in self.blocks), *(one.folders for one in self.fields.values())]
        return frozenset(name for some in found for name in some if name)

    def start(self, row: int) -> tuple[ObjectId, int]:
        """The first id of the block that holds this row (from 0), and the row's position in the block."""
        for one in self.blocks:
            if row < one.count:
                return one.first, row
            row -= one.count
        return self.blocks[-1].first, row + self.blocks[-1].count


_latest: Latest[Tally] = Latest()


def of(named: Named, patience: float | None = None) -> Tally:
    """The counts of a dataset; with `patience` (seconds) the former ones when counting takes longer.

    Raises DatasetNotFound.
    """
    dataset, hasty = handle.of(named, any_version=True), patience is not None
    key = dataset.version[0]

    def fresh(kept: Tally) -> bool:
        settled = kept.audited or (hasty and time.monotonic() - kept.when < _AUDIT)
        return kept.version == dataset.version and settled

    kept = _stored(dataset) if hasty and _latest.peek(key) is None else None
    return _latest.get(key, fresh, lambda before: _count(dataset, before, hasty=hasty), patience, kept)


def known(version: tuple[Any, ...]) -> Tally | None:
    """The counts of a dataset in this version (of `versions`), if they exist and every block was compared."""
    kept = _latest.peek(version[0])
    return kept if kept and kept.audited and kept.version == version else None


def forget(dataset_id: ObjectId) -> None:
    """Drop what is cached about a deleted dataset."""
    _latest.forget(dataset_id)
    kept_blocks.forget(dataset_id)


def _count(dataset: Dataset, before: Tally | None, *, hasty: bool) -> Tally:
    """Check the blocks, and recount those that changed, or that hold a new field."""
    samples, keys = collection.samples(dataset), blocks.field_keys(dataset.document)
    key = dataset.version[0]
    known = list(before.blocks) if before else kept_blocks.load(key)
    some = _touched(samples, before) if before and hasty and before.version != dataset.version else None
    made, changed = blocks.renewed(samples, known, keys, some)
    unexplained = not changed or sum(one.count for one in made) != samples.estimated_document_count()
    if some is not None and unexplained:
        some, (made, more) = None, blocks.renewed(samples, made, keys, None)
        changed += more
    writes = handle.renewed(dataset).version[-1]
    if before and not changed and before.explained != writes:
        made = changed = [part for one in blocks.ranges(made) for part in blocks.counted(samples, *one, keys)]
    kept = [one for at, one in enumerate(made) if at == 0 or one.count]
    kept_blocks.store(key, changed, {one.first for one in known} - {one.first for one in kept})
    return Tally(dataset.version, writes, tuple(kept), {one.name: key for key, one in keys.items()}, some is None)


def _touched(samples: Collection, before: Tally) -> set[ObjectId] | None:
    """First ids of blocks with samples that changed since the last count, by their times; None for too many."""
    match = {"last_modified_at": {"$gte": before.modified}} if before.modified else {}
    found = [one["_id"] for one in samples.find(match, {"_id": 1}).limit(_MANY + 1)]
    starts = [one.first for one in before.blocks]
    return None if len(found) > _MANY else {starts[bisect_right(starts, one) - 1] for one in found}


def _stored(dataset: Dataset) -> Tally | None:
    """The last counts by another process, or by this one before a restart; None if a field is not counted."""
    keys, found = blocks.field_keys(dataset.document), kept_blocks.load(dataset.version[0])
    if not found or any(keys.keys() - one.fields.keys() for one in found):
        return None
    return Tally(dataset.version, None, found, {one.name: key for key, one in keys.items()}, audited=False)
