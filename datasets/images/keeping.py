"""Files that the workspace keeps, named by their content: writing the same file again changes nothing."""

import hashlib
import os
import shutil
import threading
from pathlib import Path


def adopt(path: Path, folder: Path) -> str:
    """Give a file of somebody else a place below a folder of the workspace, named by its content. Returns the new path.

    The file itself stays; where the disk allows it, both names share its space, so it must not be written again.
    """
    with path.open("rb") as file:
        name = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    target = place(folder, name, path.suffix.lower() or ".png")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = part_of(target)
        try:
            os.link(path, part)
        except OSError:
            shutil.copyfile(path, part)
        part.replace(target)
    return str(target)


def place(folder: Path, name: str, suffix: str = ".png") -> Path:
    """Where a file of this name lies: few files in each folder."""
    return folder / name[:2] / f"{name}{suffix}"


def part_of(target: Path) -> Path:
    """A name beside it to write to first, this thread's alone."""
    return target.with_name(f".{target.stem}.{os.getpid()}-{threading.get_ident()}")
