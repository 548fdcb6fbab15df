"""Time and identity that no one can set: seconds since this machine started, and which start that was.

The wall clock is for people. It jumps when it is set, by hand or by a time server: nothing is timed or known by it.
"""

import time
from functools import cache
from pathlib import Path

import psutil

Birth = str | float  # a float is a record of a former version: seconds since the epoch, by a clock that may have moved

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NEAR = 1.0  # seconds


@cache
def boot() -> str:
    """Which start of this machine this is; empty where the system does not tell (other than Linux)."""
    return _BOOT.read_text().strip() if _BOOT.exists() else ""


def uptime() -> float:
    """Seconds since the machine started, the same for all its processes."""
    known = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if known is None else time.clock_gettime(known)


def born(pid: int) -> str | None:
    """The birth of this process as `<boot>/<clock ticks since then>`, None when there is no such process.

    Where the system does not tell that, seconds since the epoch as `/<seconds>`.
    """
    if not boot():
        try:
            return f"/{psutil.Process(pid).create_time():.2f}"
        except psutil.Error:
            return None
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return f"{boot()}/{told.rpartition(')')[2].split()[19]}"  # starttime, proc_pid_stat(5); the name may hold spaces


def here(birth: Birth | None) -> bool:
    """Whether a birth may be of this start of the machine: one of another start is gone, whatever its process id."""
    return birth is not None and (isinstance(birth, float) or birth.partition("/")[0] == boot())


def since(birth: Birth) -> float:
    """The birth as a number that grows, to compare births of one start of the machine."""
    return birth if isinstance(birth, float) else float(birth.partition("/")[2])


def alike(one: str, other: str) -> bool:
    """Whether two births are the same."""
    if boot():
        return one == other
    return abs(since(one) - since(other)) < _NEAR
