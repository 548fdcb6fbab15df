"""Which files of this machine belong to datasets: the only ones that the app may hand to a browser."""

import os
from pathlib import Path

from datasets import collection, labels
from datasets.memo import Memo

# what a browser is asked to show: images, masks, and videos beside them
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".jp2", ".ppm", ".pgm", ".pbm"}
    | {".avif", ".heic", ".dng", ".mp4", ".webm", ".mov", ".avi", ".mkv", ".m4v"}
)
_memo: Memo[frozenset[str]] = Memo(most_bytes=8 << 20, weigh=lambda found: 4096 + 256 * len(found))


def knows(path: str) -> bool:
    """Whether this is a media file, links followed, in a folder that holds media or masks of a known dataset."""
    real = Path(os.path.realpath(path))
    return real.suffix.lower() in SUFFIXES and str(real.parent) in folders()


def folders() -> frozenset[str]:
    """Real paths of all folders that hold media or masks of known datasets; read again after a change."""
    return frozenset().union(*(_folders(name) for name in collection.names()))


def _folders(name: str) -> frozenset[str]:
    return _memo.get((name, collection.version(name)), lambda: _read(name))


def _read(name: str) -> frozenset[str]:
    fields = collection.stored_fields(collection.document(name, any_version=True))
    masks = [f"{labels.list_path(one.stored, one.label_kind)}.mask_path" for one in fields if one.label_kind]
    found = set[str]()
    for sample in collection.stream(name, projection={"filepath": 1, **dict.fromkeys(masks, 1)}):
        found.update(str(Path(path).parent) for path in _paths(sample))
    return frozenset(os.path.realpath(folder) for folder in found if folder)


def _paths(value: object) -> list[str]:
    if isinstance(value, dict):
        return [path for item in value.values() for path in _paths(item)]
    if isinstance(value, list):
        return [path for item in value for path in _paths(item)]
    return [value] if isinstance(value, str) and value.startswith("/") else []
