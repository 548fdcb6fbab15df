"""Files written below one folder, within limits: nothing leads outside, and no archive fills the disk."""

import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from datasets.errors import DiskFull, LimitError
from datasets.records import Progress

MOST_FILES = 2_000_000
MOST_BYTES = 1 << 40
MOST_RATIO = 200  # bytes written for one that was packed; more is refused above `_UNSUSPICIOUS`
DEEPEST = 32  # folders inside one another
LONGEST = 255  # bytes of a name
RESERVE = 1 << 30  # bytes of the disk that stay free
_UNSUSPICIOUS = 1 << 30
_CHUNK = 1 << 20
SYSTEM = ("__MACOSX", "@eaDir", ".DS_Store", "Thumbs.db")
OUTSIDE, LINK, ODD, TWICE = "outside", "link", "odd", "twice"


@dataclass
class Writer:
    """Writes below `root`. `packed` bytes are those of the archives, `origin` is named in errors; `left` counts what
    was left out by reason, with examples."""

    root: Path
    origin: Path
    packed: int
    progress: Progress
    read: int = 0
    files: int = 0
    size: int = 0
    left: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def place(self, name: str) -> Path | None:
        """Where a member of this name is written; None, counted, for a name that leads outside or that no file has."""
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        if name.startswith(("/", "\\")) or ".." in parts or (parts and parts[0][1:2] == ":"):
            self.leave(OUTSIDE, name)
            return None
        if not parts or any(part in SYSTEM or part.startswith("._") for part in parts):
            return None
        odd = any("\0" in part or len(part.encode("utf-8", "surrogateescape")) > LONGEST for part in parts)
        if odd or len(parts) > DEEPEST:
            self.leave(ODD, name)
            return None
        return self.root.joinpath(*parts)

    def leave(self, reason: str, name: str) -> None:
        """Count a member that is left out."""
        self.left[reason] += 1
        some = self.examples.setdefault(reason, [])
        if len(some) < 20:
            some.append(name[:200])

    def write(self, stream: BinaryIO, target: Path, name: str, most: int | None = None) -> bool:
        """Write what a stream holds, at most `most` bytes; False, counted, where the folder cannot hold such a name.

        Raises LimitError, DiskFull, and what the stream raises.
        """
        self._count()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists() or target.is_symlink():
                self.leave(TWICE, name)
                return False
            made = target.open("xb")
        except (FileExistsError, NotADirectoryError, IsADirectoryError, UnicodeEncodeError):
            self.leave(ODD, name)
            return False
        with made:
            while chunk := stream.read(_CHUNK if most is None else min(_CHUNK, most)):
                self.grow(len(chunk))
                made.write(chunk)
                most = None if most is None else most - len(chunk)
                self.tell()
        return True

    def save(self, data: bytes, target: Path) -> None:
        """Write bytes to a new file of ours."""
        self._count()
        self.grow(len(data))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def grow(self, more: int) -> None:
        """Account for bytes before they are written. Raises LimitError, DiskFull."""
        self.size += more
        if self.size > MOST_BYTES:
            raise LimitError(self.origin, f"at most {MOST_BYTES >> 30:,} GB", "more", "unpack a part of it by hand")
        if self.size > max(_UNSUSPICIOUS, self.packed * MOST_RATIO):
            found = f"{self.size >> 20:,} MB of {self.packed / (1 << 20):.1f} MB, and more to come"
            expected = f"an archive of at most {MOST_RATIO} times its size"
            raise LimitError(self.origin, expected, found, "if you trust it, unpack it by hand and import the folder")
        if self.size % (64 * _CHUNK) < more and shutil.disk_usage(self.root).free < RESERVE:
            raise DiskFull(
                f"{self.origin}: expected space for what it holds, found the disk of {self.root.parent} nearly full; "
                "free some space there, or set FOVEAL_HOME to a folder on a larger disk, then try again"
            )

    def tell(self) -> None:
        """Report how many of the packed bytes were read."""
        self.progress(min(self.read, self.packed), self.packed)

    def _count(self) -> None:
        self.files += 1
        if self.files > MOST_FILES:
            raise LimitError(self.origin, f"at most {MOST_FILES:,} files", "more", "unpack a part of it by hand")
        if self.files % 100 == 0:
            self.tell()


def remove(folder: Path) -> None:
    """Delete a folder of ours and all below it, as far as that goes."""
    shutil.rmtree(folder, ignore_errors=True)


def alive(process: int) -> bool:
    """Whether a process of this number runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
