"""Counting the pixels of one image, compiled. Masks are (h, w) of uint8, both of one size.

Contours follow Csurka et al., What is a good evaluation measure for semantic segmentation? (BMVC 2013): a pixel of a
contour is found when the other mask has a contour of the same class within `tolerance` pixels.
"""

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Ints
from datasets.images.mask_limits import VALUES, tolerance
from datasets.speed.compiled import compiled

Mask = NDArray[np.uint8]


@compiled
def joint(truth: Mask, predicted: Mask) -> Ints:
    """How often each pair of values occurs: (256, 256), rows true. About 1 ms per megapixel."""
    counts = np.zeros((VALUES, VALUES), np.int64)
    for y in range(truth.shape[0]):
        for x in range(truth.shape[1]):
            counts[truth[y, x], predicted[y, x]] += 1
    return counts


def contours(truth: Mask, predicted: Mask, ignored: NDArray[np.bool_]) -> Ints:
    """For each value (256, 4): contour pixels of the prediction, those found and all, then of the ground truth.

    Pixels whose true value is `ignored` (256) have no contour and create none beside them.
    """
    away = tolerance(*truth.shape)
    reach = int(away)
    dy, dx = (part.ravel() for part in np.mgrid[-reach : reach + 1, -reach : reach + 1])
    square = dy**2 + dx**2
    near = np.flatnonzero(square <= away**2)
    near = near[np.argsort(square[near], kind="stable")]  # the nearest pixels are searched first
    steps = dy[near] * (truth.shape[1] + 2 * reach) + dx[near]
    ours, theirs = (_codes(mask, truth, ignored, reach).ravel() for mask in (predicted, truth))
    return np.column_stack([_found(ours, theirs, steps), _found(theirs, ours, steps)])


@compiled
def _codes(mask: Mask, truth: Mask, ignored: NDArray[np.bool_], margin: int) -> NDArray[np.uint16]:
    """Value plus one on contours, 0 elsewhere and on a margin on all sides."""
    height, width = mask.shape
    codes = np.zeros((height + 2 * margin, width + 2 * margin), np.uint16)
    for y in range(height):
        for x in range(width):
            value = mask[y, x]
            if x + 1 < width and value != mask[y, x + 1] and not ignored[truth[y, x]] and not ignored[truth[y, x + 1]]:
                codes[y + margin, x + margin] = value + 1
                codes[y + margin, x + margin + 1] = mask[y, x + 1] + 1
            if y + 1 < height and value != mask[y + 1, x] and not ignored[truth[y, x]] and not ignored[truth[y + 1, x]]:
                codes[y + margin, x + margin] = value + 1
                codes[y + margin + 1, x + margin] = mask[y + 1, x] + 1
    return codes


@compiled
def _found(codes: NDArray[np.uint16], others: NDArray[np.uint16], steps: Ints) -> Ints:
    counts = np.zeros((VALUES, 2), np.int64)
    for at in range(len(codes)):
        code = codes[at]
        if code == 0:
            continue
        counts[code - 1, 1] += 1
        for step in steps:
            if others[at + step] == code:
                counts[code - 1, 0] += 1
                break
    return counts
