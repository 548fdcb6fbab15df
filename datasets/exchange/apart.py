"""Look at an untrusted source in a separate process with limited time and memory; the app is not affected.

The process is started ahead (`ready`), serves one source and ends, and all damage by the source ends with it. It may
be cancelled at any moment, even inside a library that never returns.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from datasets.errors import DatasetsError, FormatError
from datasets.exchange.previews import Preview
from datasets.exchange.sketches import Told, unheard
from datasets.records import Progress, no_progress
from datasets.speed import garbage
from datasets.workspace import ROOT

VARIABLE = "FOVEAL_READING_GB"
QUIET = 180.0  # seconds without a sign of progress
_TICK = 0.1
_lock = threading.Lock()
_spare: "list[_Reader]" = []


def preview(
    path: Path | str,
    format: str = "auto",
    progress: Progress = no_progress,
    *,
    told: Told = unheard,
    **options: Any,
) -> Preview:
    """Like `looking.preview`. Raises FormatError too when the process exceeds its limits or ends early.

    `progress` is called about ten times a second; when it raises, the process is ended and the error passed on. `told`
    hears what is known when a stage begins.
    """
    asked = Path(path).expanduser().absolute()  # the process has its own working folder
    reader = _taken()
    try:
        return reader.ask((str(asked), format, options), progress, told)
    finally:
        reader.end()


def ready() -> None:
    """Start a process ahead, so that the next preview does not wait for it."""
    with _lock:
        _spare[:] = [one for one in _spare if one.alive()] or [_Reader()]


def dismiss() -> None:
    """End the waiting process."""
    with _lock:
        waiting, _spare[:] = list(_spare), []
    for one in waiting:
        one.end()


def most_memory() -> int:
    """Bytes of memory for reading a source: FOVEAL_READING_GB, else a quarter of the machine's, at least 2 GB."""
    given = os.environ.get(VARIABLE, "")
    if given.isdecimal() and 0 < int(given) < 1_000_000:
        return int(given) << 30
    return max(2 << 30, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4)


def _taken() -> "_Reader":
    ready()
    with _lock:
        return _spare.pop() if _spare else _Reader()


class _Reader:
    """One process, and the connection to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "datasets.exchange.apart_child", str(theirs.fileno()), str(most_memory())],
                cwd=ROOT,
                env=_environment(os.environ),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C reaches only us, and we end the process
            )
        self.line = Connection(ours.detach())

    def alive(self) -> bool:
        """Whether it waits for work."""
        return self.process.poll() is None

    def ask(self, work: tuple[Any, ...], progress: Progress, told: Told = unheard) -> Preview:
        """Send the work and wait for its result."""
        with contextlib.suppress(OSError):  # it ended already: read what it said
            self.line.send(work)
        done, total, heard = 0, 1, time.monotonic()
        while True:
            progress(done, total)
            found = self._heard()
            if found is None and time.monotonic() - heard > QUIET:
                raise FormatError(
                    f"{work[0]}: expected progress in reading it within {QUIET:.0f} s, found none; import a part of "
                    "it, or look for a file in it that is not what it seems"
                )
            if found is None:
                continue
            heard = time.monotonic()
            if found[0] == "progress":
                _, done, total = found
            elif found[0] == "sketch":
                done, total = 0, 0
                told(found[1])
            elif found[0] == "result":
                return _preview(found[1])
            else:
                raise _error(found[1], work[0])

    def _heard(self) -> tuple[Any, ...] | None:
        try:
            if not self.line.poll(_TICK):
                return None
            with garbage.paused():
                found: tuple[Any, ...] = self.line.recv()
        except (EOFError, OSError):
            return "error", _why(self.process.wait(10))
        return found

    def end(self) -> None:
        """End it, whatever it is doing."""
        if self.process.poll() is None:  # otherwise its id may belong to another process by now
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.line.close()


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    return {**given, "PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}


def _preview(found: object) -> Preview:
    if not isinstance(found, Preview):
        raise FormatError(f"expected what a source holds, found {type(found).__name__}; import it again")
    return found


def _error(found: object, path: str) -> DatasetsError:
    return found if isinstance(found, DatasetsError) else FormatError(f"{path}: {found}")


def _why(code: int) -> str:
    """In words, how the process that read a source ended."""
    if code == -signal.SIGKILL:
        return f"expected to read it in little memory, found that the system ended its process; {_HINT}"
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return (
        f"expected files that can be read, found that one of them broke the process that read it ({name}); import "
        "a part of the source to find it"
    )


def too_much(most: int) -> str:
    """The message that a source needs more than `most` bytes of memory."""
    return f"expected to read it in {most / (1 << 30):.0f} GB of memory, found that it needs more; {_HINT}"


_HINT = f"import a part of it, or raise {VARIABLE}"
