"""What FiftyOne's documents look like in MongoDB: fields of a dataset, a sample, ids and times. Pure functions.

The layout was tested for the versions in `PROVEN`; others are refused, because a wrong layout would silently corrupt a
dataset. Other rooms see sample ids as 24 hexadecimal digits.
"""

import importlib.metadata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
from bson import ObjectId
from bson.errors import InvalidId

from datasets.errors import DatabaseError, FieldError
from datasets.images import masks
from datasets.kinds import IMAGE, KINDS
from datasets.storage import labels

PROVEN = ("1.22.",)

Document = dict[str, Any]

_FTYPES = {
    "StringField": "string",
    "IntField": "int",
    "FloatField": "float",
    "FrameNumberField": "int",
    "BooleanField": "bool",
    "DateField": "date",
    "DateTimeField": "date",
    "ObjectIdField": "id",
    "ListField": "list",
    "DictField": "dict",
    "VectorField": "vector",
    "ArrayField": "vector",
}


@dataclass(frozen=True)
class StoredField:
    """A field as declared. `kind` is a simple kind, `labels`, `document` or `unknown`; `item` is that of a list.

    A text field that the dataset declares as the path of further media has kind `image`.
    """

    name: str
    stored: str
    kind: str
    label_kind: str | None = None
    item: str | None = None
    fields: tuple["StoredField", ...] = field(default=(), repr=False)

    @property
    def holds_image(self) -> bool:
        """Whether it holds the path of an image of the sample."""
        return KINDS.get(self.kind) is IMAGE


@cache
def installed_version() -> str:
    """Version of the installed FiftyOne, read without importing it."""
    return importlib.metadata.version("fiftyone")


def check_version(found: str | None = None) -> None:
    """Raise DatabaseError unless FiftyOne's version (default: the installed one) uses the tested layout."""
    version = found or installed_version()
    if not version.startswith(PROVEN):
        raise DatabaseError(
            f"expected FiftyOne {' or '.join(f'{known}x' for known in PROVEN)}, whose storage Foveal was proven with; "
            f"found {version}; install the version in constraints.txt"
        )


def stored_fields(found: Mapping[str, Any]) -> list[StoredField]:
    """The declared fields of a dataset's document, in order; private ones (leading underscore) left out."""
    made = [one for one in map(_stored_field, found.get("sample_fields") or ()) if not one.name.startswith("_")]
    images = {one for one in media_fields(found) if one != "filepath"}
    return [replace(one, kind=IMAGE.name) if one.name in images and one.kind == "string" else one for one in made]


def media_fields(found: Mapping[str, Any]) -> list[str]:
    """Names of the fields that hold paths of media, as FiftyOne's App offers them: `filepath` first."""
    return list((found.get("app_config") or {}).get("media_fields") or ["filepath"])


def is_video(found: Mapping[str, Any]) -> bool:
    """Whether the samples of a dataset are videos, whose frames lie in a collection of their own."""
    return bool(found.get("media_type") == "video")


def has_frames(found: Mapping[str, Any]) -> bool:
    """Whether a dataset has a collection of frames: one of videos, or of groups with videos among them."""
    return bool(found.get("frame_collection_name"))


def frame_fields(found: Mapping[str, Any]) -> list[StoredField]:
    """The declared fields of the frames of a dataset of videos; none for images."""
    return [made for made in map(_stored_field, found.get("frame_fields") or ()) if not made.name.startswith("_")]


def size_of(sample: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Width and height of an image or a video in pixels as shown, from a sample's document."""
    about = sample.get("metadata") or {}
    return about.get("width") or about.get("frame_width"), about.get("height") or about.get("frame_height")


def now() -> datetime:
    """The current time as FiftyOne stores it: UTC without a time zone, rounded to milliseconds."""
    moment = datetime.now(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def object_id(text: str) -> ObjectId:
    """The database's form of an id. Raises FieldError for anything but 24 hexadecimal digits."""
    try:
        return ObjectId(text)
    except (InvalidId, TypeError) as wrong:
        raise FieldError(f"expected an id of 24 hexadecimal digits, found {text!r}") from wrong


def new_id() -> str:
    """An id that no document has yet."""
    return str(ObjectId())


def vector(values: Sequence[float] | None) -> bytes | None:
    """Numbers as FiftyOne's VectorField holds them: one array of float32, packed."""
    return None if values is None else masks.pack(np.asarray(values, np.float32))


def object_ids(texts: Iterable[str]) -> list[ObjectId]:
    """The database's form of many ids."""
    return [object_id(text) for text in texts]


def _stored_field(raw: Mapping[str, Any]) -> StoredField:
    inner = tuple(map(_stored_field, raw.get("fields") or ()))
    kind = _FTYPES.get(_last(raw.get("ftype")), "unknown")
    label_kind = labels.kind_of(raw.get("embedded_doc_type"))
    if raw.get("ftype", "").endswith("EmbeddedDocumentField"):
        kind = "labels" if label_kind else "document"
    item = _FTYPES.get(_last(raw["subfield"]), "document") if raw.get("subfield") else None
    return StoredField(raw["name"], raw.get("db_field") or raw["name"], kind, label_kind, item, inner)


def _last(path: str | None) -> str:
    return (path or "").rpartition(".")[2]
