"""Files stored in the workspace under names made of their content: writing the same file again changes nothing."""

import hashlib
import os
import shutil
import threading
from pathlib import Path


def adopt(path: Path, folder: Path) -> str:
    """Link or copy a file into a folder of the workspace, under a name made of its content. Returns the new path.

    The file itself stays; where the disk allows it, the new name is a hard link, so the file must not be modified.
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
    """The path of a file of this name, in subfolders so that each holds few files."""
    return folder / name[:2] / f"{name}{suffix}"


def part_of(target: Path) -> Path:
    """A temporary path beside it to write to first, unique to this thread."""
    return target.with_name(f".{target.stem}.{os.getpid()}-{threading.get_ident()}")
