"""`events.jsonl`: the append-only truth of a run's progress. One JSON object per line, in the order of happening.

Every event has `time` (seconds since the epoch, for people), `up` (seconds since the machine started) and `kind`:

    start     pid, resumed, boot            a job begins, or goes on after it was stopped or lost
    step      name, index, count            a step of a job begins (freeze, check, train, predict, store, score)
    progress  done, total, eta              inside a step; eta in seconds, None while unknown
    epoch     epoch, epochs, metrics, eta, speed   an epoch ended; metrics by name, speed in images per second
    batch     epoch, batch, batches, loss, eta     at most one a second, while an epoch runs
    resource  cpu, ram, gpu, gpu_ram        percent; gpu values None without a GPU
    finding   severity, code, where, expected, found, action
    note      text
    error     title, cause, action          why the job failed, in words for people
"""

import errno
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from datasets.redacting import redacted
from pipelines import clock

Event = dict[str, Any]
TOLD = frozenset({"note", "error", "finding"})  # words of others, in which an address with its password may stand


class EventWriter:
    """Appends events; each line is written whole and flushed, so that a reader or a crash never sees half of one.

    Raises OSError when the disk is full; what it cut short spoils no later line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._beat = 0.0

    def mend(self) -> None:
        """End a last line that a crash cut short, so that it takes no event of the next process with it."""
        if self.path.exists():
            with self.path.open("ab+", buffering=0) as file:
                file.write(_missing_end(file))

    def write(self, kind: str, **values: Any) -> None:
        """Append one event. NaN and infinite numbers are stored as null."""
        told = {name: _shown(value) for name, value in values.items()} if kind in TOLD else values
        event = _finite({"time": time.time(), "up": clock.uptime(), "kind": kind, **told})
        line = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        with self.path.open("ab+", buffering=0) as file:
            data = _missing_end(file) + line
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    def beat(self, kind: str, **values: Any) -> None:
        """Append unless less than a second passed since the last beat: for what comes often."""
        if self.due():
            self._beat = time.monotonic()
            self.write(kind, **values)

    def due(self) -> bool:
        """Whether a beat would be written now: for values that cost something to compute."""
        return time.monotonic() - self._beat >= 1

    def progress(self, done: int, total: int, *, since: float) -> None:
        """A beat of a step that started at `since` (time.monotonic()); the last one is always written."""
        took = time.monotonic() - since
        eta = took / done * (total - done) if done else None
        (self.write if done >= total else self.beat)("progress", done=done, total=total, eta=eta)


def read_events(path: Path, offset: int = 0) -> tuple[list[Event], int]:
    """The events from a byte offset on, and the offset to go on from. A last line still being written is left out."""
    if not path.exists():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    whole = data.rfind(b"\n") + 1
    return list(_parse(data[:whole])), offset + whole


def _parse(data: bytes) -> Iterator[Event]:
    for line in data.splitlines():
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):  # a line that a full disk cut short, or that another hand wrote
            continue
        if isinstance(event, dict):
            yield event


def _missing_end(file: IO[bytes]) -> bytes:
    """The end of line that a last line cut short still needs."""
    size = file.seek(0, os.SEEK_END) if file.seekable() else 0
    if not size:
        return b""
    file.seek(size - 1)
    return b"" if file.read(1) in (b"", b"\n") else b"\n"


def _shown(value: Any) -> Any:
    return redacted(value) if isinstance(value, str) else value


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
