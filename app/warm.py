"""Imports that the first page must not wait for, done in a thread once that page is painted."""

import gc
import logging
import threading
from collections.abc import Callable
from importlib import import_module

log = logging.getLogger(__name__)
painted = threading.Event()
_over = threading.Event()


def begin(*, wait: float = 20, work: Callable[[], None] | None = None) -> threading.Thread:
    """Start the thread; it works once a page was painted, or after `wait` seconds without one."""
    _over.clear()

    def run() -> None:
        painted.wait(wait)
        if not _over.is_set():
            (work or _import_vendors)()
            _settle_heap()

    thread = threading.Thread(target=run, name="warm", daemon=True)
    thread.start()
    return thread


def forget() -> None:
    """Stop importing: the server stops, and an import would start the database again."""
    _over.set()
    painted.set()


def _import_vendors() -> None:
    try:
        import_module("app.fiftyone_mount").load()
    except Exception:  # it is retried, and its error shown, when somebody opens /fo
        log.warning("FiftyOne could not be loaded ahead of time", exc_info=True)
    import_module("pipelines.augment").load()  # the preview of augmentations would wait for it otherwise


def _settle_heap() -> None:
    """Imported modules live as long as the process: the garbage collector need not walk them repeatedly."""
    gc.collect()
    gc.freeze()
