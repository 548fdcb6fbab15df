"""The journal of changes to labels: the collection `foveal_journal`, one document for each save.

The entries of one field of one sample are numbered, and two can't have the same number, so one save follows another.
An entry is `pending` until its labels are stored, then `applied`; `refused` when they could not be. No two valid
entries hold the same operation, so an operation that is sent again is found here and not repeated.
"""

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal
from weakref import WeakSet

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from datasets.storage import connection, layout

NAME = "foveal_journal"
State = Literal["pending", "applied", "refused"]
_indexed: WeakSet[Any] = WeakSet()  # clients of servers whose journal has its indexes


@dataclass(frozen=True)
class Change:
    """What an operation does to one label, by the keys of its document.

    add: `before` is None and `after` the whole document, put in place `at` of the list. delete: the other way round.
    change: both hold the keys that it touches; a key missing from one of them was or is absent in the label.
    """

    id: str
    action: Literal["add", "change", "delete"]
    label_id: str
    at: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True)
class Entry:
    """One save: who changed what, and when. `before` and `after` are ETags of the field; `undoes` is another entry."""

    id: str
    dataset_id: Any
    sample_id: str
    field: str
    number: int
    who: str
    made: datetime
    before: str
    after: str
    changes: tuple[Change, ...]
    undoes: str | None
    state: State

    @property
    def operations(self) -> tuple[str, ...]:
        """Ids of its operations."""
        return tuple(one.id for one in self.changes)


def entry(
    field: tuple[Any, str, str],
    number: int,
    etags: tuple[str, str],
    changes: Sequence[Change],
    *,
    who: str = "",
    undoes: str | None = None,
) -> Entry:
    """A new entry, not stored yet. `field` is the dataset's id, the sample's and the name of the field."""
    made, (before, after) = layout.now(), etags
    return Entry(
        str(ObjectId()), *field, number, who or someone(), made, before, after, tuple(changes), undoes, "pending"
    )


def add(new: Entry) -> bool:
    """Store an entry. False when its number, or one of its operations, was taken in the meantime."""
    content = {name: value for name, value in asdict(new).items() if name != "id"}
    try:
        connection.quick(_journal()).insert_one({"_id": ObjectId(new.id), **content, "stands": True})
    except DuplicateKeyError:
        return False
    return True


def last(dataset_id: Any, sample_id: str, field: str) -> Entry | None:
    """The newest entry of a field of a sample."""
    return next(iter(history(dataset_id, sample_id, field, 1)), None)


def history(dataset_id: Any, sample_id: str, field: str, most: int) -> list[Entry]:
    """Entries of a field of a sample, newest first."""
    match = {"dataset_id": dataset_id, "sample_id": sample_id, "field": field}
    return [entry_of(one) for one in _journal().find(match).sort("number", DESCENDING).limit(most)]


def each(dataset_id: Any, sample_id: str, field: str) -> Iterator[Entry]:
    """All entries of a field of a sample, newest first, one at a time."""
    match = {"dataset_id": dataset_id, "sample_id": sample_id, "field": field}
    yield from map(entry_of, _journal().find(match).sort("number", DESCENDING))


def since(dataset_id: Any, field: str, moment: datetime) -> Iterator[Entry]:
    """Entries of a field made after a time (UTC), sample by sample, newest first within each."""
    match = {"dataset_id": dataset_id, "field": field, "made": {"$gt": moment}}
    order = [("sample_id", ASCENDING), ("number", DESCENDING)]
    yield from map(entry_of, _journal().find(match).sort(order).allow_disk_use(True))


def newest(dataset_id: Any, field: str, most: int, before: datetime | None = None) -> list[Entry]:
    """The newest entries of a field of any sample that took effect; with `before` those made until then."""
    match: dict[str, Any] = {"dataset_id": dataset_id, "field": field, "state": "applied"}
    if before is not None:
        match["made"] = {"$lt": before}
    return [entry_of(one) for one in _journal().find(match).sort("made", DESCENDING).limit(most)]


def having_prefix(dataset_id: Any, prefix: str) -> list[Entry]:
    """Valid entries with operations whose ids begin with a prefix, oldest first."""
    begins = {"$gte": prefix, "$lt": f"{prefix}\U0010ffff"}
    match = {"dataset_id": dataset_id, "changes": {"$elemMatch": {"id": begins}}, "stands": True}
    return [entry_of(one) for one in _journal().find(match).sort("_id", ASCENDING)]


def undone(dataset_id: Any, entries: Sequence[str]) -> set[str]:
    """Those of these entries that an undo took back."""
    match = {"dataset_id": dataset_id, "undoes": {"$in": list(entries)}, "state": "applied",
             "changes.id": {"$in": [f"undo:{one}:0" for one in entries]}, "stands": True}  # fmt: skip
    return {str(one["undoes"]) for one in _journal().find(match, {"undoes": 1})}


def find(dataset_id: Any, entry_id: str) -> Entry | None:
    """One entry of a dataset. Raises FieldError for an invalid id."""
    found = _journal().find_one({"_id": layout.object_id(entry_id), "dataset_id": dataset_id})
    return entry_of(found) if found else None


def having(dataset_id: Any, operations: Sequence[str]) -> list[Entry]:
    """Valid (not refused) entries that hold some of these operations, oldest first."""
    match = {"dataset_id": dataset_id, "changes.id": {"$in": list(operations)}, "stands": True}
    return [entry_of(one) for one in _journal().find(match).sort("_id", ASCENDING)]


def begun(dataset_id: Any, field: str) -> dict[str, datetime]:
    """When labels of a field were first changed here, by sample."""
    match = {"dataset_id": dataset_id, "field": field, "stands": True}
    grouped = [{"$match": match}, {"$group": {"_id": "$sample_id", "made": {"$min": "$made"}}}]
    return {str(one["_id"]): one["made"] for one in _journal().aggregate(grouped)}


def state(entry_id: str) -> State | None:
    """The state of an entry; None for a missing one."""
    found = _journal().find_one({"_id": ObjectId(entry_id)}, {"state": 1})
    return found["state"] if found else None


def settle(entry_id: str) -> None:
    """Mark an entry as applied, and wait until that is on disk.

    A server writes its log in order, so then everything before is there too: the entry and its labels.
    """
    match, sure = {"_id": ObjectId(entry_id)}, connection.lasting(_journal())
    try:
        sure.update_one(match, {"$set": {"state": "applied", "stands": True}})
    except DuplicateKeyError:  # refused by another process, then sent and stored again
        sure.update_one(match, {"$set": {"state": "applied"}})


def refuse(entry_id: str) -> None:
    """Mark an entry as refused: its operations may be sent again."""
    match = {"_id": ObjectId(entry_id), "state": "pending"}
    _journal().update_one(match, {"$set": {"state": "refused", "stands": False}})


def forget(dataset_id: Any) -> None:
    """Drop the entries of a dataset that was deleted."""
    _journal().delete_many({"dataset_id": dataset_id})


def someone() -> str:
    """The user of this machine that this process runs as."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        return f"user {os.getuid()}"


def entry_of(found: Mapping[str, Any]) -> Entry:
    """The entry of a document of the collection."""
    kept = {one.name: found[one.name] for one in fields(Entry) if one.name != "id"}
    return Entry(id=str(found["_id"]), **{**kept, "changes": tuple(Change(**one) for one in found["changes"])})


def _journal() -> Collection:
    held = connection.db()
    if held.client not in _indexed:
        field = [("dataset_id", ASCENDING), ("sample_id", ASCENDING), ("field", ASCENDING), ("number", ASCENDING)]
        operation = [("dataset_id", ASCENDING), ("changes.id", ASCENDING)]
        held[NAME].create_index(field, unique=True)
        held[NAME].create_index([("dataset_id", ASCENDING), ("field", ASCENDING), ("made", ASCENDING)])
        held[NAME].create_index(operation, unique=True, partialFilterExpression={"stands": True})
        _indexed.add(held.client)
    return held[NAME]
