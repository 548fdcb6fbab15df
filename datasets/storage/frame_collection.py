"""The frames of a dataset of videos, as raw documents in a collection of their own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection

from datasets.errors import FieldError
from datasets.records import Progress, no_progress
from datasets.speed import garbage
from datasets.storage import connection, documents
from datasets.storage.batches import BATCH, batches, set_or_unset
from datasets.storage.documents import Document
from datasets.storage.layout import has_frames, now, object_id, object_ids


def frames(name: str) -> Collection:
    """The collection of the frames of a dataset of videos. Raises FieldError for images."""
    return of(documents.of(name))


def of(found: Mapping[str, Any]) -> Collection:
    """The collection that holds the frames of the dataset with this document. Raises FieldError for images."""
    if not has_frames(found):
        raise FieldError(f"expected dataset {found['name']!r} to hold videos, found that it has no frames")
    return connection.db()[str(found["frame_collection_name"])]


def stream(
    name: str, match: Mapping[str, Any], projection: Mapping[str, Any], ids: Sequence[str] | None = None
) -> Iterator[Document]:
    """Raw documents of the frames of videos (of the samples in `ids` alone), in the order of sample and frame."""
    wanted = frames(name)
    keep = {**projection, "_sample_id": 1, "frame_number": 1}
    for some in [None] if ids is None else batches(sorted(set(ids))):
        chosen = {**match, **({} if some is None else {"_sample_id": {"$in": object_ids(some)}})}
        order = [("_sample_id", 1), ("frame_number", 1)]
        yield from wanted.find(chosen, keep, sort=order, batch_size=BATCH).allow_disk_use(True)


def write(name: str, changes: Iterable[tuple[str, int, Mapping[str, Any]]], progress: Progress = no_progress) -> int:
    """Set fields of frames: triples of sample id, frame number and {stored path: value}. Frames are made where missing.

    Returns how many were written.
    """
    found, done = documents.of(name), 0
    for some in batches(changes):
        stamp = now()
        new = {"_dataset_id": found["_id"], "created_at": stamp}
        with garbage.paused():
            writes = [
                UpdateOne(
                    {"_sample_id": object_id(key), "frame_number": number},
                    {**set_or_unset(values, stamp), "$setOnInsert": new},
                    upsert=True,
                )
                for key, number, values in some
            ]
            of(found).bulk_write(writes, ordered=False)
        connection.written()
        done += len(some)
        progress(done, done)
    return done
