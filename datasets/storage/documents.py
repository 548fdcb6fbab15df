"""The documents of datasets, one for each: what FiftyOne knows about it, read and changed with pymongo alone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from datasets import faults
from datasets.errors import DatabaseError, DatabaseUnreachable, DatasetNotFound, DiskFull
from datasets.storage import connection
from datasets.storage.layout import PROVEN, check_version, installed_version, now

Document = dict[str, Any]


def every(projection: Mapping[str, int] | None = None) -> list[Document]:
    """The documents of all datasets that people made (not the hidden ones behind patches views), oldest first."""
    return list(_datasets().find({"sample_collection_name": {"$regex": r"^samples\."}}, projection).sort("_id", 1))


def names() -> list[str]:
    """Names of all datasets."""
    return [found["name"] for found in every({"name": 1})]


def of(name: str, *, any_version: bool = False) -> Document:
    """The document of one dataset. Raises DatasetNotFound, or DatabaseError when its layout is not a tested one."""
    check_version()
    found = connection.once(("document", name), lambda: _datasets().find_one({"name": name}))
    if found is None:
        raise DatasetNotFound(name, [known for known in names() if not known.startswith(".")])
    if not any_version:
        check_layout(found)
    return dict(found)


def check_layout(found: Mapping[str, Any]) -> None:
    """Raise DatabaseError unless a dataset's document was written by a tested version of FiftyOne."""
    written = str(found.get("version") or "unknown")
    if not written.startswith(PROVEN):
        name = found["name"]
        raise DatabaseError(
            f"expected dataset {name!r} in the layout of FiftyOne {installed_version()}, found "
            f"{written}; migrate it once with `fiftyone migrate --dataset-name {name}`"
        )


def update(name: str, values: Mapping[str, Any]) -> None:
    """Set parts of a dataset's document, by path, atomically."""
    changed = {**values, "last_modified_at": now()}
    matched = _datasets().update_one({"_id": of(name, any_version=True)["_id"]}, {"$set": changed}).matched_count
    connection.written()
    if not matched:
        raise DatasetNotFound(name, names())


def swap(found: Mapping[str, Any], same: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Set parts of the document that was read, by path, if it still matches `same`. False, without effect, if not.

    A value of None removes a part.
    """
    gone = {path: "" for path, value in values.items() if value is None}
    kept = {path: value for path, value in values.items() if value is not None}
    change = {"$set": {**kept, "last_modified_at": now()}, **({"$unset": gone} if gone else {})}
    matched = _datasets().update_one({"_id": found["_id"], **same}, change).matched_count
    connection.written()
    return bool(matched)


def unset(name: str, path: str) -> None:
    """Remove one part of a dataset's document, by path."""
    change = {"$unset": {path: ""}, "$set": {"last_modified_at": now()}}
    _datasets().update_one({"_id": of(name, any_version=True)["_id"]}, change)
    connection.written()


def check_writable(name: str) -> None:
    """Raise DatabaseError unless the dataset can be changed: call it before a long write."""
    found = of(name)
    with refused(name):
        _datasets().update_one({"_id": found["_id"]}, {"$set": {"last_modified_at": now()}})
        samples(found).update_one({"_id": found["_id"]}, {"$set": {"last_modified_at": now()}})  # matches no sample


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Turn the error of a database that refuses writes into a DatabaseError; for the first write of several."""
    try:
        yield
    except PyMongoError as wrong:
        if isinstance(told := faults.told(wrong), (DiskFull, DatabaseUnreachable)):
            raise told from wrong
        raise DatabaseError(
            f"expected a database that dataset {name!r} can be written to, found {faults.short(wrong)}; "
            "nothing was written; give this user the right to write, or free space on the disk of the database"
        ) from wrong


def samples(found: Mapping[str, Any]) -> Collection:
    """The collection that holds the samples of the dataset with this document."""
    return connection.db()[str(found["sample_collection_name"])]


def _datasets() -> Collection:
    return connection.db()["datasets"]
