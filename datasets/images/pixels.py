"""The only module that opens untrusted images: raster formats alone, limited in pixels, few of them in memory at once.

Pixels that are being decoded are counted over all threads of a process; a large image is decoded alone, over all
processes of a workspace. So memory is bounded by that of one large image, however many are requested.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from PIL import Image

from datasets.images.regular import open_regular
from datasets.limits import VARIABLE, most_pixels
from datasets.workspace import Workspace

# Without EPS, which runs an external program, and without formats that are no raster images or need special software.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "DIB", "JPEG2000", "AVIF", "HEIF", "PPM", "TGA", "PCX", "ICO")
AT_ONCE = 96_000_000  # pixels
LARGE = 32_000_000
_PATIENCE = 120.0  # seconds after which another process that holds the lock counts as stopped


class TooLarge(OSError):
    """An image has more pixels than are read."""


Image.MAX_IMAGE_PIXELS = most_pixels()  # for libraries that open images without this module


def check(width: int, height: int) -> None:
    """Raise TooLarge for an image of more pixels than are read."""
    if width * height > most_pixels():
        raise TooLarge(
            f"{width:,} x {height:,} = {width * height // 1_000_000:,} megapixels, more than the "
            f"{most_pixels() // 1_000_000:,} that are read; cut it into tiles, or raise {VARIABLE}"
        )


@contextmanager
def opened(source: Path | str | BinaryIO) -> Iterator[Image.Image]:
    """An image whose header is read but no pixel yet; the format is recognised by content, never by name.

    Raises TooLarge, UnidentifiedImageError for anything but an image, and what Pillow raises for broken ones.
    """
    if isinstance(source, Path | str):
        with open_regular(source) as stream, opened(stream) as image:
            yield image
        return
    try:
        image = Image.open(source, formats=_formats())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as wrong:
        raise TooLarge(f"too many pixels ({wrong}); cut it into tiles, or raise {VARIABLE}") from wrong
    with image:
        check(*image.size)
        yield image


@lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    Image.init()
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return tuple(name for name in FORMATS if name in Image.OPEN)


@contextmanager
def decoding(pixels: int) -> Iterator[None]:
    """Wait for room for this many pixels, and hold it while they are decoded. A thread that holds room reuses it."""
    if getattr(_held, "yes", False) or not pixels:
        yield
        return
    large = pixels > LARGE
    share = AT_ONCE if large else pixels
    _room.take(share)
    _held.yes = True
    try:
        with _alone() if large else nullcontext():
            yield
    finally:
        _held.yes = False
        _room.give(share)


class _Room:
    """Pixels that may be decoded at once."""

    def __init__(self) -> None:
        self.taken, self.changed = 0, threading.Condition()
        self.door = threading.Lock()  # waiting threads queue here, so that small images never starve a large one

    def take(self, share: int) -> None:
        """Wait for room."""
        with self.door, self.changed:
            self.changed.wait_for(lambda: self.taken + share <= AT_ONCE)
            self.taken += share

    def give(self, share: int) -> None:
        """Release room."""
        with self.changed:
            self.taken -= share
            self.changed.notify_all()


_held = threading.local()
_room = _Room()


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of the workspace: on its folder itself, since reading must write nothing."""
    try:
        folder = os.open(Workspace.current().home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # no workspace yet: nobody shares it
        yield
        return
    try:
        _lock(folder)
        yield
    finally:
        os.close(folder)


def _lock(folder: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:  # a file system without locks
            return
        else:
            return
