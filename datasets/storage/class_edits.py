"""The collection `foveal_class_edits`: changes of classes over a whole dataset, one document for each."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from datasets.storage import connection, layout

Record = dict[str, Any]


def add(values: Mapping[str, Any]) -> Record:
    """Store a new one, `running`, made now. Returns it as stored."""
    record = {"_id": ObjectId(), **values, "made": layout.now(), "state": "running"}
    _records().insert_one(record)
    return record


def find(match: Mapping[str, Any]) -> list[Record]:
    """Those that match, newest first."""
    return list(_records().find(match).sort("_id", -1))


def one(dataset_id: Any, edit_id: str) -> Record | None:
    """One of a dataset. Raises FieldError for an invalid id."""
    return _records().find_one({"_id": layout.object_id(edit_id), "dataset_id": dataset_id})


def change(record: Record, **values: Any) -> None:
    """Set parts of it, as stored and in `record`."""
    _records().update_one({"_id": record["_id"]}, {"$set": values})
    record.update(values)


def forget(dataset_id: Any) -> None:
    """Drop those of a dataset that was deleted."""
    _records().delete_many({"dataset_id": dataset_id})


def _records() -> Collection:
    return connection.db()["foveal_class_edits"]
