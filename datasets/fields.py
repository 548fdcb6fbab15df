"""Finding a label field of a dataset, or saying which there are."""

from collections.abc import Callable

from datasets import collection, labels
from datasets.collection import Document, StoredField
from datasets.errors import FieldError


def label_field(
    document: Document, name: str, fits: Callable[[str], bool] | None = None, what: str = "labels"
) -> StoredField:
    """The label field `name` of a dataset's document. Raises FieldError unless it exists and its kind `fits`."""
    known = {one.name: one for one in collection.stored_fields(document) if one.label_kind}
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
    found = label_field(document, name, lambda kind: labels.has_boxes(kind) and labels.is_list(kind), "boxes")
    return labels.list_path(found.stored, str(found.label_kind))
