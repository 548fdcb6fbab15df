"""Evaluations in FiftyOne's own books, whatever their kind, so that its API and its panel find them."""

from collections.abc import Sequence
from typing import Any

from datasets.storage import collection


def register(dataset: str, key: str, backend: Any, fields: tuple[str, str], ids: Sequence[str]) -> Any:
    """Register FiftyOne's `backend` under `key`, declare the fields it writes, and return what was scored as a view.

    `fields` are label field and prediction field; `ids` the samples that were scored.
    """
    samples = _scored(collection.load(dataset), fields[1], ids)
    backend.register_run(samples, key)
    backend.register_samples(samples, key)
    backend.add_fields_to_sidebar_group(samples, key, omit_fields=fields)
    return samples


def _scored(loaded: Any, field: str, ids: Sequence[str]) -> Any:
    """What was scored in FiftyOne's terms, as short as it can be said: the run keeps it in one document."""
    if loaded.count() == len(ids):
        return loaded
    predicted = loaded.exists(field)
    return predicted if predicted.count() == len(ids) else loaded.select(list(ids))
