"""Processes of a job: who is still there, and how to end them. Never by name, never by a process id alone.

A process is known by its id and its birth (`pipelines/clock.py`), which no step of the wall clock moves. A record of a
former version holds seconds since the epoch instead; there the command line is asked too.
"""

import fcntl
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from pipelines import clock
from pipelines.clock import Birth, born
from pipelines.jobs.ledger import Job

__all__ = ["KEPT", "ask_to_stop", "born", "held", "keeper", "kill", "leader", "members", "same"]

KEPT = "FOVEAL_KEPT"  # in the environment of all that a keeper started: somebody else tracks its run
GONE = 2.0  # seconds that killed processes get to be gone


def same(pid: int | None, birth: Birth | None, words: Sequence[str] = ()) -> psutil.Process | None:
    """The process of this id, if it is still the one of that birth and no zombie.

    `words` of its command line tell it for a record of a former version whose clock has moved since.
    """
    if pid is None or not clock.here(birth):
        return None
    try:
        process = psutil.Process(pid)
        found = _former(process, birth, words) if isinstance(birth, float) else _alike(pid, birth)
        return process if found and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def leader(job: Job) -> psutil.Process | None:
    """The first process of a job, while it lives."""
    return same(job.pid, job.born, job.argv)


def keeper(job: Job) -> psutil.Process | None:
    """The process that waits for a job, while it lives."""
    return same(job.keeper, job.keeper_born, ("pipelines.jobs.keeper", job.run))


def held(folder: Path) -> bool:
    """Whether a keeper cares for the job of this run folder: it holds the lock there for as long as it lives."""
    try:
        with (folder / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def ask_to_stop(job: Job) -> None:
    """Send TERM to the job's first process alone.

    It passes the wish on to its trainer; a TERM to the whole group would kill the trainer's data loaders under it.
    """
    process = leader(job)
    if process:
        with suppress(psutil.Error):  # ended meanwhile
            process.terminate()


def members(job: Job) -> list[psutil.Process]:
    """What is left of a job: the tree below its first process and everything in the session of its keeper."""
    found = {}
    first = leader(job)
    if first:
        found[first.pid] = first
        with suppress(psutil.Error):  # ended meanwhile
            found.update({child.pid: child for child in first.children(recursive=True)})
    found.update({process.pid: process for process in _session(job)})
    return [process for process in found.values() if process.pid != job.keeper]


def kill(job: Job) -> None:
    """Kill whatever is left of a job, but for its keeper, and wait a moment until it is gone."""
    until = time.monotonic() + GONE
    while left := members(job):
        for process in left:
            with suppress(psutil.Error):  # ended meanwhile
                process.send_signal(signal.SIGKILL)
        if time.monotonic() > until:
            return
        time.sleep(0.02)


def _alike(pid: int, birth: Birth | None) -> bool:
    now = born(pid)
    return now is not None and clock.alike(now, str(birth))


def _former(process: psutil.Process, birth: float, words: Sequence[str]) -> bool:
    if abs(process.create_time() - birth) < 1:
        return True
    return bool(words) and set(words) <= set(process.cmdline())


def _session(job: Job) -> list[psutil.Process]:
    """What lives in the session that the keeper of a job leads, or led."""
    if job.keeper is None or job.keeper_born is None or not clock.here(job.keeper_born) or _taken(job):
        return []
    return [process for process in psutil.process_iter() if _belongs(process, job.keeper, job.keeper_born)]


def _belongs(process: psutil.Process, session: int, birth: Birth) -> bool:
    try:
        if os.getsid(process.pid) != session or process.status() == psutil.STATUS_ZOMBIE:
            return False
        if isinstance(birth, float):
            return process.pid == session or KEPT in process.environ()
        now = born(process.pid)
        return now is not None and clock.since(now) >= clock.since(birth)
    except (psutil.Error, OSError):
        return False


def _taken(job: Job) -> bool:
    # The kernel gives an id away again only when no session or group of that id is left.
    return job.keeper is not None and psutil.pid_exists(job.keeper) and not _is_or_was(job)


def _is_or_was(job: Job) -> bool:
    """Whether the process of the keeper's id is the keeper, be it a zombie."""
    assert job.keeper is not None
    if isinstance(job.keeper_born, float):
        return keeper(job) is not None
    return _alike(job.keeper, job.keeper_born)
