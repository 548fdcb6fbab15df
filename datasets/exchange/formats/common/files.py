"""Image files on disk: finding, naming and placing them."""

import json
import os
import shutil
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Media
from datasets.exchange.formats.common import splits, tree
from datasets.exchange.formats.common.parsing import MOST_SMALL, class_name, read_text
from datasets.images import suffixes
from datasets.records import ImageRecord

IMAGE_SUFFIXES = suffixes.READ
split_of, walk = splits.split_of, tree.walk
_LONGEST_STEM = 250  # bytes; a name has at most 255, a suffix of labels five


def is_image(name: str | Path) -> bool:
    """Whether the extension is that of an image, in upper or lower case."""
    return suffixes.is_image(name)


def images_below(folder: Path, findings: Findings | None = None) -> list[Path]:
    """Every image file below `folder`, sorted."""
    return [image for listing in tree.listings_below(folder, findings) for image in listing.images]


def resolved(path: Path) -> Path:
    """Absolute, links followed; but a link to a file without an image extension keeps its own name (blob stores)."""
    folder, name = os.path.split(path)
    if tree.may_be_link(folder, name) and os.path.islink(path):  # noqa: PTH114  Path's raises for too long a name
        target = Path(os.path.realpath(path))
        if is_image(target):
            return target
    real = _real(folder)
    return path if real == folder else Path(real, name)


def resolved_folder(folder: Path) -> Path:
    """Absolute, links followed."""
    return Path(_real(str(folder)))


@lru_cache(maxsize=4096)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def find_image(*candidates: Path) -> Path | None:
    """The first candidate that exists; failing that, one that differs only in case or Unicode normal form."""
    for path in candidates:
        if is_file(path):
            return path
    for path in candidates:
        name = _listing(path.parent).get(_plain(path.name))
        if name is not None:
            return path.parent / name
    return None


def find_stem(folder: Path, stem: str) -> Path | None:
    """The image of `folder` with this stem and any extension."""
    name = _stems(folder).get(_plain(stem))
    return folder / name if name else None


def is_file(path: Path) -> bool:
    """Whether a file exists; `Path.is_file` raises for a name that is too long."""
    return os.path.isfile(path)  # noqa: PTH113


def forget() -> None:
    """Drop remembered folder listings; call before a source is read, since folders change between two reads."""
    tree.forget()
    for remembered in (_real, _listing, _stems):
        remembered.cache_clear()


@lru_cache(maxsize=512)
def _listing(folder: Path) -> dict[str, str]:
    return {_plain(entry.name): entry.name for entry in os.scandir(folder)} if os.path.isdir(folder) else {}  # noqa: PTH112


@lru_cache(maxsize=512)
def _stems(folder: Path) -> dict[str, str]:
    return {_plain(Path(name).stem): name for name in sorted(_listing(folder).values()) if is_image(name)}


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def file_names(records: Sequence[ImageRecord]) -> list[str]:
    """A file name for each record, its own where possible; no two share a stem, ignoring case.

    Stems are at most 250 bytes long, so that a label file of that name is possible; longer ones are cut.
    """
    taken: set[str] = set()
    last: dict[str, int] = {}
    names = []
    for record in records:
        own = stem = cut(record.path.stem, _LONGEST_STEM)
        while _plain(stem) in taken:
            last[own] = last.get(own, 1) + 1
            ending = f"_{last[own]}"
            stem = cut(own, _LONGEST_STEM - len(ending)) + ending
        taken.add(_plain(stem))
        names.append(stem + record.path.suffix)
    return names


def cut(text: str, most: int) -> str:
    """The text, or as many of its first letters as `most` bytes of UTF-8 hold."""
    return text.encode()[:most].decode(errors="ignore")


def place(image: Path, target: Path, media: Media) -> None:
    """Bring one image to `target`: a symbolic link or a copy. Does nothing for `none`."""
    if media == "none":
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if media == "link":
        target.symlink_to(image)
    else:
        shutil.copyfile(image, target)


def write_json(path: Path, value: object) -> None:
    """Write JSON without escaping non-ASCII letters."""
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def read_classes(folder: Path) -> list[str]:
    """The lines of `classes.txt` in `folder`, in order; empty when there is none. Raises FormatError."""
    listed = folder / "classes.txt"
    return read_names(listed) if listed.is_file() else []


def read_names(path: Path) -> list[str]:
    """A file of class names, one per line, each once. Raises FormatError for an invalid name."""
    lines = filter(None, map(str.strip, read_text(path, MOST_SMALL).splitlines()))
    try:
        return list(dict.fromkeys(map(class_name, lines)))
    except ValueError as error:
        raise FormatError(f"{path}: expected a class name a line, found {error}") from error
