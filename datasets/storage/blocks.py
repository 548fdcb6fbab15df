"""The samples of a dataset in blocks of some thousand, in the order of ids, and what each holds, counted by the server.

A block keeps the sum of the `last_modified_at` of its samples, which every writer moves; see `tallies`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from datasets.storage import labels, layout
from datasets.storage.documents import Document
from datasets.storage.layout import StoredField

SIZE = 2000
FIRST = ObjectId(bytes(12))


@dataclass(frozen=True)
class FieldTally:
    """Labels of one field: by class; how many have a mask, and a confidence; folders of the files of their masks.

    For a field of images only the folders.
    """

    classes: Mapping[str, int] = field(default_factory=dict)
    masks: int = 0
    confidences: int = 0
    folders: Sequence[str] = ()


@dataclass(frozen=True)
class Block:
    """The samples from id `first` to the next block. `stamp` sums their modification times, in milliseconds."""

    first: ObjectId
    stamp: int
    splits: Mapping[str, int]
    tags: Mapping[str, int]
    folders: Sequence[str]
    fields: Mapping[str, FieldTally]

    @property
    def count(self) -> int:
        """The number of its samples."""
        return sum(self.splits.values())


def renewed(
    samples: Collection, known: Sequence[Block], keys: Mapping[str, StoredField], some: set[ObjectId] | None
) -> tuple[list[Block], list[Block]]:
    """All blocks, and those among them that were recounted; only `some` are checked, or all."""
    made, changed = list[Block](), list[Block]()
    whole = list(known) or [Block(FIRST, -1, {}, {}, (), {})]
    for block, (_, until) in zip(whole, ranges(whole), strict=True):
        skipped = some is not None and block.first not in some and keys.keys() <= block.fields.keys()
        parts = [block] if skipped else _looked_at(samples, block, until, keys)
        changed += [one for one in parts if one is not block]
        made += parts
    return made, changed


def counted(
    samples: Collection, first: ObjectId, until: ObjectId | None, keys: Mapping[str, StoredField]
) -> Iterator[Block]:
    """A range of ids in blocks of SIZE."""
    while first is not None:
        rest = samples.find(_within(first, until), {"_id": 1}).sort("_id", 1).skip(SIZE).limit(1)
        following = next((one["_id"] for one in rest), None)
        yield _counted_one(samples, first, following or until, keys)
        first = following


def ranges(blocks: Sequence[Block]) -> Iterator[tuple[ObjectId, ObjectId | None]]:
    """The first id of each block and that of the next, None behind the last."""
    for at, block in enumerate(blocks):
        yield block.first, blocks[at + 1].first if at + 1 < len(blocks) else None


def field_keys(found: Document) -> dict[str, StoredField]:
    """Fields of labels and of images by name, kind and time of declaration: a recreated field is a different one."""
    made = {raw["name"]: raw.get("created_at") for raw in found.get("sample_fields") or ()}
    known = [one for one in layout.stored_fields(found) if one.label_kind or one.holds_image]
    return {f"{one.stored} {one.label_kind or one.kind} {made.get(one.name)}": one for one in known}


def summed(parts: Any) -> dict[str, int]:
    """The sum of counts, most frequent first; ties in alphabetical order."""
    total = Counter[str]()
    for one in parts:
        total.update(one)
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


def joined(parts: Sequence[FieldTally]) -> FieldTally:
    """The labels of one field in all blocks."""
    return FieldTally(
        summed(one.classes for one in parts),
        sum(one.masks for one in parts),
        sum(one.confidences for one in parts),
        tuple(sorted({name for one in parts for name in one.folders})),
    )


def _looked_at(
    samples: Collection, block: Block, until: ObjectId | None, keys: Mapping[str, StoredField]
) -> list[Block]:
    """The block unchanged if nothing in it changed; else recounted, in parts if it has grown."""
    splits, stamp = _glance(samples, block.first, until)
    if (stamp, splits) == (block.stamp, block.splits) and keys.keys() <= block.fields.keys():
        return [block]
    if sum(splits.values()) <= 2 * SIZE:
        return [_counted_one(samples, block.first, until, keys)]
    return list(counted(samples, block.first, until, keys))


def _counted_one(
    samples: Collection, first: ObjectId, until: ObjectId | None, keys: Mapping[str, StoredField]
) -> Block:
    # the times are read first: what is written meanwhile is recounted later, never missed
    splits, stamp = _glance(samples, first, until)
    here = {"$match": _within(first, until)}
    some = {"$match": {**here["$match"], "tags.0": {"$exists": True}}}
    tags = _tally(samples.aggregate([some, {"$unwind": "$tags"}, {"$sortByCount": "$tags"}]))
    folders = _folders(samples, here, "$filepath")
    fields = {key: _field(samples, here, one) for key, one in keys.items()}
    return Block(first, stamp, splits, tags, folders, fields)


def _glance(samples: Collection, first: ObjectId, until: ObjectId | None) -> tuple[dict[str, int], int]:
    """Samples by split, and the sum of their modification times."""
    total = {"count": {"$sum": 1}, "stamp": {"$sum": {"$toLong": "$last_modified_at"}}}
    steps = [{"$match": _within(first, until)}, {"$group": {"_id": {"$ifNull": ["$split", ""]}, **total}}]
    groups = list(samples.aggregate(steps))
    return _tally(groups), sum(int(one["stamp"]) for one in groups)


def _field(samples: Collection, here: Document, one: StoredField) -> FieldTally:
    if not one.label_kind:
        return FieldTally(folders=_folders(samples, here, f"${one.stored}"))
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


def _within(first: ObjectId, until: ObjectId | None) -> Document:
    return {"_id": {"$gte": first, **({} if until is None else {"$lt": until})}}


def _tally(groups: Any) -> dict[str, int]:
    found = Counter[str]()
    for group in groups:
        found[str(group["_id"])] += int(group["count"])
    return dict(found)
