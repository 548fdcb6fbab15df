"""Whether a dataset has changed: a value that changes with every write, by any writer."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from datasets.storage import connection, documents, frame_collection
from datasets.storage.documents import Document
from datasets.storage.layout import has_frames

Version = tuple[Any, ...]
_NEWEST: list[Document] = [{"$sort": {"last_modified_at": -1}}, {"$limit": 1}, {"$project": {"last_modified_at": 1}}]
_COUNTS: Document = {"$collStats": {"latencyStats": {}, "count": {}}}


def of(found: Mapping[str, Any]) -> Version:
    """The version of the dataset with this document: one command.

    It changes when a sample is added, changed or removed, or when the schema changes. Its first part is the id of the
    dataset, its last part the number of write commands by all writers.
    """
    samples = documents.samples(found)
    try:
        stats, *newest = samples.aggregate([_COUNTS, _also(samples.name, _NEWEST)])
    except (OperationFailure, ValueError):
        return _by_parts(samples, found)
    return _version(found, samples, stats, newest)


def with_document(place: str, name: str) -> tuple[Document | None, Version]:
    """The document of a dataset whose samples lie at `place`, with its version: one command. None if it is deleted."""
    samples = connection.db()[place]
    own = _also("datasets", [{"$match": {"name": name}}, {"$limit": 1}])
    try:
        stats, *rest = samples.aggregate([_COUNTS, own, _also(place, _NEWEST)])
    except (OperationFailure, ValueError):
        return None, ()
    found = next((one for one in rest if one.get("name") == name), None)
    if found is None:
        return None, ()
    return found, _version(found, samples, stats, [one for one in rest if one is not found])


def _also(place: str, steps: Sequence[Document]) -> Document:
    return {"$unionWith": {"coll": place, "pipeline": list(steps)}}


def _version(found: Mapping[str, Any], samples: Collection, stats: Document, newest: Sequence[Document]) -> Version:
    counted = [stats, *_of_frames(found)]
    writes = [int(one["latencyStats"]["writes"]["ops"]) for one in counted]
    modified = newest[0].get("last_modified_at") if newest else None
    return _joined(found, int(stats["count"]), modified, (*_processes(samples), *writes))


def _of_frames(found: Mapping[str, Any]) -> list[Document]:
    """The statistics of the frames of videos, which have a collection of their own: one more command."""
    return list(frame_collection.of(found).aggregate([_COUNTS])) if has_frames(found) else []


def _by_parts(samples: Collection, found: Mapping[str, Any]) -> Version:
    """For users who may not read statistics: without the number of write commands."""
    newest = samples.find_one({}, {"last_modified_at": 1, "_id": 0}, sort=[("last_modified_at", DESCENDING)]) or {}
    return _joined(found, samples.estimated_document_count(), newest.get("last_modified_at"), ())


def _joined(found: Mapping[str, Any], count: int, modified: Any, writes: tuple[Any, ...]) -> Version:
    declared = [one["created_at"] for one in found.get("sample_fields") or () if one.get("created_at")]
    return (
        found["_id"],
        count,
        modified,
        found.get("last_deletion_at"),
        len(found.get("sample_fields") or ()),
        max(declared, default=None),
        writes,
    )


def _processes(samples: Collection) -> list[str]:
    """The start of the server that its count of commands belongs to."""
    servers = samples.database.client.topology_description.server_descriptions().values()
    return [str((one.topology_version or {}).get("processId")) for one in servers]
