"""Shapes of objects: polygons, COCO's runs and masks, turned into one another as pycocotools does it. Numpy in and out.

A mask is (h, w) uint8, 1 inside. A polygon is (n, 2) x, y in pixels, edges at whole numbers, origin top left. Runs are
counts of pixels outside, inside, outside, ... column by column (COCO's uncompressed RLE); `size` is (width, height).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.records import Outline

Mask = NDArray[np.uint8]
Points = NDArray[np.float64]
Runs = NDArray[np.int64]
Box = tuple[float, float, float, float]
Size = tuple[int, int]


def polygon_runs(polygons: Sequence[Points], size: Size) -> Runs:
    """What a list of polygons covers: each filled by the even-odd rule, then joined (`frPyObjects` and `merge`)."""
    from pycocotools import mask as rle

    width, height = size
    whole = rle.merge(rle.frPyObjects([one.reshape(-1) for one in polygons], height, width))
    return decompressed(whole["counts"])


def decompressed(text: bytes | str) -> Runs:
    """Runs of COCO's compressed form: base 32 in characters from `0`, differences to the run two before.

    As `maskApi.c: rleFrString`. Raises ValueError for invalid text.
    """
    codes = np.frombuffer(text.encode("ascii") if isinstance(text, str) else text, np.uint8).astype(np.int64) - 48
    if not len(codes):
        return codes
    if codes.min() < 0 or codes.max() > 63 or codes[-1] & 32:
        raise ValueError("expected compressed runs, found characters that are none")
    last = np.flatnonzero(~codes & 32)
    first = np.concatenate([[0], last[:-1] + 1])
    digit = np.arange(len(codes)) - np.repeat(first, last - first + 1)
    if digit.max() > 11:
        raise ValueError("expected compressed runs, found a number of more than 60 bits")
    values = np.add.reduceat((codes & 31) << (5 * digit), first)
    values -= np.where(codes[last] & 16, np.int64(1) << np.minimum(5 * (last - first + 1), 62), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def compressed(runs: Runs, size: Size) -> str:
    """COCO's compressed form of runs."""
    from pycocotools import mask as rle

    width, height = size
    whole = rle.frPyObjects([{"size": [height, width], "counts": runs.tolist()}], height, width)
    return str(whole[0]["counts"].decode("ascii"))


def check_runs(runs: Runs, size: Size) -> None:
    """Raise ValueError unless runs are as long as the image has pixels, and none is negative."""
    width, height = size
    if len(runs) and runs.min() < 0:
        raise ValueError(f"expected runs of at least 0 pixels, found one of {runs.min()}")
    if runs.sum() != width * height:
        raise ValueError(
            f"expected runs of {width} x {height} = {width * height:,} pixels, found {int(runs.sum()):,} pixels"
        )


def runs_of(mask: NDArray[Any]) -> Runs:
    """Runs of a mask (h, w); nonzero pixels are inside."""
    flat = (mask != 0).reshape(-1, order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    edges = np.concatenate([[0], [0] * bool(flat[:1].any()), changes, [flat.size]])
    return np.diff(edges).astype(np.int64)


def mask_of(runs: Runs, size: Size) -> Mask:
    """The mask of runs, of the whole image."""
    return window(runs, size, (0, 0, *size))


def area(runs: Runs) -> int:
    """Pixels inside."""
    return int(runs[1::2].sum())


def bounds(runs: Runs, size: Size) -> tuple[int, int, int, int] | None:
    """First column and row inside, and those after the last; None when nothing is inside."""
    height = size[1]
    edges = np.cumsum(runs)
    first, last = edges[0 : len(edges) - 1 : 2], edges[1::2] - 1
    first, last = first[last >= first], last[last >= first]
    if not len(first):
        return None
    whole = bool((first // height != last // height).any())
    top, bottom = (0, height) if whole else (int((first % height).min()), int((last % height).max()) + 1)
    return int(first[0]) // height, top, int(last[-1]) // height + 1, bottom


def window(runs: Runs, size: Size, place: tuple[int, int, int, int]) -> Mask:
    """The part of a mask between columns and rows `(left, top, right, bottom)`, which lie inside the image."""
    height = size[1]
    left, top, right, bottom = place
    edges = np.clip(np.cumsum(runs), left * height, right * height)
    counts = np.diff(edges, prepend=left * height)
    flat = np.repeat((np.arange(len(runs)) & 1).astype(np.uint8), counts)
    return np.ascontiguousarray(flat.reshape(right - left, height).T[top:bottom], np.uint8)


def drawn(outline: Outline, size: Size) -> Runs:
    """Runs of an outline on the image as shown, of `size`: scaled from its own size, rotated as EXIF says."""
    stored = size if outline.orientation < 5 else size[::-1]
    if outline.runs is None:
        scale = np.array([stored[0] / outline.size[0], stored[1] / outline.size[1]])
        same = scale[0] == 1 and scale[1] == 1
        runs = polygon_runs([one if same else one * scale for one in outline.polygons], stored)
    else:
        runs = _resized(outline.runs, (int(outline.size[0]), int(outline.size[1])), stored)
    if outline.orientation == 1:
        return runs
    return runs_of(turned(mask_of(runs, stored), outline.orientation))


def turned(mask: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Stored pixels as shown by EXIF orientation 1 to 8, as `PIL.ImageOps.exif_transpose` does it."""
    made = {
        2: mask[:, ::-1],
        3: mask[::-1, ::-1],
        4: mask[::-1],
        5: mask.swapaxes(0, 1),
        6: np.rot90(mask, 3),
        7: mask[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(mask),
    }.get(orientation, mask)
    return np.ascontiguousarray(made)


def cropped(runs: Runs, size: Size, box: Box | None = None) -> tuple[Mask, Box] | None:
    """The mask of an object inside its box, and that box (relative x, y, width, height); None when it has no pixel.

    `box` is kept when the mask lies in it, give or take two pixels at the right and the bottom; else, and without one,
    the box is that of the pixels. The top left pixel of the mask lies at the rounded top left corner of the box.
    """
    found = bounds(runs, size)
    if found is None:
        return None
    if box is not None:
        place = _place(box, size)
        left, top, right, bottom = place[0], place[1], max(place[2], found[2]), max(place[3], found[3])
        wide, high = right - left - box[2] * size[0], bottom - top - box[3] * size[1]
        if left <= found[0] and top <= found[1] and abs(wide) < 2 and abs(high) < 2:
            return window(runs, size, (left, top, right, bottom)), box
    left, top, right, bottom = found
    own = (left / size[0], top / size[1], (right - left) / size[0], (bottom - top) / size[1])
    return window(runs, size, found), own


def placed(mask: NDArray[Any], box: Box, size: Size) -> tuple[Mask, int, int]:
    """The pixels of an object's mask inside the image, 1 inside, and the column and row of the first of them.

    A mask as large as the image is used as it is; another lies in its box, resized to it (nearest neighbour) when it
    differs from it by two pixels or more.
    """
    width, height = size
    if mask.shape == (height, width):
        return (mask != 0).astype(np.uint8), 0, 0
    left, top, wide, high = round(box[0] * width), round(box[1] * height), box[2] * width, box[3] * height
    if abs(mask.shape[1] - wide) >= 2 or abs(mask.shape[0] - high) >= 2:
        mask = _stretched(mask, (max(round(wide), 1), max(round(high), 1)))
    inside = mask[max(-top, 0) : max(height - top, 0), max(-left, 0) : max(width - left, 0)] != 0
    return inside.astype(np.uint8), max(left, 0), max(top, 0)


def pasted(mask: NDArray[Any], box: Box, size: Size) -> Mask:
    """The mask of an object (`placed`) as a mask of the whole image (h, w), 1 inside."""
    inside, left, top = placed(mask, box, size)
    whole = np.zeros((size[1], size[0]), np.uint8)
    whole[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return whole


def rings(mask: NDArray[Any]) -> list[Points]:
    """The edges of a mask as closed rings of corners (n, 2) of pixels; filling them by the even-odd rule restores it.

    Corners lie where an odd number of the four pixels around them is inside; where two pixels touch by a corner alone
    it counts twice. Along each row and each column of corners every second stretch is an edge.
    """
    inside = np.pad(mask != 0, 1)
    a, b, c, d = inside[:-1, :-1], inside[:-1, 1:], inside[1:, :-1], inside[1:, 1:]
    times = (a ^ b ^ c ^ d).astype(np.int64) + 2 * ((a == d) & (b == c) & (a != b))
    rows, columns = np.nonzero(times)
    count = times[rows, columns]
    rows, columns = np.repeat(rows, count), np.repeat(columns, count)
    below = np.empty(len(rows), np.int64)
    pairs = np.lexsort((rows, columns)).reshape(-1, 2)
    below[pairs[:, 0]], below[pairs[:, 1]] = pairs[:, 1], pairs[:, 0]
    points = np.column_stack([columns, rows]).astype(np.float64)
    return [points[ring] for ring in _cycles(below.tolist())]


def is_plain(rings: Sequence[Points], pixels: int) -> bool:
    """Whether the rings of a mask of this many pixels lie side by side, none inside another: it has no hole."""
    return sum(abs(_signed_area(ring)) for ring in rings) == pixels


def joined(rings: Sequence[Points]) -> Points:
    """Several rings as one, joined by zero-width bridges between nearest corners; it fills the same pixels."""
    whole = rings[0]
    for ring in rings[1:]:
        gaps = ((whole[:, None, :] - ring[None, :, :]) ** 2).sum(axis=2)
        here, there = np.unravel_index(int(gaps.argmin()), gaps.shape)
        around = np.roll(ring, -int(there), axis=0)
        whole = np.concatenate([whole[: here + 1], around, around[:1], whole[here:]])
    return whole


def _cycles(below: list[int]) -> list[list[int]]:
    """Corners in the order of their rings: along a row to the neighbour of the pair, then along a column."""
    seen, found = bytearray(len(below)), []
    for start in range(len(below)):
        if seen[start]:
            continue
        ring, at = [], start
        while not seen[at]:
            other = at ^ 1
            seen[at] = seen[other] = 1
            ring += [at, other]
            at = below[other]
        found.append(ring)
    return found


def _signed_area(ring: Points) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def _place(box: Box, size: Size) -> tuple[int, int, int, int]:
    """Pixels of a box, inside the image: first column and row rounded as all readers of masks do (`pasted`)."""
    left, top = round(box[0] * size[0]), round(box[1] * size[1])
    right, bottom = round((box[0] + box[2]) * size[0]), round((box[1] + box[3]) * size[1])
    return max(left, 0), max(top, 0), min(max(right, left), size[0]), min(max(bottom, top), size[1])


def _resized(runs: Runs, size: Size, wanted: Size) -> Runs:
    return runs if size == wanted else runs_of(_stretched(mask_of(runs, size), wanted))


def _stretched(mask: NDArray[Any], size: Size) -> Mask:
    """A mask resized by nearest neighbour (as in evaluation)."""
    import cv2

    made = cv2.resize((mask != 0).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(made, np.uint8)
