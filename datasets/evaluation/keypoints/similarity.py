"""Object keypoint similarity of predictions and labels, compiled.

Reference: pycocotools `cocoeval.py: computeOks`; https://cocodataset.org/#keypoints-eval.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.overlaps import Overlaps
from datasets.speed.compiled import compiled

LEAST = 0.05  # pairs below it are not kept: no threshold asks for them, and every pair of an image has some


@dataclass(frozen=True)
class Measured:
    """How points are compared: `size` (s, 2) pixels of each sample, `sigmas` (k) of the points of a skeleton.

    An object with another number of points than the skeleton has sigmas of 1 / that number.
    """

    size: Ints
    sigmas: Floats


def similarities(labels: Boxes, predictions: Boxes, by: Measured) -> Overlaps:
    """The OKS of every prediction with every label of its sample, as far as it is at least LEAST.

    Labels have areas in square pixels. Of a label without a visible point, predictions count as similar as they lie
    inside its box, widened by its own size on each side. Poses of another number of points are not compared.
    """
    samples = len(by.size)
    sides = (_side(predictions, samples, by.size), _side(labels, samples, by.size))
    box = labels.box * np.tile(by.size[labels.image], 2)
    places = _pairs(sides[0], sides[1], box.reshape(-1, 4), labels.area, np.asarray(by.sigmas, np.float64))
    return Overlaps(*places)


def bounds(points: NDArray[Any]) -> Floats:
    """The boxes (n, 4) around the points of each pose, x, y, width, height; zeros where no point has a place."""
    made = np.zeros((len(points), 4))
    for row, one in enumerate(points):
        here = one[~np.isnan(one[:, 0]) & ~np.isnan(one[:, 1]), :2]
        if len(here):
            low, high = here.min(axis=0), here.max(axis=0)
            made[row] = *low, *(high - low)
    return made


class _Side(NamedTuple):
    """Points in pixels (m, 3), where those of each object begin (n + 1), and objects of each sample (s + 1)."""

    points: Floats
    start: Ints
    first: Ints


def _side(rows: Boxes, samples: int, size: Ints) -> _Side:
    points = rows.points if rows.points is not None else np.empty(0, object)
    start = np.cumsum([0, *(len(one) for one in points)], dtype=np.int64)
    flat = np.concatenate([np.empty((0, 3)), *points]).astype(np.float64)
    flat[:, :2] *= np.repeat(size[rows.image], np.diff(start), axis=0)
    return _Side(flat, start, np.searchsorted(rows.image, np.arange(samples + 1)).astype(np.int64))


@compiled
def _similarity(found: Floats, label: Floats, box: Floats, area: float, sigmas: Floats) -> float:
    count, total = len(label), 0.0
    seen = 0
    for i in range(count):
        seen += label[i, 2] > 0
    scale = area + np.finfo(np.float64).eps  # np.spacing(1)
    for i in range(count):
        if seen and not label[i, 2] > 0:
            continue
        if seen:
            dx, dy = found[i, 0] - label[i, 0], found[i, 1] - label[i, 1]
        else:
            dx = max(0.0, box[0] - box[2] - found[i, 0]) + max(0.0, found[i, 0] - box[0] - 2 * box[2])
            dy = max(0.0, box[1] - box[3] - found[i, 1]) + max(0.0, found[i, 1] - box[1] - 2 * box[3])
        sigma = sigmas[i] if len(sigmas) == count else 1.0 / count
        total += np.exp(-(dx * dx + dy * dy) / (2 * sigma) ** 2 / scale / 2)
    return total / (seen if seen else count)


@compiled
def _pairs(
    predictions: _Side, labels: _Side, box: Floats, area: Floats, sigmas: Floats
) -> tuple[Ints, Ints, Ints, Floats]:
    places, values = [(0, 0, 0)][:0], [0.0][:0]
    for image in range(len(labels.first) - 1):
        for p in range(predictions.first[image], predictions.first[image + 1]):
            found = predictions.points[predictions.start[p] : predictions.start[p + 1]]
            for g in range(labels.first[image], labels.first[image + 1]):
                label = labels.points[labels.start[g] : labels.start[g + 1]]
                if len(label) != len(found) or len(label) == 0:
                    continue
                value = _similarity(found, label, box[g], area[g], sigmas)
                if value >= LEAST:
                    places.append((image, p - predictions.first[image], g - labels.first[image]))
                    values.append(value)
    columns = np.empty((3, len(places)), np.int64)
    for i in range(len(places)):
        columns[0, i], columns[1, i], columns[2, i] = places[i]
    return columns[0], columns[1], columns[2], np.array(values)
