"""Which samples were labelled in a field: those that hold something in it, and those that people called done.

An empty list of labels is a label too: nothing is on that image. A sample whose field holds nothing at all was never
looked at, unless the queue of the labeler says that it is done or accepted.
"""

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


def _finished(dataset: Dataset, field: str) -> set[str]:
    match = {"dataset_id": dataset.document["_id"], "field": field, "state": {"$in": list(FINISHED)}}
    return {str(one["sample_id"]) for one in connection.db()[queue_records.NAME].find(match, {"sample_id": 1})}
