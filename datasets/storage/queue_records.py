"""The queue of the labeler: the collection `foveal_queue`, one document for each sample of a field that was touched.

A document holds the state of the labels, who set it and when, and who works on them now: a lease, which ends by itself.
Each change is one atomic update, and all times are those of the database, so that one clock decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from weakref import WeakSet

from pymongo import ReturnDocument, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from datasets.storage import connection
from datasets.storage.documents import Document

NAME = "foveal_queue"
SLACK = timedelta(seconds=10)  # a write may be seen this much later than its time says
SKEW = timedelta(seconds=60)  # samples carry the time of whoever wrote them, whose clock may differ this much
State = Literal["unlabeled", "draft", "done", "rejected", "accepted", "returned"]
_indexed: WeakSet[Any] = WeakSet()  # clients of servers whose queue has its indexes
_SLIM = {"work": 0}
_THERE = 11000  # the server's code for a key that is there already


class Key(NamedTuple):
    """What a record is about: the dataset's id in the database, a label field, a sample."""

    dataset_id: Any
    field: str
    sample_id: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a sample, in which tab (`session`), and until when (UTC) if nothing is heard."""

    who: str
    session: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """The state of one field of one sample; `by` and `when` are of its last change of state."""

    sample_id: str
    state: State
    by: str
    when: datetime | None
    comment: str
    lease: Lease | None
    changed: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """What led to a change of state: `seconds` and `clicks` spent, `labels` made. `id` is new for each."""

    id: str
    who: str
    state: State
    seconds: float = 0
    clicks: int = 0
    labels: int = 0
    sample_id: str = ""
    when: datetime | None = None


def changed(dataset_id: Any, field: str, since: datetime | None = None) -> list[Record]:
    """The records of a field, or those that changed since a time; some may be from shortly before it."""
    match: Document = {"dataset_id": dataset_id, "field": field}
    if since is not None:
        match["changed"] = {"$gte": since - SLACK}
    return [_record(one) for one in _queue().find(match, _SLIM)]


def find(key: Key) -> Record | None:
    """One record; None for a sample that nobody touched."""
    found = _queue().find_one(key._asdict(), _SLIM)
    return _record(found) if found else None


def ensure(key: Key, state: State) -> None:
    """Make a record in this state, unless there is one."""
    ensure_each({key: state})


def ensure_each(states: Mapping[Key, State]) -> None:
    """Make records in these states where there are none."""
    fresh: Document = {"by": "", "when": None, "comment": "", "lease": None, "work": []}
    updates = [
        UpdateOne(key._asdict(), [{"$set": _unless_there({**fresh, "state": state})}], upsert=True)
        for key, state in states.items()
    ]
    try:
        if updates:
            connection.quick(_queue()).bulk_write(updates, ordered=False)
    except BulkWriteError as wrong:  # another process may have made one in the same moment
        if any(one["code"] != _THERE for one in wrong.details["writeErrors"]):
            raise


def take(
    key: Key, lease: tuple[str, str], seconds: float, states: Sequence[State] = (), *, over: bool = False
) -> Record | None:
    """Give a lease (name and session) of so many seconds on an existing record.

    None where another session holds it (except with `over`), or where its state is not one of `states` (if given).
    """
    match: Document = {**key._asdict(), **({} if over else _free(lease[1]))}
    if states:
        match["state"] = {"$in": list(states)}
    return _changed_one(match, {"lease": _lease(*lease, seconds), "changed": "$$NOW"})


def release(key: Key, session: str) -> Record | None:
    """End the lease of a session. None where it has none."""
    return _changed_one({**key._asdict(), "lease.session": session}, {"lease": None, "changed": "$$NOW"})


def move(key: Key, session: str, work: Work, comment: str, states: Sequence[State] = ()) -> Record | None:
    """Set the state of an existing record, note the work behind it and end the lease. Work that was noted is not again.

    None where another session holds it, or its state is not one of `states` (if given).
    """
    if _queue().find_one({**key._asdict(), "work.id": work.id}, {"_id": 1}):
        return find(key)
    match: Document = {**key._asdict(), **_free(session), "work.id": {"$ne": work.id}}
    if states:
        match["state"] = {"$in": list(states)}
    note = _values(id=work.id, who=work.who, state=work.state, seconds=work.seconds, clicks=work.clicks,
                   labels=work.labels) | {"when": "$$NOW"}  # fmt: skip
    values = {**_values(state=work.state, by=work.who, comment=comment), "when": "$$NOW", "lease": None,
              "changed": "$$NOW", "work": {"$concatArrays": ["$work", [note]]}}  # fmt: skip
    return _changed_one(match, values, connection.lasting(_queue()))


def begin(keys: Sequence[Key], who: str, renewed: tuple[str, float] | None = None) -> int:
    """Labels change: records that were unlabeled become drafts. Returns how many records there are.

    `renewed`: the lease of a session goes on for so many seconds.
    """
    fresh = {"$eq": ["$state", "unlabeled"]}
    values: Document = {"state": {"$cond": [fresh, "draft", "$state"]}, "changed": "$$NOW",
                        "by": {"$cond": [fresh, {"$literal": who}, "$by"]},
                        "when": {"$cond": [fresh, "$$NOW", "$when"]}}  # fmt: skip
    if renewed:
        mine, until = {"$eq": ["$lease.session", {"$literal": renewed[0]}]}, _until(renewed[1])
        values["lease"] = {"$cond": [mine, {"$mergeObjects": ["$lease", {"until": until}]}, "$lease"]}
    updates = [UpdateOne(key._asdict(), [{"$set": values}]) for key in keys]
    return connection.quick(_queue()).bulk_write(updates, ordered=False).matched_count if updates else 0


def works(dataset_id: Any, field: str) -> Iterator[Work]:
    """All work on a field, sample by sample, oldest first within each."""
    for one in _queue().find({"dataset_id": dataset_id, "field": field, "work.0": {"$exists": True}}):
        yield from (Work(**note, sample_id=one["sample_id"]) for note in one["work"])


def labelled(samples: str, path: str, many: bool, since: datetime | None = None) -> Iterator[tuple[str, bool]]:
    """Which samples of a collection have labels at a path: all, or those that changed since a time."""
    has = {"$gt": [{"$size": {"$ifNull": [f"${path}", []]}}, 0]} if many else {"$gt": [f"${path}", None]}
    match = {} if since is None else {"last_modified_at": {"$gte": since - SKEW}}
    for one in connection.db()[samples].find(match, {"has": has}):
        yield str(one["_id"]), bool(one["has"])


def forget(dataset_id: Any) -> None:
    """Drop the records of a dataset that was deleted."""
    _queue().delete_many({"dataset_id": dataset_id})


def now() -> datetime:
    """The time of the database, which decides about leases (UTC, milliseconds)."""
    found: datetime = connection.db().command("hello")["localTime"]
    return found


def _changed_one(match: Document, values: Document, of: Collection | None = None) -> Record | None:
    where = connection.quick(_queue()) if of is None else of
    found = where.find_one_and_update(match, [{"$set": values}], _SLIM, return_document=ReturnDocument.AFTER)
    return _record(found) if found else None


def _free(session: str) -> Document:
    """Records without a lease, or with one that ended, or of this session."""
    ended = {"$expr": {"$lte": ["$lease.until", "$$NOW"]}}
    return {"$or": [{"lease": None}, {"lease.session": session}, ended]}


def _lease(who: str, session: str, seconds: float) -> Document:
    return {**_values(who=who, session=session), "until": _until(seconds)}


def _unless_there(values: Document) -> Document:
    made = {name: {"$ifNull": [f"${name}", {"$literal": value}]} for name, value in values.items()}
    return {**made, "changed": {"$ifNull": ["$changed", "$$NOW"]}}


def _until(seconds: float) -> Document:
    return {"$add": ["$$NOW", round(seconds * 1000)]}


def _values(**values: Any) -> Document:
    """Values for an update that is a pipeline: as they are, also where they begin with a dollar sign."""
    return {name: {"$literal": value} for name, value in values.items()}


def _record(found: Document) -> Record:
    held = found.get("lease")
    return Record(
        found["sample_id"], found["state"], found.get("by") or "", found.get("when"), found.get("comment") or "",
        Lease(**held) if held else None, found.get("changed") or datetime.min,
    )  # fmt: skip


def _queue() -> Collection:
    held = connection.db()
    if held.client not in _indexed:
        held[NAME].create_index([("dataset_id", 1), ("field", 1), ("sample_id", 1)], unique=True)
        held[NAME].create_index([("dataset_id", 1), ("field", 1), ("changed", 1)])
        _indexed.add(held.client)
    return held[NAME]
