"""FiftyOne's private storage: the only module that knows how it lays out datasets and samples in MongoDB.

Reads and writes of many samples go through pymongo alone, bounded in memory. What has a public call and happens once
(making a dataset, declaring a field) goes through FiftyOne itself, so that its schema is right. The layout was proven
for the versions in `PROVEN`; another is refused. What the documents look like stands in `layout.py`.
"""

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from itertools import islice
from typing import Any

from bson import ObjectId
from pymongo import DESCENDING, InsertOne, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from datasets import faults
from datasets.errors import DatabaseError, DatabaseUnreachable, DatasetNotFound, DiskFull, FieldError
from datasets.records import Progress, no_progress
from datasets.redacting import redacted
from datasets.speed import garbage
from datasets.storage import database, labels
from datasets.storage.layout import (
    PROVEN,
    StoredField,
    check_version,
    frame_fields,
    image_metadata,
    installed_version,
    is_video,
    media_fields,
    new_id,
    now,
    object_id,
    object_ids,
    sample_document,
    size_of,
    stored_fields,
    vector,
    video_metadata,
)

__all__ = [
    "PROVEN",
    "StoredField",
    "by_ids",
    "check_version",
    "check_writable",
    "class_tally",
    "declare",
    "declare_attributes",
    "document",
    "documents",
    "fiftyone",
    "frame_documents",
    "frame_fields",
    "frames",
    "image_metadata",
    "insert",
    "is_video",
    "load",
    "media",
    "media_fields",
    "moment",
    "names",
    "new_id",
    "now",
    "object_id",
    "object_ids",
    "refused",
    "remove",
    "sample_document",
    "samples",
    "size_of",
    "stored_fields",
    "stream",
    "undeclare",
    "unset_document",
    "update",
    "update_document",
    "update_where",
    "vector",
    "version",
    "video_metadata",
    "write_frames",
    "written",
]

Document = dict[str, Any]
Version = tuple[Any, ...]
_moment: ContextVar[dict[Any, Any] | None] = ContextVar("_moment", default=None)

_BATCH = 1000
_places: dict[tuple[str, str], str] = {}  # collection of the samples, by address of the server and name of the dataset
_PUBLIC_TYPES = {
    "string": "StringField",
    "int": "IntField",
    "float": "FloatField",
    "bool": "BooleanField",
    "dict": "DictField",
    "list": "ListField",
    "image": "StringField",
    "vector": "VectorField",
}


# --- versions ---------------------------------------------------------------------------------------------------------


def fiftyone() -> Any:
    """The imported package, on this workspace's database (the first import takes seconds).

    Raises DatabaseError when it is bound to another database already, or its version is not proven.
    """
    check_version()
    uri = database.ensure()
    if "fiftyone" not in sys.modules:
        database.check()
    fo = _import_quietly()
    bound = fo.config.database_uri
    if bound != uri:
        raise DatabaseError(
            f"expected FiftyOne to use {redacted(uri)}, found it bound to {redacted(bound)} since its import; "
            "call datasets.storage.database.ensure() before fiftyone is imported, and use one workspace per process"
        )
    return fo


def load(name: str) -> Any:
    """FiftyOne's own dataset, read anew when another process changed its schema. Raises DatasetNotFound."""
    fo = fiftyone()
    document(name, any_version=True)
    dataset = fo.load_dataset(name)
    dataset.reload()
    written()  # whoever asked for it may change it
    return dataset


# --- datasets ---------------------------------------------------------------------------------------------------------


def documents(projection: Mapping[str, int] | None = None) -> list[Document]:
    """The documents of all datasets that people made (not the hidden ones behind patches views), oldest first."""
    return list(_datasets().find({"sample_collection_name": {"$regex": r"^samples\."}}, projection).sort("_id", 1))


def names() -> list[str]:
    """Names of all datasets."""
    return [found["name"] for found in documents({"name": 1})]


def document(name: str, *, any_version: bool = False) -> Document:
    """The document of one dataset. Raises DatasetNotFound, or DatabaseError when its layout is not a proven one."""
    check_version()
    found = _once(("document", name), lambda: _datasets().find_one({"name": name}))
    if found is None:
        raise DatasetNotFound(name, [known for known in names() if not known.startswith(".")])
    written = str(found.get("version") or "unknown")
    if not any_version and not written.startswith(PROVEN):
        raise DatabaseError(
            f"expected dataset {name!r} in the layout of FiftyOne {installed_version()}, found "
            f"{written}; migrate it once with `fiftyone migrate --dataset-name {name}`"
        )
    return dict(found)


def update_document(name: str, values: Mapping[str, Any]) -> None:
    """Set parts of a dataset's document, by path, atomically."""
    changed = {**values, "last_modified_at": now()}
    matched = _datasets().update_one({"_id": document(name, any_version=True)["_id"]}, {"$set": changed}).matched_count
    written()
    if not matched:
        raise DatasetNotFound(name, names())


def unset_document(name: str, path: str) -> None:
    """Remove one part of a dataset's document, by path."""
    change = {"$unset": {path: ""}, "$set": {"last_modified_at": now()}}
    _datasets().update_one({"_id": document(name, any_version=True)["_id"]}, change)
    written()


def check_writable(name: str) -> None:
    """Raise DatabaseError unless the dataset can be changed: to be asked before a long write."""
    found = document(name)
    with refused(name):
        _datasets().update_one({"_id": found["_id"]}, {"$set": {"last_modified_at": now()}})
        _samples(found).update_one({"_id": found["_id"]}, {"$set": {"last_modified_at": now()}})  # matches no sample


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Turn what a database says that does not let us write into a DatabaseError; for the first write of several."""
    try:
        yield
    except PyMongoError as wrong:
        if isinstance(told := faults.told(wrong), (DiskFull, DatabaseUnreachable)):
            raise told from wrong
        raise DatabaseError(
            f"expected a database that dataset {name!r} can be written to, found {faults.short(wrong)}; "
            "nothing was written; give this user the right to write, or free space on the disk of the database"
        ) from wrong


@contextmanager
def moment() -> Iterator[None]:
    """Within, what a dataset is (`document`, `version`) is asked of the database once, until this thread writes.

    For a page or an answer, which asks dozens of times and shows one state of things.
    """
    if _moment.get() is not None:
        yield
        return
    token = _moment.set({})
    try:
        yield
    finally:
        _moment.reset(token)


def written() -> None:
    """What was asked in this moment may have changed: the next question is asked anew."""
    known = _moment.get()
    if known is not None:
        known.clear()


def version(name: str) -> Version:
    """Something cheap that changes when a sample is added, changed or removed, or when the schema changes.

    Its first part is the id of the dataset, its last one the number of write commands, which moves for all writers.
    """
    made: Version = _once(("version", name), lambda: _version(name))
    return made


def _once(key: tuple[str, str], ask: Callable[[], Any]) -> Any:
    known = _moment.get()
    if known is None:
        return ask()
    if key not in known:
        known[key] = ask()
    return known[key]


def _version(name: str) -> Version:
    found = document(name, any_version=True)
    samples_ = _samples(found)
    writes = [_writes(one) for one in (samples_, *([_frames(found)] if found.get("frame_collection_name") else []))]
    newest = samples_.find_one({}, {"last_modified_at": 1, "_id": 0}, sort=[("last_modified_at", DESCENDING)]) or {}
    declared = [one["created_at"] for one in found.get("sample_fields") or () if one.get("created_at")]
    return (
        found["_id"],
        samples_.estimated_document_count(),
        newest.get("last_modified_at"),
        found.get("last_deletion_at"),
        len(found.get("sample_fields") or ()),
        max(declared, default=None),
        writes[0] if len(writes) == 1 else tuple(writes),
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


# --- samples ----------------------------------------------------------------------------------------------------------


def samples(name: str) -> Collection:
    """The collection of a dataset's samples. Raises DatasetNotFound."""
    return _samples(document(name))


def stream(
    name: str,
    match: Mapping[str, Any] | None = None,
    projection: Mapping[str, Any] | None = None,
    sort: Sequence[tuple[str, int]] | None = None,
) -> Iterator[Document]:
    """Raw documents of the samples that match, one at a time; without `sort` in the order of import."""
    cursor = samples(name).find(match or {}, projection, sort=list(sort or [("_id", 1)]), batch_size=_BATCH)
    yield from cursor.allow_disk_use(True)


def by_ids(name: str, ids: Sequence[str], projection: Mapping[str, Any] | None = None) -> Iterator[Document]:
    """Raw documents of these samples in the order of `ids`; unknown ids are left out. Bounded batches."""
    collection = samples(name)
    for some in _batches(ids):
        with garbage.paused():
            found = {str(d["_id"]): d for d in collection.find({"_id": {"$in": object_ids(some)}}, projection)}
        yield from (found[key] for key in some if key in found)


def media(name: str, sample_id: str) -> Document | None:
    """`filepath` and `metadata` of one sample, None when there is no such sample: asked for every thumbnail.

    Where the samples of a dataset lie is remembered, for it never moves; a sample that is not there is looked for anew.
    """
    wanted = {"_id": object_id(sample_id)}
    kept = _places.get((database.ensure(), name))
    fields = {"filepath": 1, "metadata": 1}
    found = _db()[kept].find_one(wanted, fields) if kept else None
    if found is None:
        collection = samples(name)
        found = collection.find_one(wanted, fields)
        while len(_places) >= _BATCH:
            _places.pop(next(iter(_places)), None)
        _places[database.ensure(), name] = collection.name
    return found


def frames(name: str) -> Collection:
    """The collection of the frames of a dataset of videos. Raises FieldError for images."""
    return _frames(document(name))


def frame_documents(
    name: str, match: Mapping[str, Any], projection: Mapping[str, Any], ids: Sequence[str] | None = None
) -> Iterator[Document]:
    """Raw documents of the frames of videos (of the samples in `ids` alone), in the order of sample and frame."""
    wanted = frames(name)
    keep = {**projection, "_sample_id": 1, "frame_number": 1}
    for some in [None] if ids is None else _batches(sorted(set(ids))):
        chosen = {**match, **({} if some is None else {"_sample_id": {"$in": object_ids(some)}})}
        order = [("_sample_id", 1), ("frame_number", 1)]
        yield from wanted.find(chosen, keep, sort=order, batch_size=_BATCH).allow_disk_use(True)


def write_frames(
    name: str, changes: Iterable[tuple[str, int, Mapping[str, Any]]], progress: Progress = no_progress
) -> int:
    """Set fields of frames: triples of sample id, frame number and {stored path: value}. Frames are made where missing.

    Returns how many were written.
    """
    found, done = document(name), 0
    for some in _batches(changes):
        stamp = now()
        new = {"_dataset_id": found["_id"], "created_at": stamp}
        with garbage.paused():
            writes = [
                UpdateOne(
                    {"_sample_id": object_id(key), "frame_number": number},
                    {**_set_or_unset(values, stamp), "$setOnInsert": new},
                    upsert=True,
                )
                for key, number, values in some
            ]
            _frames(found).bulk_write(writes, ordered=False)
        written()
        done += len(some)
        progress(done, done)
    return done


def insert(
    name: str, made: Iterable[Document], total: int | None = None, progress: Progress = no_progress
) -> list[str]:
    """Insert sample documents (see `sample_document`) as FiftyOne itself would write them. Returns their ids, in order.

    A document with `_id` that is stored already is left alone, so that an interrupted insert can run again.
    """
    found = document(name)
    collection, ids = _samples(found), list[str]()
    for some in _batches(made):
        stamp = now()
        for one in some:
            one.setdefault("_id", ObjectId())
            one.update(_dataset_id=found["_id"], created_at=stamp, last_modified_at=stamp)
        known = {d["_id"] for d in collection.find({"_id": {"$in": [d["_id"] for d in some]}}, {"_id": 1})}
        fresh = [InsertOne(one) for one in some if one["_id"] not in known]
        if fresh:
            with garbage.paused():
                collection.bulk_write(fresh, ordered=False)
            written()
        ids += [str(one["_id"]) for one in some]
        progress(len(ids), total if total is not None else len(ids))
    return ids


def update(
    name: str,
    changes: Iterable[tuple[str, Mapping[str, Any]]],
    total: int | None = None,
    progress: Progress = no_progress,
) -> int:
    """Set fields of samples: pairs of sample id and {stored path: value}; None unsets. Returns how many were found."""
    return update_if(name, ((key, {}, values) for key, values in changes), total, progress)


def update_if(
    name: str,
    changes: Iterable[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
    total: int | None = None,
    progress: Progress = no_progress,
) -> int:
    """Like `update`, for samples that still match: triples of sample id, condition and values. Returns how many did."""
    collection, done, matched = samples(name), 0, 0
    for some in _batches(changes):
        stamp = now()
        with garbage.paused():
            writes = [
                UpdateOne({"_id": object_id(key), **condition}, _set_or_unset(values, stamp))
                for key, condition, values in some
            ]
            matched += collection.bulk_write(writes, ordered=False).matched_count
        written()
        done += len(some)
        progress(done, total if total is not None else done)
    return matched


def update_where(
    name: str, match: Mapping[str, Any], change: Mapping[str, Any], array_filters: list[Document] | None = None
) -> int:
    """One MongoDB update of all samples that match; `last_modified_at` moves for these alone. Returns how many."""
    whole = {**change, "$set": {**change.get("$set", {}), "last_modified_at": now()}}
    modified = int(samples(name).update_many(match, whole, array_filters=array_filters).modified_count)
    written()
    return modified


def remove(name: str, ids: Sequence[str]) -> int:
    """Delete samples; media stay. Returns how many were found."""
    collection, removed = samples(name), 0
    for some in _batches(ids):
        removed += collection.delete_many({"_id": {"$in": object_ids(some)}}).deleted_count
        written()
    update_document(name, {"last_deletion_at": now()})
    return removed


def class_tally(of: Collection, match: Mapping[str, Any], path: str) -> dict[str, int]:
    """Labels per class name at one path of the documents that match, most frequent first."""
    steps: list[Document] = [{"$match": match}, {"$project": {"_id": 0, "of": f"${path}"}}]
    groups = of.aggregate([*steps, {"$unwind": "$of"}, {"$sortByCount": "$of"}], allowDiskUse=True)
    return {str(group["_id"]): int(group["count"]) for group in groups if group["_id"] is not None}


# --- schema -----------------------------------------------------------------------------------------------------------


def declare(name: str, fields: Mapping[str, str]) -> None:
    """Add fields to the schema through FiftyOne.

    A kind is one of `labels.KINDS`, or string, int, float, bool, dict, list, vector, or image: the path of an image,
    which FiftyOne's App then offers as media. A field that exists with the same kind is left alone; another kind
    raises FieldError.
    """
    _declare_media(name, [key for key, kind in fields.items() if kind == "image"])
    known = {made.name: made.label_kind or made.kind for made in stored_fields(document(name, any_version=True))}
    wrong = [f"{key} is {known[key]}, not {kind}" for key, kind in fields.items() if known.get(key, kind) != kind]
    if wrong:
        raise FieldError(f"expected fields of dataset {name!r} of the kinds asked for, found: {'; '.join(wrong)}")
    missing = {key: kind for key, kind in fields.items() if key not in known}
    if missing:
        dataset = load(name)
        for key, kind in missing.items():
            _declare_one(dataset, key, kind)


def _declare_media(name: str, fields: Sequence[str]) -> None:
    """Name fields as paths of media. Before they exist: then one that was cut off is made by the next attempt."""
    found = document(name, any_version=True)
    existing = {one.name for one in stored_fields(found)}
    named = media_fields(found)
    new = [key for key in fields if key not in named and key not in existing]
    if new:
        update_document(name, {"app_config.media_fields": [*named, *new]})


def declare_attributes(name: str, label_field: str) -> None:
    """Add the attributes that labels of a field carry to the schema, so that FiftyOne's App offers them."""
    load(name).add_dynamic_sample_fields(fields=[label_field])


def undeclare(name: str, fields: Sequence[str]) -> None:
    """Remove fields with their values; absent ones are left out."""
    known = {made.name for made in stored_fields(document(name))}
    present = [key for key in fields if key in known]
    if present:
        load(name).delete_sample_fields(present)


def _import_quietly() -> Any:
    with warnings.catch_warnings():
        if "fiftyone" not in sys.modules:
            warnings.simplefilter("ignore")  # its dependencies deprecate one another while they are imported
        import fiftyone
    return fiftyone


def _db() -> Database:
    found: Database = _once(("database", ""), database.connect)
    return found


def _datasets() -> Collection:
    return _db()["datasets"]


def _samples(found: Mapping[str, Any]) -> Collection:
    return _db()[str(found["sample_collection_name"])]


def _frames(found: Mapping[str, Any]) -> Collection:
    if not found.get("frame_collection_name"):
        raise FieldError(f"expected dataset {found['name']!r} to hold videos, found that it has no frames")
    return _db()[str(found["frame_collection_name"])]


def _batches(made: Iterable[Any], size: int = _BATCH) -> Iterator[list[Any]]:
    source = iter(made)
    while True:
        with garbage.paused():
            some = list(islice(source, size))
        if not some:
            return
        yield some


def _set_or_unset(values: Mapping[str, Any], stamp: datetime) -> Document:
    gone = {key: "" for key, value in values.items() if value is None}
    kept = {key: value for key, value in values.items() if value is not None}
    return {"$set": {**kept, "last_modified_at": stamp}, **({"$unset": gone} if gone else {})}


def _declare_one(dataset: Any, key: str, kind: str) -> None:
    fo = fiftyone()
    if kind in labels.KINDS:
        document_type = getattr(fo, labels.document_class(kind))
        dataset.add_sample_field(key, fo.EmbeddedDocumentField, embedded_doc_type=document_type)
    elif kind in _PUBLIC_TYPES:
        dataset.add_sample_field(key, getattr(fo, _PUBLIC_TYPES[kind]))
    else:
        raise FieldError(
            f"expected the kind of field {key!r} in {', '.join([*labels.KINDS, *_PUBLIC_TYPES])}, found {kind!r}"
        )
