"""Turns the options of the command line into a view spec."""

from datasets.storage import store
from datasets.views import splits
from datasets.viewspec import ViewSpec


def view_of(dataset: str, saved: str | None = None, split: str | None = None) -> ViewSpec:
    """The view that `--dataset`, `--view` and `--split` name.

    Raises DatasetNotFound, ViewError for a split that the dataset lacks.
    """
    store.summary(dataset)
    spec = ViewSpec(dataset=dataset, saved=saved)
    names = [name.strip() for name in (split or "").split(",") if name.strip()]
    if not names:
        return spec
    chosen = spec.of_splits(*names)
    splits.check(chosen)
    return chosen
