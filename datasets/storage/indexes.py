"""Indexes of large datasets for what views filter and sort by, built in a thread; until then views work without.

Each has the id as its last key, so that a page of a filtered or sorted view is read in order, from either end.
"""

import logging
import threading
from collections.abc import Iterable
from typing import Any

from pymongo.errors import PyMongoError

from datasets.errors import DatasetNotFound
from datasets.storage import collection, handle
from datasets.storage.handle import Named

log = logging.getLogger(__name__)
LEAST = 20_000  # samples; below that, a full scan is as fast
ALWAYS = ("split", "tags")
_MOST = 40  # the server allows 64; people may want their own
_asked: set[tuple[Any, str]] = set()
_lock = threading.Lock()


def offer(named: Named, paths: Iterable[str]) -> threading.Thread | None:
    """Ensure that a large dataset has indexes for these stored paths. Returns the thread that builds them, if any."""
    dataset = handle.of(named)
    if dataset.count < LEAST:
        return None
    samples = collection.samples(dataset)
    with _lock:
        missing = [path for path in dict.fromkeys([*ALWAYS, *paths]) if (samples.full_name, path) not in _asked]
        _asked.update((samples.full_name, path) for path in missing)
    if not missing:
        return None
    thread = threading.Thread(target=_make, args=(dataset.name, missing), name=f"indexes:{dataset.name}", daemon=True)
    thread.start()
    return thread


def _make(name: str, paths: list[str]) -> None:
    """Build the indexes; a database that refuses (for a read-only user) is read without them."""
    try:
        samples = collection.samples(name)  # looked up again: an index would recreate a deleted collection
        for path in paths:
            if len(samples.index_information()) < _MOST:
                samples.create_index([(path, 1), ("_id", 1)])
    except (PyMongoError, DatasetNotFound) as refused:
        log.info("no index on %s of %s: %s", ", ".join(paths), name, refused)
