"""The picture of an image file: what people see, and what networks learn from, is this one.

Rule for more than 8 bits, and for floating point: the darkest pixel of the file becomes 0, its brightest 255, all of
its colours alike. What has 8 bits keeps its values. The first image of a file that holds several is the picture.
"""

import os
import struct
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datasets.images.pixels import LARGE, check, decoding, opened
from datasets.images.probe import bits_of, orientation_of
from datasets.images.regular import open_regular

Pixels = NDArray[np.uint8]

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_REDUCED = ("L", "LA", "RGB", "RGBA", "CMYK")
_ROWS = 1 << 22  # values of which copies are made at once
_HEAD, _TAIL = 1 << 18, 1 << 16  # bytes in which the headers of common files lie
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def read(path: Path | str, side: int = 0) -> Pixels:
    """An image as shown: (height, width, 3) BGR, rotated as EXIF says, on white where it is transparent.

    With `side` an image may come smaller, with both sides of at least `side` pixels. Raises what `probe.BROKEN` names.
    """
    with open_regular(path) as stream:
        quick = None if side else _quick(stream)
        if quick is not None:
            return quick
        stream.seek(0)
        with opened(stream) as image, decoding(image.width * image.height):
            return _shown(image, stream, side)


def is_plain(path: Path | str) -> bool:
    """Whether programs that know nothing of `read` see the same pixels in a file: a common JPEG or PNG.

    Raises OSError for a file that cannot be opened.
    """
    with open_regular(path) as stream:
        head = stream.read(_HEAD)
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL))
        return _size(head, stream.read(_TAIL)) is not None


def eight_bits(values: NDArray[Any]) -> Pixels:
    """Values of any type as bytes of the same shape: the lowest becomes 0, the highest 255; what is not finite, 0."""
    low, high = _range(values)
    scale = 255.0 / ((high - low) or 1.0)
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        table = ((np.arange(1 << 16, dtype=np.float32) - low).clip(0, high - low) * scale).round().astype(np.uint8)
        return np.asarray(table[values])
    made = np.empty(values.shape, np.uint8)
    for rows in _some(values):
        part = values[rows].astype(np.float32)
        known = np.nan_to_num(part, nan=low, posinf=high, neginf=low)
        made[rows] = ((known - np.float32(low)) * np.float32(scale)).round()
    return made


def _range(values: NDArray[Any]) -> tuple[float, float]:
    """The lowest and the highest finite value; zeros where there is none."""
    ends = []
    for rows in _some(values):
        part = values[rows]
        known = part[np.isfinite(part)] if part.dtype.kind == "f" else part
        ends += [float(known.min()), float(known.max())] if known.size else []
    return (min(ends), max(ends)) if ends else (0.0, 0.0)


def _some(values: NDArray[Any]) -> Iterator[slice]:
    step = max(1, _ROWS * len(values) // max(1, values.size))
    return (slice(start, start + step) for start in range(0, len(values), step))


def _quick(stream: BufferedReader) -> Pixels | None:
    """The picture of a common JPEG or PNG, decoded by OpenCV, which is several times faster; None for other files."""
    if not stream.peek(len(_PNG)).startswith((_PNG, _JPEG)):
        return None
    data = stream.read()
    size = _size(data[:_HEAD], data[-_TAIL:])
    if size is None:
        return None
    check(*size)
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)  # None for one that is broken
    except cv2.error:
        return None


def _size(head: bytes, tail: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG or PNG of 8 bits and 1 or 3 channels, without alpha; None for all else.

    `head` and `tail` are the first and last bytes of the file. PNG with EXIF is none of them, as OpenCV does not turn
    it. (PNG specification, 11.2; ITU T.81, B.2.2.)
    """
    if head.startswith(_PNG) and len(head) > 33:
        width, height, bits, kind = struct.unpack(">IIBB", head[16:26])
        special = any(chunk in head for chunk in (b"tRNS", b"eXIf", b"acTL")) or b"eXIf" in tail
        return (width, height) if bits <= 8 and kind in (0, 2, 3) and not special else None
    at = 2
    while head.startswith(_JPEG) and at + 10 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4])
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            bits, height, width, channels = struct.unpack(">BHHB", head[at + 4 : at + 10])
            return (width, height) if bits == 8 and channels in (1, 3) else None
        else:
            at += 2 + length
    return None


def _shown(image: Image.Image, stream: BufferedReader, side: int) -> Pixels:
    deep = bits_of(image, stream) > 8
    if side:
        image.draft("RGB", (side * 2, side * 2))
    made = _deep(image, stream) if deep else _reduced(image, side) if side else image
    image.load()
    turn = _TURNS.get(orientation_of(image))
    made = made.transpose(turn) if turn is not None else made
    if made.has_transparency_data:
        clear = made.convert("RGBA")
        made = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return np.ascontiguousarray(np.asarray(made.convert("RGB"))[:, :, ::-1])


def _reduced(image: Image.Image, side: int) -> Image.Image:
    """A large image reduced by averaging whole squares of pixels, so that later steps do not copy all of it."""
    factor = min(image.size) // (2 * side)
    if image.width * image.height < LARGE or factor < 2 or image.mode not in _REDUCED:
        return image
    return image.reduce(factor)


def _deep(image: Image.Image, stream: BufferedReader) -> Image.Image:
    """An image of more than 8 bits a channel as one of 8 bits; Pillow itself would cut those of several channels."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(eight_bits(np.asarray(image)))
    stream.seek(0)
    values = cv2.imdecode(np.fromfile(stream, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.dtype == np.uint8 or values.shape != (image.height, image.width, values.shape[-1]):
        return image
    colours = eight_bits(values[..., :3])[..., ::-1]
    if values.shape[-1] == 4:
        colours = np.dstack([colours, (values[..., 3] >> 8).astype(np.uint8)])
    return Image.fromarray(np.ascontiguousarray(colours))
