"""What a dataset holds, counted in blocks of some thousand samples; after a change only the blocks it touched.

A block keeps the sum of the `last_modified_at` of its samples. Every writer moves these times: ours, FiftyOne's App,
other processes. So a block whose sum and number of samples are as they were needs no counting, whoever wrote elsewhere.
Blocks lie in the database beside the dataset (`foveal_tallies`): a restart, or another process, compares the sums and
counts what changed since. Whether to look at all says `versions.of`, which moves with every write command. A
write that moved no time (a script with pymongo alone) leaves the sums as they are: when there were commands that
explain nothing, everything is counted anew.

Pages, which have little patience, look at first only for samples that changed after the last count; that a slow write
has landed with an earlier time they see some seconds later. Programs always compare all blocks.
"""

import json
import logging
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from bson import ObjectId
from pymongo import DeleteOne, ReplaceOne
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from datasets.speed.latest import Latest
from datasets.storage import collection, database, documents, labels, layout, versions
from datasets.storage.documents import Document
from datasets.storage.layout import StoredField

log = logging.getLogger(__name__)
SIZE = 2000
_FIRST = ObjectId(bytes(12))
_SHAPE = 1  # of what is kept; another number leaves older blocks unread
_AUDIT = 10.0  # seconds after which a count that compared not all blocks is gone over
_MANY = 20_000  # changed samples beyond which all blocks are compared


@dataclass(frozen=True)
class FieldTally:
    """Labels of one field: by class; how many have a mask, and a confidence; folders of the files of their masks."""

    classes: Mapping[str, int] = field(default_factory=dict)
    masks: int = 0
    confidences: int = 0
    folders: Sequence[str] = ()


@dataclass(frozen=True)
class Block:
    """The samples from id `first` to the next block. `stamp` is the sum of their times of change, in milliseconds."""

    first: ObjectId
    stamp: int
    splits: Mapping[str, int]
    tags: Mapping[str, int]
    folders: Sequence[str]
    fields: Mapping[str, FieldTally]

    @property
    def count(self) -> int:
        """Its samples."""
        return sum(self.splits.values())


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
        return _sum(one.splits for one in self.blocks)

    @cached_property
    def tags(self) -> Mapping[str, int]:
        """Samples by tag, most frequent first."""
        return _sum(one.tags for one in self.blocks)

    @cached_property
    def fields(self) -> Mapping[str, FieldTally]:
        """Labels by field."""
        return {name: _joined([one.fields[key] for one in self.blocks]) for name, key in self.names.items()}

    @cached_property
    def folders(self) -> frozenset[str]:
        """Folders of media and of masks, as they are written."""
        found = [*(one.folders for one in self.blocks), *(one.folders for one in self.fields.values())]
        return frozenset(name for some in found for name in some if name)

    def start(self, row: int) -> tuple[ObjectId, int]:
        """The first id of the block that holds this row, counted from 0, and how many rows lie before it there."""
        for one in self.blocks:
            if row < one.count:
                return one.first, row
            row -= one.count
        return self.blocks[-1].first, row + self.blocks[-1].count


_latest: Latest[Tally] = Latest()


def of(name: str, patience: float | None = None) -> Tally:
    """The counts of a dataset; with `patience` (seconds) the former ones when counting takes longer.

    Raises DatasetNotFound.
    """
    version, hasty = versions.of(name), patience is not None

    def fresh(kept: Tally) -> bool:
        settled = kept.audited or (hasty and time.monotonic() - kept.when < _AUDIT)
        return kept.version == version and settled

    kept = _stored(name, version) if hasty and _latest.peek(version[0]) is None else None
    return _latest.get(version[0], fresh, lambda before: _count(name, version, before, hasty=hasty), patience, kept)


def known(version: tuple[Any, ...]) -> Tally | None:
    """The counts of a dataset in this version (of `versions`), if they were made and every block was compared."""
    kept = _latest.peek(version[0])
    return kept if kept and kept.audited and kept.version == version else None


def forget(dataset_id: ObjectId) -> None:
    """Drop what is kept of a dataset that was deleted."""
    _latest.forget(dataset_id)
    _kept().delete_many({"dataset": dataset_id})


def _count(name: str, version: tuple[Any, ...], before: Tally | None, *, hasty: bool) -> Tally:
    """Look at the blocks, and count those that changed, or that hold a new field."""
    found = documents.of(name, any_version=True)
    samples, keys = collection.samples(name), _field_keys(found)
    known = list(before.blocks) if before else _load(found["_id"])
    some = _touched(samples, before) if before and hasty and before.version != version else None
    made, changed = _renewed(samples, known, keys, some)
    unexplained = not changed or sum(one.count for one in made) != samples.estimated_document_count()
    if some is not None and unexplained:
        some, (made, more) = None, _renewed(samples, made, keys, None)
        changed += more
    after = versions.of(name)
    if before and not changed and before.explained != after[-1]:
        made = changed = [one for start, end in _ranges(made) for one in _counted(samples, start, end, keys)]
    kept = [one for at, one in enumerate(made) if at == 0 or one.count]
    _store(found["_id"], changed, {one.first for one in known} - {one.first for one in kept})
    return Tally(version, after[-1], tuple(kept), {one.name: key for key, one in keys.items()}, some is None)


def _touched(samples: Collection, before: Tally) -> set[ObjectId] | None:
    """First ids of blocks with samples that changed since the last count, by their times; None for too many."""
    match = {"last_modified_at": {"$gte": before.modified}} if before.modified else {}
    found = [one["_id"] for one in samples.find(match, {"_id": 1}).limit(_MANY + 1)]
    starts = [one.first for one in before.blocks]
    return None if len(found) > _MANY else {starts[bisect_right(starts, one) - 1] for one in found}


def _renewed(
    samples: Collection, known: Sequence[Block], keys: Mapping[str, StoredField], some: set[ObjectId] | None
) -> tuple[list[Block], list[Block]]:
    """All blocks, and those among them that were counted anew; only `some` are looked at, or all."""
    made, changed = list[Block](), list[Block]()
    whole = list(known) or [Block(_FIRST, -1, {}, {}, (), {})]
    for block, (_, until) in zip(whole, _ranges(whole), strict=True):
        skipped = some is not None and block.first not in some and keys.keys() <= block.fields.keys()
        parts = [block] if skipped else _looked_at(samples, block, until, keys)
        changed += [one for one in parts if one is not block]
        made += parts
    return made, changed


def _looked_at(
    samples: Collection, block: Block, until: ObjectId | None, keys: Mapping[str, StoredField]
) -> list[Block]:
    """The block as it is, if nothing in it changed; else counted anew, in parts if it has grown."""
    splits, stamp = _glance(samples, block.first, until)
    if (stamp, splits) == (block.stamp, block.splits) and keys.keys() <= block.fields.keys():
        return [block]
    if sum(splits.values()) <= 2 * SIZE:
        return [_counted_one(samples, block.first, until, keys)]
    return list(_counted(samples, block.first, until, keys))


def _counted(
    samples: Collection, first: ObjectId, until: ObjectId | None, keys: Mapping[str, StoredField]
) -> Iterator[Block]:
    """A range of ids in blocks of SIZE."""
    while first is not None:
        rest = samples.find(_within(first, until), {"_id": 1}).sort("_id", 1).skip(SIZE).limit(1)
        following = next((one["_id"] for one in rest), None)
        yield _counted_one(samples, first, following or until, keys)
        first = following


def _counted_one(
    samples: Collection, first: ObjectId, until: ObjectId | None, keys: Mapping[str, StoredField]
) -> Block:
    # the times are read first: what is written meanwhile is counted once more, never missed
    splits, stamp = _glance(samples, first, until)
    here = {"$match": _within(first, until)}
    some = {"$match": {**here["$match"], "tags.0": {"$exists": True}}}
    tags = _tally(samples.aggregate([some, {"$unwind": "$tags"}, {"$sortByCount": "$tags"}]))
    folders = _folders(samples, here, "$filepath")
    fields = {key: _field(samples, here, one) for key, one in keys.items()}
    return Block(first, stamp, splits, tags, folders, fields)


def _glance(samples: Collection, first: ObjectId, until: ObjectId | None) -> tuple[dict[str, int], int]:
    """Samples by split, and the sum of their times of change."""
    total = {"count": {"$sum": 1}, "stamp": {"$sum": {"$toLong": "$last_modified_at"}}}
    steps = [{"$match": _within(first, until)}, {"$group": {"_id": {"$ifNull": ["$split", ""]}, **total}}]
    groups = list(samples.aggregate(steps))
    return _tally(groups), sum(int(one["stamp"]) for one in groups)


def _field(samples: Collection, here: Document, one: StoredField) -> FieldTally:
    path = labels.list_path(one.stored, str(one.label_kind))
    label: list[Document] = [here, {"$project": {"_id": 0, "of": f"${path}"}}, {"$unwind": "$of"}]
    parts = {
        "count": {"$sum": 1},
        "masks": {"$sum": {"$cond": [{"$or": [{"$gt": ["$of.mask_path", None]}, {"$gt": ["$of.mask", None]}]}, 1, 0]}},
        "confidences": {"$sum": {"$cond": [{"$gt": ["$of.confidence", None]}, 1, 0]}},
    }
    groups = list(samples.aggregate([*label, {"$group": {"_id": "$of.label", **parts}}]))
    masks = sum(int(group["masks"]) for group in groups)
    folders = _folders(samples, here, f"${path}.mask_path") if masks else []
    classes = _tally(group for group in groups if group["_id"] is not None)
    return FieldTally(classes, masks, sum(int(group["confidences"]) for group in groups), folders)


def _folders(samples: Collection, here: Document, path: str) -> list[str]:
    steps = [here, {"$project": {"_id": 0, "of": path}}, {"$unwind": "$of"}, {"$match": {"of": {"$type": "string"}}}]
    parts = {"$project": {"of": {"$split": ["$of", "/"]}}}
    folder = {"$slice": ["$of", {"$max": [1, {"$subtract": [{"$size": "$of"}, 1]}]}]}
    groups = samples.aggregate([*steps, parts, {"$group": {"_id": folder}}])
    return sorted("/".join(group["_id"]) or "/" for group in groups)


def _field_keys(found: Document) -> dict[str, StoredField]:
    """Label fields by name, kind and time of declaration: one that was removed and made again is another."""
    made = {raw["name"]: raw.get("created_at") for raw in found.get("sample_fields") or ()}
    known = [one for one in layout.stored_fields(found) if one.label_kind]
    return {f"{one.stored} {one.label_kind} {made.get(one.name)}": one for one in known}


def _within(first: ObjectId, until: ObjectId | None) -> Document:
    return {"_id": {"$gte": first, **({} if until is None else {"$lt": until})}}


def _ranges(blocks: Sequence[Block]) -> Iterator[tuple[ObjectId, ObjectId | None]]:
    for at, block in enumerate(blocks):
        yield block.first, blocks[at + 1].first if at + 1 < len(blocks) else None


def _tally(groups: Any) -> dict[str, int]:
    found = Counter[str]()
    for group in groups:
        found[str(group["_id"])] += int(group["count"])
    return dict(found)


def _sum(parts: Any) -> dict[str, int]:
    """Together, most frequent first; of equal ones the first in the alphabet."""
    total = Counter[str]()
    for one in parts:
        total.update(one)
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


def _joined(parts: Sequence[FieldTally]) -> FieldTally:
    return FieldTally(
        _sum(one.classes for one in parts),
        sum(one.masks for one in parts),
        sum(one.confidences for one in parts),
        tuple(sorted({name for one in parts for name in one.folders})),
    )


# --- kept beside the dataset ------------------------------------------------------------------------------------------


def _kept() -> Collection:
    return database.connect()["foveal_tallies"]


def _stored(name: str, version: tuple[Any, ...]) -> Tally | None:
    """What another process, or this one before a restart, counted last; None where a field is not counted."""
    keys, blocks = _field_keys(documents.of(name, any_version=True)), _load(version[0])
    if not blocks or any(keys.keys() - one.fields.keys() for one in blocks):
        return None
    return Tally(version, None, blocks, {one.name: key for key, one in keys.items()}, audited=False)


def _load(dataset_id: ObjectId) -> list[Block]:
    found = _kept().find({"dataset": dataset_id, "shape": _SHAPE}).sort("first", 1)
    blocks = [_block(one["first"], json.loads(one["content"])) for one in found]
    return blocks if blocks and blocks[0].first == _FIRST else []


def _store(dataset_id: ObjectId, changed: Sequence[Block], gone: set[ObjectId]) -> None:
    """Best effort: who may only read counts for himself."""
    writes: list[ReplaceOne | DeleteOne] = [
        ReplaceOne({"_id": f"{dataset_id} {one.first}"},
                   {"dataset": dataset_id, "first": one.first, "shape": _SHAPE, "content": _content(one)}, upsert=True)
        for one in changed
    ]  # fmt: skip
    writes += [DeleteOne({"_id": f"{dataset_id} {first}"}) for first in gone]
    try:
        if writes:
            _kept().bulk_write(writes, ordered=False)
    except PyMongoError as refused:
        log.info("counts are not kept for the next start: %s", refused)


def _content(block: Block) -> str:
    fields = {key: vars(one) for key, one in block.fields.items()}
    return json.dumps([block.stamp, block.splits, block.tags, block.folders, fields])


def _block(first: ObjectId, content: Any) -> Block:
    stamp, splits, tags, folders, fields = content
    return Block(first, stamp, splits, tags, folders, {key: FieldTally(**one) for key, one in fields.items()})
