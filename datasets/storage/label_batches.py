"""Labels of many samples changed at once, each sample as a save of its own in the journal (`editing/saving.py`).

The order of a save holds for each batch: entries `pending`, then labels where they are still those that were read, then
entries `applied`. What another writer was quicker with is told, so that it is saved on its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError
from pymongo.write_concern import WriteConcern

from datasets.speed import garbage
from datasets.storage import connection, edits, journal, labels, layout
from datasets.storage.documents import Document
from datasets.storage.edits import Held, Place
from datasets.storage.journal import Entry

SIZE = 500  # samples
_DUPLICATE = 11000  # MongoDB's code for a key that is taken


def held(place: Place, match: Mapping[str, Any], size: int = SIZE) -> Iterator[list[Held]]:
    """The labels of the samples that match, by id, in batches."""
    wanted = {place.stored: 1, "last_modified_at": 1}
    last: Any = None
    while True:
        after = [match] if last is None else [match, {"_id": {"$gt": last}}]
        with garbage.paused():
            some = list(connection.db()[place.samples].find({"$and": after}, wanted).sort("_id", 1).limit(size))
        if not some:
            return
        last = some[-1]["_id"]
        yield [Held(place, str(one["_id"]), one.get(place.stored), one.get("last_modified_at"), None) for one in some]


def newest(place: Place, sample_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Number and state of the newest entry of each sample; samples without one are left out."""
    match = {"dataset_id": place.dataset_id, "sample_id": {"$in": list(sample_ids)}, "field": place.field}
    first = {"_id": "$sample_id", "number": {"$first": "$number"}, "state": {"$first": "$state"}}
    journal.last(place.dataset_id, "", place.field)  # makes the indexes
    found = connection.db()[journal.NAME].aggregate([{"$match": match}, {"$sort": {"number": -1}}, {"$group": first}])
    return {one["_id"]: (one["number"], one["state"]) for one in found}


def journalled(entries: Sequence[Entry]) -> list[Entry]:
    """Store entries; those whose number or operations were taken in the meantime are left out of what is returned."""
    with garbage.paused():
        # `asdict` copies every value deeply, which costs more than all the rest
        rows = [{**vars(one), "changes": [dict(vars(change)) for change in one.changes]} for one in entries]
        writes = [InsertOne({"_id": ObjectId(row.pop("id")), **row, "stands": True}) for row in rows]
    try:
        connection.db()[journal.NAME].bulk_write(writes, ordered=False)
    except BulkWriteError as refused:
        errors = (refused.details or {}).get("writeErrors") or []
        if any(one["code"] != _DUPLICATE for one in errors):
            raise
        taken = {one["index"] for one in errors}
        return [one for number, one in enumerate(entries) if number not in taken]
    return list(entries)


def swapped(pairs: Sequence[tuple[Held, Sequence[Document]]]) -> set[str]:
    """Store labels in place of those that were read. Returns the samples that are certain to hold them now."""
    writes, stamps, now = [], {}, layout.now()
    for one, items in pairs:
        stored = one.place.stored
        stamp = now if one.modified is None else max(now, one.modified + edits.TICK)
        match = {"_id": ObjectId(one.sample_id), stored: {"$eq": one.document}, "last_modified_at": one.modified}
        change = {"$set": {stored: edits.document(one, items), "last_modified_at": stamp}}
        writes.append(UpdateOne(match, change))
        stamps[ObjectId(one.sample_id)] = stamp
    samples = connection.db()[pairs[0][0].place.samples]
    matched = samples.bulk_write(writes, ordered=False).matched_count
    connection.written()
    if matched == len(pairs):
        return {one.sample_id for one, _ in pairs}
    seen = samples.find({"_id": {"$in": list(stamps)}}, {"last_modified_at": 1})
    return {str(one["_id"]) for one in seen if one.get("last_modified_at") == stamps[one["_id"]]}


def settle(entries: Sequence[Entry]) -> None:
    """Mark entries as applied, and wait until that, and so all before it, is in the server's log on disk."""
    match = {"_id": {"$in": [ObjectId(one.id) for one in entries]}}
    found = connection.db()[journal.NAME]
    sure = found.with_options(write_concern=WriteConcern(**{**found.write_concern.document, "j": True}))
    sure.update_many(match, {"$set": {"state": "applied", "stands": True}})


def entries(dataset_id: Any, prefix: str, size: int = SIZE) -> Iterator[list[Entry]]:
    """The applied entries whose operations have ids that begin with `prefix`, in batches."""
    match = {"dataset_id": dataset_id, "changes.id": {"$regex": f"^{prefix}"}, "stands": True, "state": "applied"}
    ids = [one["_id"] for one in connection.db()[journal.NAME].find(match, {"_id": 1})]
    for at in range(0, len(ids), size):
        found = connection.db()[journal.NAME].find({"_id": {"$in": ids[at : at + size]}})
        yield [journal.entry_of(one) for one in found]


def pending(dataset_id: Any, prefix: str) -> list[str]:
    """The samples with an entry of such operations that was cut off before it was finished."""
    match = {"dataset_id": dataset_id, "changes.id": {"$regex": f"^{prefix}"}, "stands": True, "state": "pending"}
    return [str(one["sample_id"]) for one in connection.db()[journal.NAME].find(match, {"sample_id": 1})]


def made(dataset_id: Any, prefix: str) -> tuple[int, int]:
    """How many labels, of how many samples, such operations changed."""
    match = {"dataset_id": dataset_id, "changes.id": {"$regex": f"^{prefix}"}, "stands": True, "state": "applied"}
    group = {"_id": None, "labels": {"$sum": {"$size": "$changes"}}, "samples": {"$addToSet": "$sample_id"}}
    steps = [{"$match": match}, {"$group": group}, {"$project": {"labels": 1, "samples": {"$size": "$samples"}}}]
    found = next(iter(connection.db()[journal.NAME].aggregate(steps, allowDiskUse=True)), None)
    return (found["labels"], found["samples"]) if found else (0, 0)


def matching(place: Place, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """The condition of samples with a label that satisfies conditions on its own keys."""
    path = labels.list_path(place.stored, place.kind)
    if place.many:
        return {path: {"$elemMatch": dict(conditions)}}
    return {f"{path}.{key}": value for key, value in conditions.items()}


def tally(place: Place, match: Mapping[str, Any], conditions: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Labels, and samples with such labels, by class: of the labels that satisfy conditions in samples that match."""
    path = labels.list_path(place.stored, place.kind)
    unwind = [{"$unwind": f"${path}"}] if place.many else []
    own = {f"{path}.{key}": value for key, value in conditions.items()}
    group = {"_id": f"${path}.label", "labels": {"$sum": 1}, "samples": {"$addToSet": "$_id"}}
    counted = {"labels": 1, "samples": {"$size": "$samples"}}
    steps: list[Document] = [
        {"$match": dict(match)},
        {"$project": {path: 1}},
        *unwind,
        {"$match": own},
        {"$group": group},
    ]
    found = connection.db()[place.samples].aggregate([*steps, {"$project": counted}], allowDiskUse=True)
    return {str(one["_id"]): (one["labels"], one["samples"]) for one in found}
