"""Finds a label field of a dataset, or reports which ones exist."""

from collections.abc import Callable, Iterable

from datasets import kinds
from datasets.errors import FieldError
from datasets.storage import labels, layout
from datasets.storage.documents import Document
from datasets.storage.layout import StoredField


def label_field(
    document: Document, name: str, fits: Callable[[str], bool] | None = None, what: str = "labels"
) -> StoredField:
    """The label field `name` of a dataset's document. Raises FieldError unless it exists and its kind `fits`."""
    known = {one.name: one for one in layout.stored_fields(document) if one.label_kind}
    found = known.get(name)
    if found is None or (fits and not fits(str(found.label_kind))):
        listed = ", ".join(f"{key} ({one.label_kind})" for key, one in known.items()) or "no label field"
        raise FieldError(
            f"expected a field with {what} in dataset {document['name']!r}, found "
            f"{f'{name!r} of kind {found.label_kind}' if found else f'no label field {name!r}'}; there is {listed}"
        )
    return found


def box_path(document: Document, name: str) -> str:
    """Where the boxes of a field with any number of them lie: `ground_truth.detections`. Raises FieldError."""
    found = label_field(document, name, lambda kind: kinds.kind(kind).boxes and kinds.kind(kind).many, "boxes")
    return labels.list_path(found.stored, str(found.label_kind))


def class_order(document: Document, field: str, used: Iterable[str]) -> tuple[str, ...]:
    """Classes of a label field: those declared for it, else for the dataset; names that only labels use follow, sorted.

    The dataset's classes are ignored when they belong to another field: when labels of this one use none of them.
    """
    names = set(used) - {""}
    own = (document.get("classes") or {}).get(field)
    declared = list(own or document.get("default_classes") or ())
    if not own and names and not names & set(declared):
        declared = []
    return (*dict.fromkeys(declared), *sorted(names - set(declared)))


def targets(document: Document, field: str) -> dict[int, str]:
    """Names of the values of a field's semantic masks, in value order: its own, else the dataset's; empty for none.

    Raises FieldError for targets by colour: masks here hold class indexes.
    """
    declared = (document.get("mask_targets") or {}).get(field) or document.get("default_mask_targets") or {}
    try:
        return {int(value): str(name) for value, name in sorted(declared.items(), key=lambda pair: int(pair[0]))}
    except ValueError as wrong:
        raise FieldError(
            f"expected mask targets of dataset {document['name']!r} by class index, found {next(iter(declared))!r}; "
            "store masks of class indexes, not of colours"
        ) from wrong
