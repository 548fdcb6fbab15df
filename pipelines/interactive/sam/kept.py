"""What networks saw in images, on disk: `<home>/thumbnails/sam/<network>/<ab>/<image>.npz`; the oldest goes first.

Both names are made of content: the same image in another place is known, a changed one is not.
"""

import os
import threading
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from datasets.images.regular import open_regular
from datasets.speed.memo import Memo
from datasets.workspace import Workspace
from pipelines.interactive import pictures
from pipelines.interactive.sam.network import Seen

MOST = 1 << 30  # bytes on disk: about 500 images of MobileSAM, 120 of SAM 2
_names: Memo[str] = Memo(most_bytes=4 << 20, weigh=lambda _: 300)
_sweeping = threading.Lock()


def content(path: Path) -> str:
    """The hash of an image file, remembered while the file is the same."""
    return _names.get(pictures.identity(path), lambda: _hash(path))


def read(target: Path) -> Seen | None:
    """What was kept; None where there is nothing, or nothing whole."""
    try:
        with target.open("rb") as file, np.load(file, allow_pickle=False) as found:
            width, height = (int(one) for one in found["size"])
            maps = tuple(found[f"map{number}"] for number in range(len(found.files) - 1))
        os.utime(target)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    return Seen((width, height), maps)


def write(target: Path, seen: Seen, most: int = MOST) -> None:
    """Keep what was seen. Nothing is kept where there is no room on the disk."""
    part = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            maps: dict[str, Any] = {f"map{number}": one for number, one in enumerate(seen.maps)}
            np.savez(file, size=np.array(seen.size), **maps)
        part.replace(target)
        _sweep(target.parents[2], most)
    except OSError:
        part.unlink(missing_ok=True)


def place(network: str, image: str, workspace: Workspace | None = None) -> Path:
    """Where it is kept what a network (hash of its weights) saw in an image (hash of its file)."""
    return (workspace or Workspace.current()).thumbnails / "sam" / network[:16] / image[:2] / f"{image}.npz"


def _hash(path: Path) -> str:
    with open_regular(path) as stream:
        return file_digest(stream, lambda: blake2b(digest_size=16)).hexdigest()


def _sweep(folder: Path, most: int) -> None:
    """Remove what was not used for longest, down to nine tenths of the bound."""
    with _sweeping:
        found = [(one.stat(), one) for one in folder.rglob("*.npz")]
        left = sum(status.st_size for status, _ in found)
        if left <= most:
            return
        for status, one in sorted(found, key=lambda pair: pair[0].st_mtime_ns):
            if left <= 0.9 * most:
                return
            one.unlink(missing_ok=True)
            left -= status.st_size
