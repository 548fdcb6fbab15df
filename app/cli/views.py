"""Turns the options of the command line into a view spec."""

from datasets.storage import store
from datasets.viewspec import ViewSpec


def view_of(dataset: str, saved: str | None = None, split: str | None = None) -> ViewSpec:
    """The view that `--dataset`, `--view` and `--split` name. Raises DatasetNotFound."""
    store.summary(dataset)
    spec = ViewSpec(dataset=dataset, saved=saved)
    return spec.of_splits(*split.split(",")) if split else spec
