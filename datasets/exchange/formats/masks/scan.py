"""What a semantic mask holds: its size and the values or colours in it. Pure apart from reading the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datasets.images.pixels import decoding, opened
from datasets.images.probe import BROKEN

_WIDE = ("I", "I;16", "I;16B", "I;16L", "F")


@dataclass(frozen=True)
class Scan:
    """One mask file: size in pixels and what occurs in it, rising.

    `values` of a mask of indexes, else `colours` (red << 16 | green << 8 | blue); `palette` of a mask with one, by
    value. `plain` masks can be used as they are: one channel of 8 bits. `error` says why a file cannot be read.
    """

    path: Path | None = None
    size: tuple[int, int] = (0, 0)
    values: tuple[int, ...] = ()
    colours: tuple[int, ...] = ()
    palette: tuple[int, ...] = ()
    plain: bool = False
    error: str = ""


def scan(path: Path) -> Scan:
    """Read one mask. Never raises for a bad file."""
    try:
        with opened(path) as image, decoding(image.width * image.height):
            pixels, palette = _pixels(image), _palette(image)
            plain = image.mode in ("L", "P")
            height, width = pixels.shape
            found = tuple(_occurring(pixels))
    except BROKEN as wrong:
        return Scan(path, error=str(wrong) or type(wrong).__name__)
    if pixels.dtype == np.uint32:
        return Scan(path, (width, height), colours=found)
    return Scan(path, (width, height), found, palette=palette, plain=plain)


def indexes(path: Path, colours: Mapping[int, int], void: int) -> NDArray[np.uint8]:
    """A mask as class indexes (h, w): values as they are, colours by the table, all others `void`.

    Raises what Pillow raises for a broken file.
    """
    with opened(path) as image, decoding(image.width * image.height):
        pixels = _pixels(image)
    if pixels.dtype == np.uint8 and not colours:
        return pixels
    made = np.full(pixels.shape, void, np.uint8)
    if pixels.dtype != np.uint32:
        inside = (pixels >= 0) & (pixels <= 255)
        made[inside] = pixels[inside]
        return made
    for colour, value in colours.items():
        made[pixels == colour] = value
    return made


def _pixels(image: Image.Image) -> NDArray[Any]:
    """Values (h, w), or colours as uint32 where the channels differ."""
    if image.mode in ("L", "P"):
        return np.array(image)
    if image.mode == "1":
        return np.array(image.convert("L"))
    if image.mode in _WIDE:
        return np.array(image).astype(np.int64)
    bands = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    if (bands[..., :1] == bands).all():
        return np.ascontiguousarray(bands[..., 0])
    wide = bands.astype(np.uint32)
    return np.asarray(wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2])


def _palette(image: Image.Image) -> tuple[int, ...]:
    found = image.getpalette("RGB") if image.mode == "P" else None
    bands = zip(found[::3], found[1::3], found[2::3], strict=True) if found else ()
    return tuple(red << 16 | green << 8 | blue for red, green, blue in bands)


def _occurring(pixels: NDArray[Any]) -> list[int]:
    if pixels.dtype == np.uint8:
        return [int(value) for value in np.flatnonzero(np.bincount(pixels.ravel(), minlength=256))]
    flat = pixels.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    return [int(value) for value in np.unique(flat[np.concatenate([[0], changes])])]
