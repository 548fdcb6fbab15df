"""The samples of a dataset: raw documents read, made and written by pymongo alone, bounded in memory."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo import InsertOne, UpdateOne
from pymongo.collection import Collection

from datasets.records import Progress, no_progress
from datasets.speed import garbage
from datasets.storage import connection, documents, handle, vendor
from datasets.storage.batches import BATCH, batches, set_or_unset
from datasets.storage.documents import Document
from datasets.storage.handle import Dataset, Named
from datasets.storage.layout import now, object_id, object_ids


def samples(dataset: Named) -> Collection:
    """The collection of a dataset's samples. Raises DatasetNotFound."""
    return documents.samples(_document(dataset))


def load(name: str) -> Any:
    """FiftyOne's own dataset, reloaded when another process changed its schema. Raises DatasetNotFound."""
    fo = vendor.fiftyone()
    documents.of(name, any_version=True)
    dataset = fo.load_dataset(name)
    dataset.reload()
    connection.written()  # the caller may change it
    return dataset


def stream(
    dataset: Named,
    match: Mapping[str, Any] | None = None,
    projection: Mapping[str, Any] | None = None,
    sort: Sequence[tuple[str, int]] | None = None,
) -> Iterator[Document]:
    """Raw documents of the samples that match, one at a time; without `sort` in the order of import."""
    cursor = samples(dataset).find(match or {}, projection, sort=list(sort or [("_id", 1)]), batch_size=BATCH)
    yield from cursor.allow_disk_use(True)


def by_ids(dataset: Named, ids: Sequence[str], projection: Mapping[str, Any] | None = None) -> Iterator[Document]:
    """Raw documents of these samples in the order of `ids`; unknown ids are left out. Bounded batches."""
    collection = samples(dataset)
    for some in batches(ids):
        with garbage.paused():
            found = {str(d["_id"]): d for d in collection.find({"_id": {"$in": object_ids(some)}}, projection)}
        yield from (found[key] for key in some if key in found)


def media(name: str, sample_id: str) -> Document | None:
    """`filepath` and `metadata` of one sample, None when there is no such sample: read for every thumbnail.

    The collection of a dataset's samples is cached, for it never moves; for a missing sample it is looked up again.
    """
    wanted = {"_id": object_id(sample_id)}
    kept = handle.place(name)
    fields = {"filepath": 1, "metadata": 1}
    found = connection.db()[kept].find_one(wanted, fields) if kept else None
    if found is None:
        collection = samples(name)
        found = collection.find_one(wanted, fields)
        handle.place(name, collection.name)
    return found


def sample_document(filepath: str, metadata: Document | None = None, **fields: Any) -> Document:
    """A new sample of an image: `metadata` from `image_metadata`, `fields` by stored name; None values are left out."""
    made: Document = {
        "_id": ObjectId(),
        "_rand": random.random() * 0.001 + 0.999,  # noqa: S311  as fiftyone.core.odm.sample does; orders `take`
        "_media_type": "image",
        "filepath": filepath,
        "tags": list(fields.pop("tags", ())),
        "metadata": metadata,
        **fields,
    }
    return {key: value for key, value in made.items() if value is not None}


def image_metadata(
    width: int | None,
    height: int | None,
    size: int | None,
    mime: str | None,
    bands: int | None,
    *,
    link: str | None = None,
) -> Document:
    """FiftyOne's `ImageMetadata`: pixels as shown, `size` in bytes, `bands` is the number of channels.

    `link` is ours: the target of the file if it is a link.
    """
    values = {"size_bytes": size, "mime_type": mime, "width": width, "height": height, "num_channels": bands}
    values["link"] = link
    return {"_cls": "ImageMetadata", **{key: value for key, value in values.items() if value is not None}}


def video_metadata(width: int, height: int, *, rate: float, frames: int, size: int, mime: str) -> Document:
    """FiftyOne's `VideoMetadata`: pixels as shown, `rate` in frames per second, `size` in bytes."""
    return {
        "_cls": "VideoMetadata", "size_bytes": size, "mime_type": mime, "frame_width": width, "frame_height": height,
        "frame_rate": rate, "total_frame_count": frames, "duration": frames / rate if rate else None,
    }  # fmt: skip


def insert(
    dataset: Named, made: Iterable[Document], total: int | None = None, progress: Progress = no_progress
) -> list[str]:
    """Insert sample documents (see `sample_document`) as FiftyOne itself would write them. Returns their ids, in order.

    A document with `_id` that is stored already is left alone, so that an interrupted insert can run again.
    """
    found = _document(dataset)
    collection, ids = documents.samples(found), list[str]()
    for some in batches(made):
        stamp = now()
        for one in some:
            one.setdefault("_id", ObjectId())
            one.update(_dataset_id=found["_id"], created_at=stamp, last_modified_at=stamp)
        known = {d["_id"] for d in collection.find({"_id": {"$in": [d["_id"] for d in some]}}, {"_id": 1})}
        fresh = [InsertOne(one) for one in some if one["_id"] not in known]
        if fresh:
            with garbage.paused():
                collection.bulk_write(fresh, ordered=False)
            connection.written()
        ids += [str(one["_id"]) for one in some]
        progress(len(ids), total if total is not None else len(ids))
    return ids


def update(
    dataset: Named,
    changes: Iterable[tuple[str, Mapping[str, Any]]],
    total: int | None = None,
    progress: Progress = no_progress,
) -> int:
    """Set fields of samples: pairs of sample id and {stored path: value}; None unsets. Returns how many were found."""
    return update_if(dataset, ((key, {}, values) for key, values in changes), total, progress)


def update_if(
    dataset: Named,
    changes: Iterable[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
    total: int | None = None,
    progress: Progress = no_progress,
) -> int:
    """Like `update`, for samples that still match: triples of sample id, condition and values. Returns how many did."""
    collection, done, matched = samples(dataset), 0, 0
    for some in batches(changes):
        stamp = now()
        with garbage.paused():
            writes = [
                UpdateOne({"_id": object_id(key), **condition}, set_or_unset(values, stamp))
                for key, condition, values in some
            ]
            matched += collection.bulk_write(writes, ordered=False).matched_count
        connection.written()
        done += len(some)
        progress(done, total if total is not None else done)
    return matched


def update_where(
    dataset: Named, match: Mapping[str, Any], change: Mapping[str, Any], array_filters: list[Document] | None = None
) -> int:
    """One MongoDB update of all samples that match; `last_modified_at` moves for these alone. Returns how many."""
    whole = {**change, "$set": {**change.get("$set", {}), "last_modified_at": now()}}
    modified = int(samples(dataset).update_many(match, whole, array_filters=array_filters).modified_count)
    connection.written()
    return modified


def remove(dataset: Named, ids: Sequence[str]) -> int:
    """Delete samples; media stay. Returns how many were found."""
    collection, removed = samples(dataset), 0
    for some in batches(ids):
        removed += collection.delete_many({"_id": {"$in": object_ids(some)}}).deleted_count
        connection.written()
    documents.update(str(_document(dataset)["name"]), {"last_deletion_at": now()})
    return removed


def class_tally(of: Collection, match: Mapping[str, Any], path: str) -> dict[str, int]:
    """Labels per class name at one path of the documents that match, most frequent first."""
    steps: list[Document] = [{"$match": match}, {"$project": {"_id": 0, "of": f"${path}"}}]
    groups = of.aggregate([*steps, {"$unwind": "$of"}, {"$sortByCount": "$of"}], allowDiskUse=True)
    return {str(group["_id"]): int(group["count"]) for group in groups if group["_id"] is not None}


def _document(dataset: Named) -> Document:
    return dataset.document if isinstance(dataset, Dataset) else documents.of(dataset)
