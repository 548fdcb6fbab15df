"""Counting the pixels of one image, compiled. Masks are (h, w) of uint8, both of one size.

Contours follow Csurka et al., What is a good evaluation measure for semantic segmentation? (BMVC 2013): a pixel of a
contour is found when the other mask has a contour of the same class within `tolerance` pixels.
"""

import math

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.boxes import Ints
from datasets.evaluation.compiled import compiled

VALUES = 256
TOLERANCE = 0.0075  # of the diagonal; section 3 of Csurka et al., and the default of MATLAB's `bfscore`
Mask = NDArray[np.uint8]


def tolerance(height: int, width: int) -> float:
    """Pixels by which a contour may be off."""
    return TOLERANCE * math.hypot(height, width)


@compiled
def joint(truth: Mask, predicted: Mask) -> Ints:
    """How often each pair of values occurs: (256, 256), rows true. About 1 ms per megapixel."""
    counts = np.zeros((VALUES, VALUES), np.int64)
    for y in range(truth.shape[0]):
        for x in range(truth.shape[1]):
            counts[truth[y, x], predicted[y, x]] += 1
    return counts


def contours(truth: Mask, predicted: Mask, ignored: NDArray[np.bool_]) -> Ints:
    """Of each value (256, 4): contour pixels of the prediction that are found and all, the same of the truth.

    Pixels whose true value is `ignored` (256) have no contour and make none beside them.
    """
    away = tolerance(*truth.shape)
    reach = int(away)
    dy, dx = (part.ravel() for part in np.mgrid[-reach : reach + 1, -reach : reach + 1])
    square = dy**2 + dx**2
    near = np.flatnonzero(square <= away**2)
    near = near[np.argsort(square[near], kind="stable")]
    return _contours(truth, predicted, ignored, np.stack([dy[near], dx[near]], axis=1))


@compiled
def _edges(mask: Mask, truth: Mask, ignored: NDArray[np.bool_]) -> NDArray[np.bool_]:
    height, width = mask.shape
    edge = np.zeros((height, width), np.bool_)
    for y in range(height):
        for x in range(width):
            if ignored[truth[y, x]]:
                continue
            if x + 1 < width and mask[y, x] != mask[y, x + 1] and not ignored[truth[y, x + 1]]:
                edge[y, x] = edge[y, x + 1] = True
            if y + 1 < height and mask[y, x] != mask[y + 1, x] and not ignored[truth[y + 1, x]]:
                edge[y, x] = edge[y + 1, x] = True
    return edge


@compiled
def _found(mask: Mask, edge: NDArray[np.bool_], other: Mask, other_edge: NDArray[np.bool_], near: Ints) -> Ints:
    height, width = mask.shape
    counts = np.zeros((VALUES, 2), np.int64)
    for y in range(height):
        for x in range(width):
            if not edge[y, x]:
                continue
            value = mask[y, x]
            counts[value, 1] += 1
            for i in range(len(near)):
                v, u = y + near[i, 0], x + near[i, 1]
                if 0 <= v < height and 0 <= u < width and other_edge[v, u] and other[v, u] == value:
                    counts[value, 0] += 1
                    break
    return counts


@compiled
def _contours(truth: Mask, predicted: Mask, ignored: NDArray[np.bool_], near: Ints) -> Ints:
    of_truth, of_predicted = _edges(truth, truth, ignored), _edges(predicted, truth, ignored)
    counts = np.empty((VALUES, 4), np.int64)
    counts[:, :2] = _found(predicted, of_predicted, truth, of_truth, near)
    counts[:, 2:] = _found(truth, of_truth, predicted, of_predicted, near)
    return counts
