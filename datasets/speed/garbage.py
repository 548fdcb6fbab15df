"""Python's cyclic garbage collector, paused while many plain objects are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Pause the collector, for one batch of documents, which hold no cycles.

    Every few thousand new objects the collector walks all live ones, FiftyOne's modules too: half the time of a write.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
