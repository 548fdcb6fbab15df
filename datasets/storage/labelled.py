"""Which samples were labelled in a field: those that hold something in it, and those that people called done.

An empty list of labels is a label too: nothing is on that image. A sample whose field holds nothing at all was never
looked at, unless the queue of the labeler says that it is done or accepted.
"""

from collections.abc import Mapping
from typing import Any

from datasets.storage import collection, connection, fields, layout, queue_records
from datasets.storage.handle import Dataset

FINISHED: tuple[queue_records.State, ...] = ("done", "accepted")


def ids(dataset: Dataset, field: str) -> set[str]:
    """The ids of these samples; of videos, whose labels lie in their frames, all. Raises FieldError without it."""
    if layout.is_video(dataset.document):
        return {str(one["_id"]) for one in collection.stream(dataset, projection={"_id": 1})}
    stored = fields.label_field(dataset.document, field).stored
    found = collection.stream(dataset, {stored: {"$ne": None}}, {"_id": 1})
    return {str(one["_id"]) for one in found} | _finished(dataset, field)


def are_among(dataset: Dataset, field: str, match: Mapping[str, Any]) -> bool:
    """Whether a sample that matches was labelled; stops at the first one. Raises FieldError without the field."""
    samples = collection.samples(dataset)
    if layout.is_video(dataset.document):
        return samples.find_one(match, {"_id": 1}) is not None
    stored = fields.label_field(dataset.document, field).stored
    if samples.find_one({"$and": [match, {stored: {"$ne": None}}]}, {"_id": 1}):
        return True
    finished = layout.object_ids(_finished(dataset, field))
    return bool(finished) and samples.find_one({"$and": [match, {"_id": {"$in": finished}}]}, {"_id": 1}) is not None


def _finished(dataset: Dataset, field: str) -> set[str]:
    match = {"dataset_id": dataset.document["_id"], "field": field, "state": {"$in": list(FINISHED)}}
    return {str(one["sample_id"]) for one in connection.db()[queue_records.NAME].find(match, {"sample_id": 1})}
