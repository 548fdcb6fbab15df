"""Long-running work of the app itself (reading a source, importing, exporting) in threads; it survives a page reload.

A piece of work has a key, such as `import:street`; every tab finds it under that key. It ends with the process;
work that must outlive the app is a job (`pipelines.jobs`).
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from datasets import faults
from datasets.errors import Cancelled
from datasets.records import Progress

log = logging.getLogger(__name__)
State = Literal["running", "done", "failed", "cancelled"]


@dataclass
class Work:
    """One piece of work. `left` is in seconds, None while unknown; `result` is set once it is done.

    `stage` says what it does now; the estimate counts from the beginning of the stage.
    """

    key: str
    title: str
    began: float = field(default_factory=time.monotonic)
    state: State = "running"
    done: int = 0
    total: int = 0
    stage: str = ""
    result: Any = None
    error: Exception | None = None
    about: dict[str, Any] = field(default_factory=dict)
    _since: float = 0.0  # when the stage began; 0 while there is none
    _stop: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def left(self) -> float | None:
        """Estimated seconds left."""
        took = time.monotonic() - (self._since or self.began)
        known = took > 0.5 and (self.share >= 0.01 or took > 5)  # the first step of very many allows no estimate
        return took / self.share * (1 - self.share) if self.share > 0 and known else None

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and has not stopped yet."""
        return self.state == "running" and self._stop.is_set()

    def enter(self, stage: str) -> None:
        """A stage begins, in words."""
        self.stage, self.done, self.total, self._since = stage, 0, 0, time.monotonic()

    def cancel(self) -> None:
        """Ask it to stop; it stops at its next report of progress and removes what it wrote."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, or for the given seconds. Returns whether it has."""
        return self._ended.wait(seconds)

    def progress(self, done: int, total: int) -> None:
        """The callback that the work calls. Raises Cancelled once it was asked to stop."""
        self.done, self.total = done, total
        if self._stop.is_set():
            raise Cancelled(f"{self.title} was cancelled")


_lock = threading.Lock()
_works: dict[str, Work] = {}


def start(key: str, title: str, run: Callable[[Progress], Any], **about: Any) -> Work:
    """Start work under a key, or return the one that runs there already. `run` gets the progress to call."""
    with _lock:
        found = _works.get(key)
        if found is not None and found.state == "running":
            return found
        work = _works[key] = Work(key, title, about=about)
    threading.Thread(target=_run, args=(work, run), name=key, daemon=True).start()
    return work


def find(key: str) -> Work | None:
    """The work under a key, running or ended."""
    return _works.get(key)


def all_works(prefix: str = "") -> list[Work]:
    """All work whose key has this prefix, newest first."""
    with _lock:
        found = [work for key, work in _works.items() if key.startswith(prefix)]
    return sorted(found, key=lambda work: work.began, reverse=True)


def forget(key: str) -> None:
    """Drop ended work, once its result was seen."""
    with _lock:
        if key in _works and _works[key].state != "running":
            del _works[key]


def stop(patience: float = 10.0) -> list[str]:
    """Cancel all that runs, before the process ends; `patience` in seconds. Returns the titles of what did not stop."""
    running, until = [work for work in all_works() if work.state == "running"], time.monotonic() + patience
    for work in running:
        work.cancel()
    return [work.title for work in running if not work.wait(max(0.0, until - time.monotonic()))]


def _run(work: Work, run: Callable[[Progress], Any]) -> None:
    try:
        work.result = run(work.progress)
        work.state = "done"
    except Cancelled:
        work.state = "cancelled"
    except Exception as error:  # a thread has no caller: the page shows the error, the log keeps the trace
        told = faults.told(error)
        if told is None:
            log.exception("%s failed", work.title)
        work.error, work.state = told or error, "failed"
    finally:
        work._ended.set()
