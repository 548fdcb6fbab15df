"""Python's collector of cycles, out of the way while many plain objects are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Collect no cycles meanwhile; for one batch of documents, which hold none.

    Every few thousand new objects the collector walks all that lives, FiftyOne's modules too: half the time of a write.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
