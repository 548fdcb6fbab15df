"""The collection `foveal_verdicts`: what people decided, one document for each verdict."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from datasets.storage import connection, layout

Record = dict[str, Any]


def add(values: Mapping[str, Any]) -> Record:
    """Store a new verdict, not applied and not undone, given now. Returns it as stored."""
    record = {"_id": ObjectId(), **values, "given": layout.now(), "undone": None, "applied": False}
    _records().insert_one(record)
    return record


def find(match: Mapping[str, Any]) -> list[Record]:
    """The verdicts that match, oldest first."""
    return list(_records().find(match).sort("_id", 1))


def one(dataset_id: Any, verdict_id: str) -> Record | None:
    """A verdict on a dataset. Raises FieldError for an invalid id."""
    return _records().find_one({"_id": layout.object_id(verdict_id), "dataset_id": dataset_id})


def change(record: Record, **values: Any) -> None:
    """Set parts of a verdict, as stored and in `record`."""
    _records().update_one({"_id": record["_id"]}, {"$set": values})
    record.update(values)


def _records() -> Collection:
    return connection.db()["foveal_verdicts"]
