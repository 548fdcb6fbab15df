"""The pixels of the images that are being labeled, as people see them; the last few stay in memory."""

from pathlib import Path

from datasets.images import pictures, videos
from datasets.images.probe import BROKEN
from datasets.speed.memo import Memo
from pipelines.errors import DataError
from pipelines.images import Array

_kept: Memo[Array] = Memo(most_bytes=160 << 20, weigh=lambda pixels: pixels.nbytes)


def pixels(path: Path) -> Array:
    """An image as it is shown: (height, width, 3) uint8 BGR; of a video its first frame. Raises DataError."""
    return _kept.get(identity(path), lambda: _read(path))


def identity(path: Path) -> str:
    """What is another one once the file has changed. Raises DataError where there is none."""
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(f"{path}: expected an image file, found {error.strerror or error}; restore it") from error
    return f"{path}\0{status.st_mtime_ns}\0{status.st_size}"


def _read(path: Path) -> Array:
    try:
        return videos.first_frame(path) if videos.is_video(path) else pictures.read(path)
    except BROKEN as error:
        raise DataError(f"{path}: expected an image that can be read, found {error}") from error
