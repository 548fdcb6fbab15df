"""Thumbnails, made once and cached on disk as JPEG: `<home>/thumbnails/<ab>/<key>_<side>.jpg`.

The key is made of path, modification time and size of the file, so that a changed image gets another. Common JPEG and
PNG files are decoded by OpenCV, JPEG at a fraction of its size; everything else by `images/pictures.py`. Safe with many
processes: a file is written under a name of its own, then renamed.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets.errors import ThumbnailError
from datasets.images import pictures, videos
from datasets.images.pixels import decoding
from datasets.images.probe import BROKEN, Probe, probe_one
from datasets.records import Finding, Progress, no_progress
from datasets.workspace import Workspace

SIDE = 256
QUALITY = 85
FULL_QUALITY = 95
_REDUCED = ((8, cv2.IMREAD_REDUCED_COLOR_8), (4, cv2.IMREAD_REDUCED_COLOR_4), (2, cv2.IMREAD_REDUCED_COLOR_2))
_SHOWN = {"JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP"}


def thumbnail(path: Path, side: int = SIDE, workspace: Workspace | None = None) -> Path:
    """A cached JPEG whose longer side is at most `side` pixels, rotated as EXIF says; for a video, of its first frame.

    Raises ThumbnailError.
    """
    target = _target(path, str(side), workspace)
    if not target.exists():
        _write(_small(path, side), target, QUALITY)
    return target


def displayable(path: Path, workspace: Workspace | None = None) -> Path:
    """The image itself if browsers can show it, else a cached JPEG of full size (TIFF, 16 bits, CMYK, ...).

    For a video, its first frame. Raises ThumbnailError.
    """
    target = _target(path, "full", workspace)
    if target.exists():
        return target
    if (first := _first_frame(path)) is not None:
        _write(first, target, FULL_QUALITY)
        return target
    found = _probe(path)
    if found.format in _SHOWN and found.bits == 8 and found.mode != "CMYK":
        return path
    _write(_picture(path, 0), target, FULL_QUALITY)
    return target


def make_ahead(
    paths: Sequence[Path],
    side: int = SIDE,
    workers: int = 0,
    progress: Progress = no_progress,
    workspace: Workspace | None = None,
) -> list[Finding]:
    """Make the thumbnails of many images, in threads (OpenCV releases the GIL); 0 workers: one per core.

    Returns a finding for each image that cannot be shown. `progress` may raise Cancelled; finished ones stay.
    """
    home = workspace or Workspace.current()

    def cut(path: Path) -> Finding | None:
        try:
            thumbnail(path, side, home)
        except ThumbnailError as error:
            return Finding("warning", "no_thumbnail", str(path), "an image that can be shown", str(error))
        return None

    findings: list[Finding] = []
    batch = 32
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for at in range(0, len(paths), batch):
            findings += filter(None, pool.map(cut, paths[at : at + batch]))
            progress(min(at + batch, len(paths)), len(paths))
    return findings


def make_ahead_of(dataset: str, side: int = SIDE, progress: Progress = no_progress) -> int:
    """Make the thumbnails of all images of a dataset, after an import; existing ones cost next to nothing.

    Returns how many cannot be shown. `progress` may raise Cancelled; finished ones stay. Raises DatasetNotFound.
    """
    from datasets.storage import collection

    total, done, bad = collection.samples(dataset).estimated_document_count(), 0, 0
    paths = (Path(found["filepath"]) for found in collection.stream(dataset, projection={"filepath": 1}))
    while some := list(islice(paths, 256)):
        bad += len(make_ahead(some, side))
        done += len(some)
        progress(done, max(done, total))
    return bad


def _target(path: Path, kind: str, workspace: Workspace | None) -> Path:
    try:
        status = path.stat()
    except OSError as error:
        raise ThumbnailError(f"{path}: expected an image file, found {error.strerror or error}") from error
    identity = f"{path}\0{status.st_mtime_ns}\0{status.st_size}".encode(errors="surrogateescape")
    key = hashlib.blake2b(identity, digest_size=12).hexdigest()
    return (workspace or Workspace.current()).thumbnails / key[:2] / f"{key}_{kind}.jpg"


def _probe(path: Path) -> Probe:
    found = probe_one(path)
    if found.error and found.error != "truncated":  # the readable part of a truncated image can still be shown
        raise ThumbnailError(f"{path}: expected an image that can be read, found {found.detail}")
    return found


def _first_frame(path: Path) -> np.ndarray[Any, Any] | None:
    """The first frame of a video; None for other files."""
    try:
        return videos.first_frame(path) if videos.is_video(path) else None
    except OSError as error:
        raise ThumbnailError(str(error)) from error


def _small(path: Path, side: int) -> np.ndarray[Any, Any]:
    if (first := _first_frame(path)) is not None:
        return _shrunk(first, side)
    found = _probe(path)
    with decoding(found.width * found.height // _saved(found, side)):
        return _decoded(path, found, side)


def _saved(found: Probe, side: int) -> int:
    """The factor by which a JPEG is decoded to fewer pixels; 1 for progressive ones, which are held in memory whole."""
    reduction = max(found.width, found.height) // side if found.format == "JPEG" and not found.passes else 1
    return next((factor**2 for factor, _ in _REDUCED if reduction >= factor), 1)


def _decoded(path: Path, found: Probe, side: int) -> np.ndarray[Any, Any]:
    if found.format == "JPEG" and found.mode in ("RGB", "L"):
        pixels = _read(path, _flag(max(found.width, found.height) // side))
    elif found.format in ("PNG", "BMP") and found.mode in ("RGB", "L") and found.bits == 8 and found.orientation == 1:
        pixels = _read(path, cv2.IMREAD_COLOR)
    else:
        pixels = None
    return _shrunk(pixels if pixels is not None else _picture(path, side), side)


def _read(path: Path, flag: int) -> np.ndarray[Any, Any] | None:
    try:
        return cv2.imread(str(path), flag)
    except cv2.error:  # Pillow will report what is wrong
        return None


def _flag(reduction: int) -> int:
    """The strongest reduction that leaves at least the pixels needed. OpenCV applies EXIF rotation in all of them."""
    return next((flag for factor, flag in _REDUCED if reduction >= factor), cv2.IMREAD_COLOR)


def _picture(path: Path, side: int) -> np.ndarray[Any, Any]:
    try:
        return pictures.read(path, side)
    except BROKEN as error:
        raise ThumbnailError(f"{path}: expected an image that can be read, found {error}") from error


def _shrunk(pixels: np.ndarray[Any, Any], side: int) -> np.ndarray[Any, Any]:
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _write(pixels: np.ndarray[Any, Any], target: Path, quality: int) -> None:
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ThumbnailError(f"{target}: expected to write a JPEG, found that OpenCV could not")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}")
    part.write_bytes(data.tobytes())
    part.replace(target)
