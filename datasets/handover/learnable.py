"""Which label fields of a dataset can be learned from."""

from collections.abc import Sequence

from datasets.fieldnames import is_prediction
from datasets.kinds import kind
from datasets.storage import documents, store, tallies
from datasets.storage import fields as label_fields


def fields(dataset: str, kinds: Sequence[str], *, masks: bool = False, patience: float | None = None) -> list[str]:
    """Fields of one of these kinds, the first kind first; fields of predictions teach nothing.

    With `masks`, only fields in which at least one object has a mask. `patience` is that of `store.summary`. Raises
    DatasetNotFound.
    """
    known = store.summary(dataset, patience=patience).label_fields
    found = [name for one in kinds for name, own in known.items() if own == one and not is_prediction(name)]
    return [name for name in found if not masks or has_masks(dataset, name, patience)]


def classes(dataset: str, field: str, patience: float | None = None) -> tuple[str, ...]:
    """Class names that a field uses, or that the values of its semantic masks have. Raises DatasetNotFound."""
    about = store.summary(dataset, patience=patience)
    own = about.label_fields.get(field)
    if own and kind(own).whole_mask:
        return tuple(label_fields.targets(documents.of(dataset), field).values())
    return tuple(about.class_counts.get(field, ()))


def has_masks(dataset: str, field: str, patience: float | None = None) -> bool:
    """Whether any label of a field has a mask. Raises DatasetNotFound."""
    found = tallies.of(dataset, patience).fields.get(field)
    return found is not None and found.masks > 0
