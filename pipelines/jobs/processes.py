"""Processes of a job: who is still there, and how to end them. Never by name, never by a process id alone."""

import fcntl
import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from pipelines.jobs.ledger import Job


def born(pid: int) -> float | None:
    """When this process was created, None when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def same(pid: int | None, when: float | None) -> psutil.Process | None:
    """The process of this id, if it is still the one that was created then and no zombie."""
    if pid is None or when is None:
        return None
    try:
        process = psutil.Process(pid)
        if abs(process.create_time() - when) < 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except psutil.Error:
        pass
    return None


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
    process = same(job.pid, job.born)
    if process:
        process.terminate()


def members(job: Job) -> list[psutil.Process]:
    """What is left of a job: the tree below its first process and everything in the session of its keeper."""
    found = {}
    leader = same(job.pid, job.born)
    if leader:
        found[leader.pid] = leader
        with suppress(psutil.Error):  # ended meanwhile
            found.update({child.pid: child for child in leader.children(recursive=True)})
    for process in _session(job.keeper, job.keeper_born):
        found[process.pid] = process
    return [process for process in found.values() if process.pid != job.keeper]


def kill(job: Job) -> None:
    """Kill whatever is left of a job, but for its keeper."""
    for process in members(job):
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.Error:  # ended meanwhile
            continue


def _session(leader: int | None, when: float | None) -> list[psutil.Process]:
    if leader is None or when is None or _taken(leader, when):
        return []
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.create_time() >= when - 1:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _taken(pid: int, when: float) -> bool:
    # The kernel gives an id away again only when no session or group of that id is left.
    now = born(pid)
    return now is not None and abs(now - when) >= 1
