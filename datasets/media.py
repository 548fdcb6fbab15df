"""Which files of this machine belong to datasets: the only ones that the app may hand to a browser."""

import os
from pathlib import Path

from datasets import collection, tallies

# what a browser is asked to show: images, masks, and videos beside them
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".jp2", ".ppm", ".pgm", ".pbm"}
    | {".avif", ".heic", ".dng", ".mp4", ".webm", ".mov", ".avi", ".mkv", ".m4v"}
)


def knows(path: str) -> bool:
    """Whether this is a media file, links followed, in a folder that holds media or masks of a known dataset."""
    real = Path(os.path.realpath(path))
    return real.suffix.lower() in SUFFIXES and str(real.parent) in folders()


def folders() -> frozenset[str]:
    """Real paths of all folders that hold media or masks of known datasets."""
    return frozenset(os.path.realpath(folder) for name in collection.names() for folder in tallies.of(name).folders)
