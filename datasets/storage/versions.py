"""Whether a dataset is still as it was: a value that moves with every write, whoever writes."""

from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from datasets.storage import connection, documents

Version = tuple[Any, ...]


def of(name: str) -> Version:
    """Something cheap that changes when a sample is added, changed or removed, or when the schema changes.

    Its first part is the id of the dataset, its last one the number of write commands, which moves for all writers.
    """
    made: Version = connection.once(("version", name), lambda: _version(name))
    return made


def _version(name: str) -> Version:
    found = documents.of(name, any_version=True)
    samples_ = documents.samples(found)
    newest = samples_.find_one({}, {"last_modified_at": 1, "_id": 0}, sort=[("last_modified_at", DESCENDING)]) or {}
    declared = [one["created_at"] for one in found.get("sample_fields") or () if one.get("created_at")]
    return (
        found["_id"],
        samples_.estimated_document_count(),
        newest.get("last_modified_at"),
        found.get("last_deletion_at"),
        len(found.get("sample_fields") or ()),
        max(declared, default=None),
        _writes(samples_),
    )


def _writes(of: Collection) -> tuple[Any, ...]:
    """Write commands since the server started, of any process; empty where this user may not ask."""
    servers = of.database.client.topology_description.server_descriptions().values()
    process = [str((one.topology_version or {}).get("processId")) for one in servers]
    try:
        (stats,) = of.aggregate([{"$collStats": {"latencyStats": {}}}])
    except (OperationFailure, ValueError):
        return ()
    return (*process, int(stats["latencyStats"]["writes"]["ops"]))
