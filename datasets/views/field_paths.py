"""Where the fields that a view spec names are stored in the documents of samples."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from datasets import kinds
from datasets.errors import ViewError
from datasets.storage import labels
from datasets.storage.handle import Dataset
from datasets.storage.layout import StoredField
from datasets.storage.store import FRAMES

_LABEL_ATTRIBUTES = {"label": "string", "confidence": "float", "tags": "list", "id": "id", "mask_path": "string"}


@dataclass(frozen=True)
class FieldPath:
    """Where the values of a field of a view spec are stored. `within` is the list of labels that `path` is relative to.

    `frames` says that it is a field of the frames of videos, which have a collection of their own.
    """

    path: str
    kind: str
    within: str | None = None
    label_kind: str | None = None
    frames: bool = False

    @property
    def stored(self) -> str:
        """The whole path in the database."""
        return f"{self.within}.{self.path}" if self.within else self.path


def field_path(dataset: Dataset, name: str) -> FieldPath:
    """Where a field of a view spec is stored. Raises ViewError that lists the fields of the dataset."""
    framed = bool(dataset.frame_fields) and name.startswith(FRAMES)
    head, _, tail = (name.removeprefix(FRAMES) if framed else name).partition(".")
    known = {one.name: one for one in (dataset.frame_fields if framed else dataset.fields)}
    found = _inside(known[head], tail) if head in known else None
    if found is None:
        listed = ", ".join([*_names(dataset.fields), *(f"{FRAMES}{one}" for one in _names(dataset.frame_fields))])
        raise ViewError(f"expected a field of dataset {dataset.name!r}, found {name!r}; fields: {listed}")
    return replace(found, frames=framed)


def _inside(one: StoredField, tail: str) -> FieldPath | None:
    if one.label_kind:
        return _label_path(one, one.label_kind, tail)
    if not tail:
        return FieldPath(one.stored, one.item if one.kind == "list" and one.item else one.kind)
    part = next((part for part in one.fields if part.name == tail), None)
    return FieldPath(f"{one.stored}.{part.stored}", part.kind) if part else None


def _label_path(one: StoredField, kind: str, tail: str) -> FieldPath | None:
    place = labels.list_path(one.stored, kind)
    if not tail:
        return FieldPath(place, "labels", label_kind=kind)
    held = kinds.kind(kind)
    attributes = {**_LABEL_ATTRIBUTES, **{part.name: part.kind for part in _label_fields(one)}}
    if held.posed:  # the list of its points is declared under that name
        attributes["confidence"] = "float"
    if tail not in attributes:
        return None
    stored = {"id": "_id", "confidence": held.confidence}.get(tail, tail)
    value = "string" if attributes[tail] == "list" else attributes[tail]
    return FieldPath(stored, value, place, kind)


def _label_fields(one: StoredField) -> tuple[StoredField, ...]:
    return one.fields[0].fields if one.label_kind and kinds.kind(one.label_kind).many and one.fields else one.fields


def _names(fields: Iterable[StoredField]) -> list[str]:
    return [name for one in fields for name in ([one.name, f"{one.name}.label"] if one.label_kind else [one.name])]
