"""Many writes in batches of a thousand, so that memory stays bounded."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from datasets.speed import garbage

BATCH = 1000


def batches(made: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """The items of an iterator, in lists of at most `size`."""
    source = iter(made)
    while True:
        with garbage.paused():
            some = list(islice(source, size))
        if not some:
            return
        yield some


def set_or_unset(values: Mapping[str, Any], stamp: datetime) -> dict[str, Any]:
    """The change that sets stored paths to their values, or unsets those whose value is None."""
    gone = {key: "" for key, value in values.items() if value is None}
    kept = {key: value for key, value in values.items() if value is not None}
    return {"$set": {**kept, "last_modified_at": stamp}, **({"$unset": gone} if gone else {})}
