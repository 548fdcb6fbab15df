"""Processes that tests started and did not end: known by a mark in the environment that every child inherits."""

import os
import time

import psutil

TRACKER = "multiprocessing.resource_tracker"  # Python's helper of a process that has pools; the two end together
MARK = "TESTS_OF"  # no FOVEAL_ name: some tests start children without those


def started_here(patience: float = 10.0) -> list[psutil.Process]:
    """Those that still live after `patience` seconds; a process that was told to end may need a moment."""
    until = time.monotonic() + patience
    while (found := _marked()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def end(left: list[psutil.Process]) -> list[str]:
    """Kill them. Returns a line for each: its id, the home that it works in, and its command."""
    lines = []
    for process in left:
        try:
            home = process.environ().get("FOVEAL_HOME", "")
            lines.append(f"{process.pid} {home} {' '.join(process.cmdline())[:200]}")
            process.kill()
        except psutil.NoSuchProcess:
            continue
    return lines


def _marked() -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _is_ours(process)]


def _is_ours(process: psutil.Process) -> bool:
    try:
        alive = process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == os.environ[MARK]
        return alive and TRACKER not in " ".join(process.cmdline())
    except psutil.Error:
        return False
