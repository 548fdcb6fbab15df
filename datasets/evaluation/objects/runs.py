"""Masks as runs of pixels (run-length encoding), and their intersections. Pure functions of arrays, compiled.

A mask is (r, 2) runs: first pixel and the one after the last, counted row by row over the whole image, rising
and apart. Areas and intersections are counts of pixels, so IoU equals that of `maskApi.c: rleIou` of pycocotools.
"""

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Floats, Ints
from datasets.speed.compiled import compiled


def runs(mask: NDArray[np.uint8], at: tuple[int, int], size: tuple[int, int]) -> Ints:
    """Runs of a mask (h, w) whose top left pixel lies `at` x, y in an image of `size`; what lies outside is cut off."""
    (x, y), (width, height) = at, size
    left, top = max(-x, 0), max(-y, 0)
    inside = mask[top : max(height - y, 0), left : max(width - x, 0)]
    return _runs(np.ascontiguousarray(inside, np.uint8), x + left, y + top, width)


def box_runs(box: Floats, size: tuple[int, int]) -> Ints:
    """Runs of a box (x, y, width, height; relative): every pixel whose centre lies inside."""
    width, height = size
    edges = np.array([box[0], box[1], box[0] + box[2], box[1] + box[3]]) * [width, height, width, height]
    x0, y0, x1, y1 = (int(edge) for edge in np.ceil(edges - 0.5))
    x0, x1 = max(x0, 0), min(x1, width)
    rows = np.arange(max(y0, 0), max(min(y1, height), 0)) * width
    return np.stack([rows + x0, rows + x1], axis=1) if x1 > x0 else np.empty((0, 2), np.int64)


def area(found: Ints) -> int:
    """Pixels of a mask."""
    return int((found[:, 1] - found[:, 0]).sum())


def ious(predictions: list[Ints], labels: list[Ints], crowd: NDArray[np.bool_]) -> tuple[Ints, Ints, Floats]:
    """Pairs of one image that share a pixel: place of the prediction, place of the label, IoU.

    For a label that is a crowd the area of the prediction stands below, not the union.
    """
    if not predictions or not labels:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    return _ious(*_joined(predictions), *_joined(labels), crowd)


def _joined(masks: list[Ints]) -> tuple[Ints, Ints]:
    start = np.cumsum([0, *(len(one) for one in masks)], dtype=np.int64)
    return np.concatenate(masks), start


@compiled
def _runs(mask: NDArray[np.uint8], x: int, y: int, width: int) -> Ints:
    height, wide = mask.shape
    count = 0
    for row in range(height):
        before = False
        for column in range(wide):
            now = mask[row, column] != 0
            count += now and not before
            before = now
    found = np.empty((count, 2), np.int64)
    at = 0
    for row in range(height):
        before = False
        base = (y + row) * width + x
        for column in range(wide):
            now = mask[row, column] != 0
            if now and not before:
                found[at, 0] = base + column
            if before and not now:
                found[at, 1] = base + column
                at += 1
            before = now
        if before:
            found[at, 1] = base + wide
            at += 1
    return found


@compiled
def _shared(a: Ints, b: Ints) -> int:
    i, j, total = 0, 0, 0
    while i < len(a) and j < len(b):
        low, high = max(a[i, 0], b[j, 0]), min(a[i, 1], b[j, 1])
        if high > low:
            total += high - low
        if a[i, 1] < b[j, 1]:
            i += 1
        else:
            j += 1
    return total


@compiled
def _areas(masks: Ints, start: Ints) -> Ints:
    found = np.zeros(len(start) - 1, np.int64)
    for i in range(len(found)):
        for r in range(start[i], start[i + 1]):
            found[i] += masks[r, 1] - masks[r, 0]
    return found


@compiled
def _ious(
    predictions: Ints, p_start: Ints, labels: Ints, l_start: Ints, crowd: NDArray[np.bool_]
) -> tuple[Ints, Ints, Floats]:
    p_area, l_area = _areas(predictions, p_start), _areas(labels, l_start)
    pairs, values = [(0, 0)][:0], [0.0][:0]
    for p in range(len(p_area)):
        for g in range(len(l_area)):
            shared = _shared(predictions[p_start[p] : p_start[p + 1]], labels[l_start[g] : l_start[g + 1]])
            if shared > 0:
                union = p_area[p] if crowd[g] else p_area[p] + l_area[g] - shared
                pairs.append((p, g))
                values.append(shared / union)
    first, second = np.empty(len(pairs), np.int64), np.empty(len(pairs), np.int64)
    for i in range(len(pairs)):
        first[i], second[i] = pairs[i]
    return first, second, np.array(values)
