"""Blocks of counts, cached in the database beside the datasets, for other processes and the next start."""

import json
import logging
from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo import DeleteOne, ReplaceOne
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from datasets.storage import database
from datasets.storage.blocks import FIRST, Block, FieldTally

log = logging.getLogger(__name__)
_SHAPE = 1  # format of the cache; another number makes older blocks invalid


def load(dataset_id: ObjectId) -> list[Block]:
    """The blocks of a dataset, in the order of ids; none if an older version stored them in another format."""
    found = _kept().find({"dataset": dataset_id, "shape": _SHAPE}).sort("first", 1)
    blocks = [_block(one["first"], json.loads(one["content"])) for one in found]
    return blocks if blocks and blocks[0].first == FIRST else []


def store(dataset_id: ObjectId, changed: Sequence[Block], gone: set[ObjectId]) -> None:
    """Store changed blocks, and drop those that begin with the ids `gone`.

    Best effort: a read-only user recounts after the next start.
    """
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


def forget(dataset_id: ObjectId) -> None:
    """Drop the blocks of a dataset that was deleted."""
    _kept().delete_many({"dataset": dataset_id})


def _kept() -> Collection:
    return database.connect()["foveal_tallies"]


def _content(block: Block) -> str:
    fields = {key: vars(one) for key, one in block.fields.items()}
    return json.dumps([block.stamp, block.splits, block.tags, block.folders, fields])


def _block(first: ObjectId, content: Any) -> Block:
    stamp, splits, tags, folders, fields = content
    return Block(first, stamp, splits, tags, folders, {key: FieldTally(**one) for key, one in fields.items()})
