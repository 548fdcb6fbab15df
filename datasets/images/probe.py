"""What an image file is, from its first bytes: size as shown, mode, bits, EXIF orientation, and whether it is complete.

A file that does not end as its format demands is decoded in full before it is called truncated, so that trailing bytes
of cameras raise no false alarm.
"""

import os
import struct
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from datasets.images.instead import instead
from datasets.images.pixels import TooLarge, decoding, opened
from datasets.images.regular import open_regular
from datasets.records import Progress, no_progress

Problem = Literal["missing", "unreadable", "truncated", "too_large"]

ORIENTATION = 0x0112
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    struct.error,
    EOFError,
    MemoryError,
    RuntimeError,
)  # what Pillow raises for bad files
_TAIL = 4096
_SEARCHED = 64 << 20
MOST_PASSES = 200  # scans; encoders write about ten
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Probe:
    """One image file. Sizes in pixels as shown, after EXIF rotation; 0 and an error when it cannot be read.

    `mode` is Pillow's, `bits` per channel, `bytes` the size of the file, `orientation` EXIF's 1 to 8 (5 to 8 swap width
    and height). `passes` marks a progressive JPEG, which is decoded in several passes and held in memory as a whole,
    `several` a file of several images, such as an animation or pages, of which the first is the picture, `see_through`
    an image that may be transparent, by an alpha channel or by colours of its palette.
    """

    path: Path
    width: int = 0
    height: int = 0
    mode: str = ""
    bits: int = 8
    orientation: int = 1
    format: str = ""
    bytes: int = 0
    passes: bool = False
    several: bool = False
    error: Problem | None = None
    detail: str = ""
    see_through: bool = False

    @property
    def mime(self) -> str | None:
        """MIME type, None when Pillow knows none."""
        return Image.MIME.get(self.format)

    @property
    def bands(self) -> int | None:
        """Number of channels as stored."""
        return Image.getmodebands(self.mode) if self.mode else None

    @property
    def raw_size(self) -> tuple[int, int]:
        """Width and height as stored, before EXIF rotation."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)


def probe(
    paths: Sequence[Path], workers: int = 8, progress: Progress = no_progress, *, decode: bool = False
) -> list[Probe]:
    """Probe every path, in order; with `decode` every pixel is decoded. Threads: the work is reading files.

    If `progress` raises Cancelled, waiting work is dropped.
    """
    results: list[Probe] = []
    chunks = [paths[at : at + _CHUNK] for at in range(0, len(paths), _CHUNK)]
    with ThreadPoolExecutor(workers) as pool:
        for chunk in _ordered(
            pool, lambda part: [probe_one(path, decode=decode) for path in part], chunks, 4 * workers
        ):
            results += chunk
            progress(len(results), len(paths))
    return results


def probe_one(path: Path, *, decode: bool = False) -> Probe:
    """Probe one image; never raises for a bad file."""
    try:
        with open_regular(path) as stream:
            return _read(path, stream, decode)
    except (FileNotFoundError, NotADirectoryError):
        return _failed(path, "missing", "no such file")
    except UnidentifiedImageError:
        return _failed(path, "unreadable", instead(path))
    except TooLarge as error:
        return _failed(path, "too_large", str(error))
    except BROKEN as error:
        return _failed(path, "unreadable", str(error) or type(error).__name__)


def _read(path: Path, stream: BinaryIO, decode: bool) -> Probe:
    with opened(stream) as image:
        found = _describe(path, image, stream)
        if decode or not _whole(stream, found.format):
            stream.seek(0)
            return _decoded(found, stream)
        return found


def shown_size(path: Path) -> tuple[int, int] | None:
    """Width and height as shown, from the header alone; None when it cannot be read."""
    found = probe_one(path)
    return (found.width, found.height) if found.width else None


def _describe(path: Path, image: Image.Image, stream: BinaryIO) -> Probe:
    if image.format == "PNG" and "exif" not in image.info and (late := _late_exif(stream)):
        image.info["exif"] = late
    orientation = orientation_of(image)
    width, height = image.size[::-1] if orientation >= 5 else image.size
    kind = image.format or ""
    size = os.fstat(stream.fileno()).st_size
    passes = "progressive" in image.info
    if passes:
        _check_passes(stream)
    mode, bits = image.mode, bits_of(image, stream)
    clear = image.has_transparency_data
    return Probe(
        path, width, height, mode, bits, orientation, kind, size, passes, _several(image), see_through=clear
    )  # fmt: skip


def orientation_of(image: Image.Image) -> int:
    """EXIF orientation 1 to 8; 1 when there is none, or none that makes sense."""
    if "exif" not in image.info and image.format not in ("TIFF", "PNG"):
        return 1
    try:
        value = Image.Image.getexif(image).get(ORIENTATION, 1)  # Pillow's own for PNG would decode all of it first
    except (OSError, SyntaxError, ValueError, struct.error, KeyError, TypeError):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _several(image: Image.Image) -> bool:
    """Whether a file holds several images; cameras put small ones beside a JPEG (MPO), which do not count."""
    try:
        return image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except BROKEN:
        return False


def _check_passes(stream: BinaryIO) -> None:
    """Each pass of a progressive JPEG walks over all of its pixels: a small file of thousands takes hours."""
    stream.seek(0)
    found = stream.read(_SEARCHED).count(b"\xff\xda")
    if found > MOST_PASSES:
        raise ValueError(f"a JPEG of {found:,} passes, of at most {MOST_PASSES}")


def _late_exif(stream: BinaryIO) -> bytes:
    """EXIF that follows the pixels of a PNG; empty where there is none (PNG specification, 5.3)."""
    at = 8
    while True:
        stream.seek(at)
        head = stream.read(8)
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or kind == b"IEND":
            return b""
        if kind == b"eXIf":
            return b"Exif\0\0" + stream.read(size)
        at += size + 12


def bits_of(image: Image.Image, stream: BinaryIO) -> int:
    """Bits of a channel as stored; Pillow opens colours of 16 bits as 8, but the header tells. 32 for I and F.

    PNG specification, 11.2.1; TIFF 6.0, tag BitsPerSample.
    """
    if image.mode.startswith("I;16"):
        return 16
    if image.mode in ("I", "F"):
        return 32
    if image.format == "PNG":
        stream.seek(24)
        return max(8, int.from_bytes(stream.read(1)))
    if isinstance(image, TiffImageFile):
        return int(max([8, *image.tag_v2.get(258, ())]))
    return 8


def _whole(stream: BinaryIO, kind: str) -> bool:
    """Whether the file ends as its format demands; False means: decode it to be sure."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read()
    if kind in ("JPEG", "MPO"):
        return b"\xff\xd9" in tail[-64:]
    if kind == "PNG":
        return b"IEND" in tail[-64:]
    if kind == "WEBP":
        stream.seek(4)
        return size >= int.from_bytes(stream.read(4), "little") + 8
    return kind in ("HEIF", "AVIF") and _boxes_end(stream, size)


def _boxes_end(stream: BinaryIO, size: int) -> bool:
    """Whether the boxes of a container end where its file does (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while 0 <= at < size:
        stream.seek(at)
        head = stream.read(16)
        length = int.from_bytes(head[:4])
        length = int.from_bytes(head[8:16]) if length == 1 else length or size - at
        if length < 8:
            return False
        at += length
    return at == size


def _decoded(found: Probe, stream: BinaryIO) -> Probe:
    try:
        with opened(stream) as image, decoding(image.width * image.height):
            image.load()
    except BROKEN as error:
        return _failed(found.path, "truncated", str(error) or type(error).__name__)
    return found


def _failed(path: Path, error: Problem, detail: str) -> Probe:
    return Probe(path, error=error, detail=detail)


def _ordered(
    pool: ThreadPoolExecutor, work: Callable[[Sequence[Path]], list[Probe]], chunks: list[Sequence[Path]], ahead: int
) -> Iterator[list[Probe]]:
    """Results in order, with at most `ahead` chunks waiting, so that cancelling is quick."""
    waiting: deque[Future[list[Probe]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(work, chunk))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
