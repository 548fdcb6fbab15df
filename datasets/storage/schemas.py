"""The fields of a dataset, declared and removed by FiftyOne itself, so that its own schema is right."""

from collections.abc import Mapping, Sequence
from typing import Any

from datasets import kinds
from datasets.errors import FieldError
from datasets.kinds import IMAGE, KINDS
from datasets.storage import collection, documents, labels, vendor
from datasets.storage.layout import media_fields, stored_fields

_PUBLIC_TYPES = {
    "string": "StringField",
    "int": "IntField",
    "float": "FloatField",
    "bool": "BooleanField",
    "dict": "DictField",
    "list": "ListField",
    "vector": "VectorField",
    IMAGE.name: "StringField",
}


def declare(name: str, fields: Mapping[str, str]) -> None:
    """Add fields to the schema through FiftyOne.

    A kind is one of `labels.KINDS`, or string, int, float, bool, dict, list, vector, or image: the path of an image,
    which FiftyOne's App then offers as media. A field that exists with the same kind is left alone; another kind
    raises FieldError.
    """
    _declare_media(name, [key for key, kind in fields.items() if KINDS.get(kind) is IMAGE])
    known = {made.name: made.label_kind or made.kind for made in stored_fields(documents.of(name, any_version=True))}
    wrong = [f"{key} is {known[key]}, not {kind}" for key, kind in fields.items() if known.get(key, kind) != kind]
    if wrong:
        raise FieldError(f"expected fields of dataset {name!r} of the kinds asked for, found: {'; '.join(wrong)}")
    missing = {key: kind for key, kind in fields.items() if key not in known}
    if missing:
        dataset = collection.load(name)
        for key, kind in missing.items():
            _declare_one(dataset, key, kind)


def declare_attributes(name: str, label_field: str) -> None:
    """Add the attributes that labels of a field carry to the schema, so that FiftyOne's App offers them."""
    collection.load(name).add_dynamic_sample_fields(fields=[label_field])


def undeclare(name: str, fields: Sequence[str]) -> None:
    """Remove fields with their values; absent ones are left out."""
    known = {made.name for made in stored_fields(documents.of(name))}
    present = [key for key in fields if key in known]
    if present:
        collection.load(name).delete_sample_fields(present)


def _declare_media(name: str, fields: Sequence[str]) -> None:
    """Declare fields as paths of media. Done before they exist, so that a next attempt completes an interrupted one."""
    found = documents.of(name, any_version=True)
    known = {*media_fields(found), *(one.name for one in stored_fields(found))}
    new = [key for key in fields if key not in known]
    if new:
        documents.update(name, {"app_config.media_fields": [*media_fields(found), *new]})


def _declare_one(dataset: Any, key: str, kind: str) -> None:
    fo = vendor.fiftyone()
    if kind in labels.KINDS:
        document_type = getattr(fo, str(kinds.kind(kind).label_class))
        dataset.add_sample_field(key, fo.EmbeddedDocumentField, embedded_doc_type=document_type)
    elif kind in _PUBLIC_TYPES:
        dataset.add_sample_field(key, getattr(fo, _PUBLIC_TYPES[kind]))
    else:
        raise FieldError(
            f"expected the kind of field {key!r} in {', '.join([*labels.KINDS, *_PUBLIC_TYPES])}, found {kind!r}"
        )
