"""Tags of samples and of single labels, added and removed in bulk."""

from collections.abc import Mapping, Sequence
from typing import Any

from datasets import kinds
from datasets.errors import FieldError
from datasets.storage import collection, handle, layout
from datasets.views.field_paths import field_path

_AT_ONCE = 5000


def add(dataset: str, ids: Sequence[str], tag: str) -> int:
    """Tag samples. Returns how many samples did not have it before. Raises FieldError for an empty tag."""
    match = {"tags": {"$ne": _checked(tag)}}
    return _each(dataset, ids, "_id", match, {"$addToSet": {"tags": tag}})


def remove(dataset: str, ids: Sequence[str], tag: str) -> int:
    """Take a tag from samples. Returns how many had it."""
    return _each(dataset, ids, "_id", {"tags": _checked(tag)}, {"$pull": {"tags": tag}})


def add_to_labels(dataset: str, field: str, label_ids: Sequence[str], tag: str) -> int:
    """Tag single labels of one label field. Returns how many samples hold them."""
    return _change_labels(dataset, field, label_ids, "$addToSet", _checked(tag))


def remove_from_labels(dataset: str, field: str, label_ids: Sequence[str], tag: str) -> int:
    """Take a tag from single labels of one label field. Returns how many samples hold them."""
    return _change_labels(dataset, field, label_ids, "$pull", _checked(tag))


def _change_labels(dataset: str, field: str, label_ids: Sequence[str], operator: str, tag: str) -> int:
    place = field_path(handle.of(dataset), field)
    if place.kind != "labels" or place.label_kind is None:
        raise FieldError(f"expected a label field, found {field!r}, which is {place.kind}")
    many = kinds.kind(place.label_kind).many
    change = {operator: {f"{place.path}.$[one].tags" if many else f"{place.path}.tags": tag}}
    return _each(dataset, label_ids, f"{place.path}._id", {}, change, within=many)


def _each(
    dataset: str,
    ids: Sequence[str],
    key: str,
    match: Mapping[str, Any],
    change: Mapping[str, Any],
    *,
    within: bool = False,
) -> int:
    changed = 0
    for start in range(0, len(ids), _AT_ONCE):
        chosen = {"$in": layout.object_ids(ids[start : start + _AT_ONCE])}
        filters = [{"one._id": chosen}] if within else None
        changed += collection.update_where(dataset, {key: chosen, **match}, change, filters)
    return changed


def _checked(tag: str) -> str:
    if not tag.strip():
        raise FieldError(f"expected a tag with at least one visible character, found {tag!r}")
    return tag
