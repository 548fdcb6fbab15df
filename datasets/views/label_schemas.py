"""The schema of a label field, with the classes that its labels use where none is stored."""

from datasets import kinds
from datasets.storage import handle, label_schemas, store
from datasets.storage.handle import Named
from datasets.storage.label_schemas import Held


def of(named: Named, field: str, patience: float | None = None) -> Held:
    """The schema of a label field. Labels are counted where none is stored; at most for `patience` seconds.

    Raises DatasetNotFound, and FieldError without such a field.
    """
    dataset = handle.of(named)
    found = label_schemas.of(dataset.document, field)
    if found.stored or found.kind.whole_mask:
        return found
    used = store.summary(dataset, patience=patience).class_counts.get(field, {})
    return label_schemas.of(dataset.document, field, used)


def known(named: Named, patience: float | None = None) -> dict[str, Held]:
    """The schemas of all label fields, by field."""
    dataset = handle.of(named, any_version=True)
    return {one.name: of(dataset, one.name, patience) for one in dataset.fields
            if one.label_kind and kinds.kind(one.label_kind).labels}  # fmt: skip


def undeclared(named: Named, field: str, patience: float | None = None) -> dict[str, int]:
    """Classes that labels use but the schema does not hold, with their numbers of labels; none for whole masks."""
    dataset = handle.of(named)
    names = set(of(dataset, field, patience).schema.names)
    counts = store.summary(dataset, patience=patience).class_counts.get(field, {})
    return {name: count for name, count in counts.items() if name and name not in names}
