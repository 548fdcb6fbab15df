"""Blocks of counts in the database."""

import pytest
from bson import ObjectId
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from datasets.storage import blocks, kept_blocks
from datasets.workspace import Workspace

FIELD = blocks.FieldTally({"cat": 2}, 1, 2, ["/masks"])
WHOLE = [
    blocks.Block(blocks.FIRST, 12, {"val": 2}, {"odd": 1}, ["/in"], {"boxes detections None": FIELD}),
    blocks.Block(ObjectId("6" * 24), 1 << 45, {"": 1}, {}, [], {}),
]


def test_they_come_back_as_they_were(database: Workspace) -> None:
    owner = ObjectId()
    kept_blocks.store(owner, WHOLE[::-1], set())
    assert kept_blocks.load(owner) == WHOLE and kept_blocks.load(ObjectId()) == []
    kept_blocks.store(owner, [], {WHOLE[1].first})
    assert kept_blocks.load(owner) == WHOLE[:1]
    kept_blocks.forget(owner)
    assert kept_blocks.load(owner) == []


def test_without_the_first_block_nothing_is_known(database: Workspace) -> None:
    owner = ObjectId()
    kept_blocks.store(owner, WHOLE[1:], set())
    assert kept_blocks.load(owner) == []
    kept_blocks.forget(owner)


def test_blocks_of_another_shape_are_passed_over(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = ObjectId()
    kept_blocks.store(owner, WHOLE, set())
    monkeypatch.setattr(kept_blocks, "_SHAPE", 2)
    assert kept_blocks.load(owner) == []
    kept_blocks.forget(owner)


def test_whoever_may_only_read_goes_on(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationFailure("not authorized", 13)

    monkeypatch.setattr(Collection, "bulk_write", refuse)
    owner = ObjectId()
    kept_blocks.store(owner, WHOLE, set())
    assert kept_blocks.load(owner) == []
