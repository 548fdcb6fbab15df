"""Which values or colours fill areas of masks, and which only lie between them: soft edges, or the noise of JPEG.

A pixel is flat when its four neighbours have its value. Pixels of a class are flat but for its border; those of an edge
that was smoothed, or of a photo, are not. What masks are is decided by all files together.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.exchange.formats.masks.scan import TRANSPARENT, distances, occurring, pixels_of
from datasets.images.pixels import decoding, opened
from datasets.images.probe import BROKEN
from datasets.records import Progress, no_progress
from datasets.speed.workers import in_order

NEAR = 32  # difference of a channel within which pixels count as of a level, where there are more than two
ANY = 255
_CORE = 12  # difference of a channel within which the pixels of an area are
_JPEG = 6  # difference between neighbours that JPEG makes in an even area
_FILLING = 0.2  # share of flat pixels from which a value fills areas
_RARE = 0.0005  # share of all flat pixels below which none of them make a level
_MOST = 64  # levels
_FEW = 32  # files that are looked at first
_KEPT = 512  # flat colours of a file that are looked at, the most frequent ones


@dataclass(frozen=True)
class Levels:
    """`keys` are the values or colours that fill areas, rising; `within` how far others may be to count as one.

    `solid`: all that occurs fills areas, nothing lies between (`keys` do not matter then). Otherwise no keys mean that
    nothing fills areas, as in a photo.
    """

    keys: tuple[int, ...] = ()
    solid: bool = False
    within: int = ANY


@dataclass(frozen=True)
class _Seen:
    """Values or colours (n,) with the number of their pixels, and of those that are flat."""

    keys: NDArray[np.int64]
    pixels: NDArray[np.int64]
    flat: NDArray[np.int64]


def levels(paths: Sequence[Path], *, by_colour: bool, lossy: bool = False, progress: Progress = no_progress) -> Levels:
    """What fills areas of these masks. Files that cannot be read count for nothing.

    Where all that a few of them hold fills areas, the others are not looked at.
    """
    if len(paths) > 2 * _FEW and levels(paths[:: len(paths) // _FEW], by_colour=by_colour, lossy=lossy).solid:
        return Levels(solid=True)
    parts = []
    for one in in_order(lambda path: _seen(path, by_colour, lossy), paths):
        parts += [one] if one is not None else []
        progress(len(parts), len(paths))
    seen = _joined(parts)
    share = seen.flat / np.maximum(seen.pixels, 1)
    filling = int((share >= _FILLING).sum())
    calm = seen.flat.sum() >= _FILLING * seen.pixels.sum()
    if (
        len(seen.keys) < (3 if lossy else 4)
        or (len(seen.keys) <= 16 and not calm)
        or (not lossy and filling * 2 > len(seen.keys))
    ):
        return Levels(solid=True)
    found = _clusters(seen, by_colour)
    if len(found) < 2 or (not calm and len(found) > 2):
        return Levels()
    apart = np.min([_apart(seen.keys, key, by_colour) for key in found], axis=0)
    even = seen.pixels[apart <= _CORE].sum() / seen.pixels.sum()
    wide = len(found) == 2 and _apart(np.array(found[:1]), found[1], by_colour)[0] >= 128
    if even < (0.25 if wide else 0.7):
        return Levels()
    found = [_clean(key) for key in found] if lossy else found
    return Levels(tuple(sorted(set(found))), within=ANY if len(found) == 2 else NEAR)


def _clusters(seen: _Seen, by_colour: bool) -> list[int]:
    """The most frequent flat value of each group of near ones that fills areas."""
    found: list[int] = []
    least = max(4, _RARE * seen.flat.sum())
    for place in np.argsort(-seen.flat, kind="stable"):
        if seen.flat[place] < least or len(found) > _MOST:
            break
        key = int(seen.keys[place])
        if any(_apart(np.array([key]), one, by_colour)[0] <= NEAR for one in found):
            continue
        near = _apart(seen.keys, key, by_colour) <= 8
        if seen.flat[near].sum() >= _FILLING * seen.pixels[near].sum():
            found.append(key)
    return [] if len(found) > _MOST else found


def _clean(key: int) -> int:
    """A value or colour of a JPEG as it was meant: channels that are nearly 0 or 255 are."""
    parts = [(by, key >> by & 255) for by in (16, 8, 0)] if key > ANY else [(0, key)]
    return sum((0 if one <= _JPEG else ANY if one >= ANY - _JPEG else one) << by for by, one in parts)


def _apart(keys: NDArray[np.int64], key: int, by_colour: bool) -> NDArray[np.int64]:
    return distances(keys, key) if by_colour else abs(keys - key)


def _seen(path: Path, by_colour: bool, lossy: bool) -> _Seen | None:
    try:
        with opened(path) as image, decoding(image.width * image.height):
            pixels = pixels_of(image, by_colour=by_colour)
    except BROKEN:
        return None
    flat = _flat(pixels, by_colour, _JPEG if lossy else 0)
    keys = np.array(occurring(pixels), np.int64)
    places = np.searchsorted(keys, pixels)
    counts, flats = (np.bincount(found.ravel(), minlength=len(keys)) for found in (places, places[flat]))
    return _coarse(_Seen(keys, counts.astype(np.int64), flats.astype(np.int64)))


def _coarse(seen: _Seen) -> _Seen:
    """The same with few keys: the most frequent flat ones as they are, the others by the upper bits of their colour."""
    if len(seen.keys) <= _KEPT:
        return seen
    kept = np.zeros(len(seen.keys), bool)
    kept[np.argsort(-seen.flat, kind="stable")[:_KEPT]] = True
    rough = np.where(kept, seen.keys, (seen.keys & (TRANSPARENT | 0xF0F0F0)) + 0x080808)
    keys, places = np.unique(rough, return_inverse=True)
    return _Seen(
        keys,
        np.bincount(places, seen.pixels, len(keys)).astype(np.int64),
        np.bincount(places, seen.flat, len(keys)).astype(np.int64),
    )


def _joined(parts: Sequence[_Seen]) -> _Seen:
    pixels: Counter[int] = Counter()
    flat: Counter[int] = Counter()
    for one in parts:
        keys = one.keys.tolist()
        pixels.update(dict(zip(keys, one.pixels.tolist(), strict=True)))
        flat.update(dict(zip(keys, one.flat.tolist(), strict=True)))
    keys = sorted(pixels)
    return _Seen(np.array(keys, np.int64), *(np.array([one[key] for key in keys], np.int64) for one in (pixels, flat)))


def _flat(pixels: NDArray[Any], by_colour: bool, tolerance: int) -> NDArray[np.bool_]:
    """Where all neighbours (up, down, left, right) have the value of a pixel, give or take `tolerance` a channel."""
    flat = np.ones(pixels.shape, bool)
    for axis in (0, 1):
        here, there = (np.moveaxis(pixels, axis, 0)[part] for part in (slice(None, -1), slice(1, None)))
        same = _alike(here, there, by_colour, tolerance)
        lines = np.moveaxis(flat, axis, 0)
        lines[:-1] &= same
        lines[1:] &= same
    return flat


def _alike(one: NDArray[Any], other: NDArray[Any], by_colour: bool, tolerance: int) -> NDArray[np.bool_]:
    if not tolerance:
        return np.asarray(one == other)
    channels = (0, 8, 16, 24) if by_colour else (0,)
    most = np.zeros(one.shape, np.int64)
    for by in channels:
        pair = [(part >> by & 255).astype(np.int64) if by_colour else part.astype(np.int64) for part in (one, other)]
        most = np.maximum(most, abs(pair[0] - pair[1]) * (1000 if by == 24 else 1))
    return np.asarray(most <= tolerance)
