"""Which label fields of a dataset can be learned from."""

from collections.abc import Sequence

from datasets import collection, labels, store
from datasets import fields as label_fields
from datasets.memo import Memo

_PREDICTED = "pred_"
_memo: Memo[bool] = Memo(most_bytes=1 << 20)


def fields(dataset: str, kinds: Sequence[str], *, masks: bool = False) -> list[str]:
    """Fields of one of these kinds, the first kind first; fields of predictions teach nothing.

    With `masks`, only fields in which at least one object has a mask. Raises DatasetNotFound.
    """
    known = store.summary(dataset).label_fields
    found = [name for kind in kinds for name, own in known.items() if own == kind and not name.startswith(_PREDICTED)]
    return [name for name in found if not masks or has_masks(dataset, name)]


def classes(dataset: str, field: str) -> tuple[str, ...]:
    """Class names that a field uses, or that the values of its semantic masks have. Raises DatasetNotFound."""
    about = store.summary(dataset)
    if about.label_fields.get(field) == "segmentation":
        return tuple(label_fields.targets(collection.document(dataset), field).values())
    return tuple(about.class_counts.get(field, ()))


def has_masks(dataset: str, field: str) -> bool:
    """Whether any label of a field has a mask; looked up again only after a change. Raises DatasetNotFound."""
    return _memo.get((dataset, field, collection.version(dataset)), lambda: _any_mask(dataset, field))


def _any_mask(dataset: str, field: str) -> bool:
    stored = next(one for one in collection.stored_fields(collection.document(dataset)) if one.name == field)
    path = labels.list_path(stored.stored, str(stored.label_kind))
    match = {"$or": [{f"{path}.{name}": {"$exists": True, "$ne": None}} for name in ("mask_path", "mask")]}
    return collection.samples(dataset).find_one(match, {"_id": 1}) is not None
