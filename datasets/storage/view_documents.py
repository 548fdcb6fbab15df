"""Saved views as FiftyOne stores them: documents of the collection `views`, listed in the document of their dataset."""

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId, json_util
from pymongo.collection import Collection

from datasets.storage import connection, documents, layout
from datasets.storage.documents import Document
from datasets.storage.handle import Named


def stored(dataset: Named) -> list[Document]:
    """The saved views of a dataset, oldest first: name, slug, times, `stages`. Raises DatasetNotFound."""
    return [{**raw, "stages": tuple(map(json_util.loads, raw.get("view_stages") or ()))} for raw in _raw(_id(dataset))]


def write(dataset: Named, name: str, slug: str, stages: Sequence[Mapping[str, Any]]) -> None:
    """Save stages under a name; the view that had the name is replaced."""
    stamp, owner = layout.now(), _id(dataset)
    values = {"view_stages": [json_util.dumps(stage) for stage in stages], "last_modified_at": stamp}
    first = {"_id": ObjectId(), "slug": slug, "created_at": stamp, "last_loaded_at": None}
    key = {"_dataset_id": owner, "name": name}
    _views().update_one(key, {"$set": values, "$setOnInsert": first}, upsert=True)
    _register(dataset, owner)


def remove(dataset: Named, slug: str) -> None:
    """Delete the saved view with this slug."""
    owner = _id(dataset)
    _views().delete_one({"_dataset_id": owner, "slug": slug})
    _register(dataset, owner)


def _register(dataset: Named, owner: ObjectId) -> None:
    """FiftyOne finds its saved views through a list in the dataset's document."""
    name = dataset if isinstance(dataset, str) else dataset.name
    documents.update(name, {"saved_views": [raw["_id"] for raw in _raw(owner)]})


def _id(dataset: Named) -> ObjectId:
    found = documents.of(dataset, any_version=True) if isinstance(dataset, str) else dataset.document
    return ObjectId(found["_id"])


def _raw(owner: ObjectId) -> list[Document]:
    return list(_views().find({"_dataset_id": owner}).sort("_id", 1))


def _views() -> Collection:
    return connection.db()["views"]
