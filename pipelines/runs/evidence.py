"""Whether memory ran out, by what the system tells: its counters of processes ended for that, and peak use."""

import resource
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

NEAR = 0.9  # of the limit: from such a peak on, a process that was killed most likely lacked memory
_GROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Memory:
    """What the system's counters said at one moment. `kills` is None where it keeps none that we may read."""

    kills: int | None
    limit: int  # bytes

    @classmethod
    def now(cls) -> "Memory":
        """Look now: before a process starts, to be asked after it ended."""
        return cls(_kills(), _limit())

    def ran_out(self) -> str:
        """Why memory is the likely cause of the end of a child that was killed since; empty without evidence."""
        kills = _kills()
        if self.kills is not None and kills is not None and kills > self.kills:
            return "the system ended a process because memory was full (its counter oom_kill went up)"
        peak = peak_of_children()
        if peak >= NEAR * self.limit:
            return f"it had used {peak / 2**30:.1f} GiB of the {self.limit / 2**30:.1f} GiB that there are"
        return ""


def peak_of_children() -> int:
    """The most memory, in bytes, that one ended child of this process used."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else 1024)


def _kills() -> int | None:
    """Processes ended for want of memory: in our own control group, else on this machine."""
    for folder in _folders():
        for name in ("memory.events", "memory.oom_control"):
            found = _field(folder / name, "oom_kill")
            if found is not None:
                return found
    return _field(Path("/proc/vmstat"), "oom_kill")


def _limit() -> int:
    """Bytes that this process may use: those of the machine, or of its control group when that has fewer."""
    limits = [psutil.virtual_memory().total]
    for folder in _folders():
        for name in ("memory.max", "memory.limit_in_bytes"):
            try:
                limits.append(int((folder / name).read_text()))
            except (OSError, ValueError):  # none, or `max`
                continue
    return min(limits)


def _folders() -> list[Path]:
    """Folders of the control groups that limit our memory, of either version (cgroups(7))."""
    try:
        lines = [line.split(":", 2) for line in _OWN.read_text().splitlines()]
    except OSError:
        return []
    roots = {"": _GROUPS, "memory": _GROUPS / "memory"}
    wanted = [roots[kinds] / path.lstrip("/") for _, kinds, path in lines if kinds in roots]
    inside = [root for root in roots.values() if root.is_dir()]  # in a container its own group is the root
    return [folder for folder in [*wanted, *inside] if folder.is_dir()]


def _field(path: Path, name: str) -> int | None:
    try:
        words = dict(line.split()[:2] for line in path.read_text().splitlines() if len(line.split()) > 1)
        return int(words[name])
    except (OSError, ValueError, KeyError):
        return None
