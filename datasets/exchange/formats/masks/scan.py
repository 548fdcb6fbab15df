"""What a semantic mask holds: its size and the values or colours in it, and how these become indexes of classes.

A pixel is read by value (grey levels, palette indexes) or by colour: red << 16 | green << 8 | blue, for greys and
palettes too. A transparent pixel (alpha below 128) is its colour with `TRANSPARENT` added. Pure apart from reading.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datasets.images.pixels import decoding, opened
from datasets.images.probe import BROKEN
from datasets.records import Recode

TRANSPARENT = 1 << 24
CROWDED = 1024  # different values or colours in one file, beyond which they are only counted
_WIDE = ("I", "I;16", "I;16B", "I;16L", "F")
_BENEATH = 64  # colours beneath transparent pixels, beyond which they are one
Made = Literal["grey", "palette", "triple", "colour"]  # triple: three channels that are equal


@dataclass(frozen=True)
class Scan:
    """One mask file: size in pixels and what occurs in it, rising.

    `values` of a mask of indexes, else `colours`; `palette` of a mask with one, by value. `plain` masks can be used as
    they are: one channel of 8 bits. `lossy` ones were saved as JPEG or WebP. `many` is the number of values or colours
    when these are more than `CROWDED`, and then not listed. `error` says why a file cannot be read.
    """

    path: Path | None = None
    size: tuple[int, int] = (0, 0)
    values: tuple[int, ...] = ()
    colours: tuple[int, ...] = ()
    palette: tuple[int, ...] = ()
    plain: bool = False
    error: str = ""
    made: Made = "grey"
    lossy: bool = False
    many: int = 0

    @property
    def as_colours(self) -> tuple[int, ...]:
        """What occurs in it, by colour: values through the palette, or as greys."""
        if self.made == "colour":
            return self.colours
        return tuple(sorted({colour_of(value, self.palette) for value in self.values}))


def colour_of(value: int, palette: tuple[int, ...] = ()) -> int:
    """The colour of a value: that of the palette, else a grey; values above 255 are white."""
    if palette:
        return palette[value] if value < len(palette) else 0
    return min(value, 255) * 0x010101


def scan(path: Path) -> Scan:
    """Read one mask. Never raises for a bad file."""
    try:
        with opened(path) as image, decoding(image.width * image.height):
            pixels, palette = pixels_of(image), _palette(image)
            plain, lossy = image.mode in ("L", "P"), image.format in ("JPEG", "MPO", "WEBP")
            bands = len(image.getbands())
            height, width = pixels.shape
        found = occurring(pixels)
    except BROKEN as wrong:
        return Scan(path, error=str(wrong) or type(wrong).__name__)
    many = len(found) if len(found) > CROWDED else 0
    kept = () if many else tuple(found)
    if pixels.dtype == np.uint32:
        return Scan(path, (width, height), colours=kept, made="colour", lossy=lossy, many=many)
    if all(value < len(palette) and palette[value] == colour_of(value) for value in kept):
        palette = ()  # a palette of greys says nothing
    made: Made = "palette" if palette else "triple" if bands > 2 else "grey"
    return Scan(path, (width, height), kept, palette=palette, plain=plain, made=made, lossy=lossy, many=many)


def indexes(path: Path, recode: Recode) -> NDArray[np.uint8]:
    """A mask as class indexes (h, w), not turned yet.

    Without a table values stay as they are, and those above 255 become void. Raises what Pillow raises for a broken
    file.
    """
    with opened(path) as image, decoding(image.width * image.height):
        pixels = pixels_of(image, by_colour=recode.by_colour)
    if not recode.table:
        if pixels.dtype == np.uint8:
            return pixels
        return np.where((pixels >= 0) & (pixels <= 255), pixels, recode.void).astype(np.uint8)
    if pixels.dtype == np.uint8:
        return np.asarray(mapped(np.arange(256), recode)[pixels])
    if recode.within is None and len(recode.table) < 64:
        made = np.full(pixels.shape, recode.void, np.uint8)
        for key, value in recode.table.items():
            made[pixels == key] = value
        return made
    keys, places = np.unique(pixels, return_inverse=True)
    return np.asarray(mapped(keys, recode)[places.reshape(pixels.shape)])


def mapped(keys: NDArray[Any], recode: Recode) -> NDArray[np.uint8]:
    """Values or colours (n,) to class indexes (n,) by the table of `recode`; void where it says nothing of them."""
    found = looked_up(keys, recode)
    return np.where(found < 0, recode.void, found).astype(np.uint8)


def looked_up(keys: NDArray[Any], recode: Recode) -> NDArray[np.int16]:
    """Values or colours (n,) to class indexes (n,): those of the table, else of the nearest if it says so, else -1."""
    known = np.array(sorted(recode.table), np.int64)
    targets = np.array([recode.table[int(key)] for key in known], np.int16)
    wanted = keys.astype(np.int64)
    at = np.searchsorted(known, wanted).clip(max=len(known) - 1)
    made = np.where(known[at] == wanted, targets[at], -1).astype(np.int16)
    if recode.within is not None:
        left = np.flatnonzero(made < 0)
        nearest, distance = _nearest(wanted[left], known, recode)
        made[left] = np.where(distance <= recode.within, targets[nearest], -1)
    return made


def pixels_of(image: Image.Image, *, by_colour: bool = False) -> NDArray[Any]:
    """Values (h, w) as uint8 or int64, or colours as uint32 where the channels differ or `by_colour` is set.

    Raises ValueError for floating point numbers that are not whole.
    """
    values = _values(image)
    if values is not None:
        if not by_colour:
            return values
        palette = _palette(image)
        shades = np.array([colour_of(value, palette) for value in range(256)], np.uint32)
        return np.asarray(shades[values.clip(0, 255)])
    bands = np.asarray(image if image.mode in ("RGB", "RGBA") else image.convert("RGBA" if _alpha(image) else "RGB"))
    seen = bands[..., 3] >= 128 if bands.shape[2] == 4 else None
    transparent = seen is not None and not seen.all()
    if not by_colour and not transparent and (bands[..., :1] == bands[..., :3]).all():
        return np.ascontiguousarray(bands[..., 0])
    wide = bands.astype(np.uint32)
    colours = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    if seen is not None and transparent:
        beneath = colours[~seen]
        colours[~seen] = TRANSPARENT | (beneath if len(np.unique(beneath)) <= _BENEATH else 0)
    return np.asarray(colours)


def occurring(pixels: NDArray[Any]) -> list[int]:
    """The values or colours in a mask, rising."""
    if pixels.dtype == np.uint8:
        return [int(value) for value in np.flatnonzero(np.bincount(pixels.ravel(), minlength=256))]
    flat = pixels.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    return [int(value) for value in np.unique(flat[np.concatenate([[0], changes])])]


def distances(colours: NDArray[Any], colour: int) -> NDArray[np.int64]:
    """The largest difference of a channel of each colour (n,) to one; 1000 where only one of them is transparent."""
    wanted = colours.astype(np.int64)
    apart = np.max([abs((wanted >> by & 255) - (colour >> by & 255)) for by in (0, 8, 16)], axis=0)
    return np.where(wanted >> 24 == colour >> 24, apart, 1000)


def _nearest(wanted: NDArray[Any], known: NDArray[Any], recode: Recode) -> tuple[NDArray[Any], NDArray[Any]]:
    """For each key the place of the nearest known one, and the distance: the largest difference of a channel."""
    if not len(wanted):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    best, distance = np.zeros(len(wanted), np.int64), np.full(len(wanted), np.iinfo(np.int64).max)
    for place, key in enumerate(known.tolist()):
        apart = distances(wanted, key) if recode.by_colour else abs(wanted - key)
        closer = apart < distance
        best[closer], distance[closer] = place, apart[closer]
    return best, distance


def _values(image: Image.Image) -> NDArray[Any] | None:
    """The values of a mask of one channel; None for several."""
    if image.mode in ("L", "P"):
        return np.array(image)
    if image.mode == "1":
        return np.array(image.convert("L"))
    if image.mode not in _WIDE:
        return None
    found = np.array(image)
    if found.dtype.kind == "f" and not (np.isfinite(found).all() and (found == np.rint(found)).all()):
        raise ValueError("floating point numbers that are not whole; save class indexes as 8-bit PNG")
    return found.astype(np.int64)


def _alpha(image: Image.Image) -> bool:
    return image.mode in ("LA", "La", "PA", "RGBa")


def _palette(image: Image.Image) -> tuple[int, ...]:
    found = image.getpalette("RGB") if image.mode == "P" else None
    bands = zip(found[::3], found[1::3], found[2::3], strict=True) if found else ()
    return tuple(red << 16 | green << 8 | blue for red, green, blue in bands)
