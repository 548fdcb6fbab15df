"""Paths along edges between points: intelligent scissors (Mortensen and Barrett 1995), by OpenCV."""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.images import Array
from pipelines.interactive import windows
from pipelines.interactive.prompts import Prompt, Segmented

MOST = 512  # pixels of a side of what is looked at
MARGIN = 0.35  # of the distance of two points: how far a path may leave the rectangle between them
LEAST = 16  # pixels
BLUR = 1.0  # pixels: noise has edges too
STRAIGHT = 0.75  # pixels that a path may be off when corners are left out


def segment(image: Array, prompt: Prompt) -> Segmented:
    """The path through the points in their order, on an image (height, width, 3) uint8 BGR; it begins and ends there.

    Raises ValueError for fewer than two points.
    """
    if len(prompt.points) < 2:
        raise ValueError(f"expected two points or more for a path, found {len(prompt.points)}")
    size = np.array([image.shape[1], image.shape[0]], np.float64)
    points = prompt.clicks((image.shape[1], image.shape[0]))
    parts = [_between(image, start, end) for start, end in pairwise(points)]
    path = np.concatenate([points[:1], *parts]) / size
    return Segmented(path=tuple((float(x), float(y)) for x, y in path))


def _between(image: Array, start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """The path from one point to another in pixels, without its first point."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    margin = max(MARGIN * float((high - low).max()), LEAST)
    window = windows.around(image, (low[0], low[1], high[0], high[1]), margin, MOST)
    here, there = window.inward(np.array([start, end]))
    if min(window.shape) < 4 or (here == there).all():
        return end[None]
    tool = cv2.segmentation.IntelligentScissorsMB()
    tool.setEdgeFeatureCannyParameters(32, 100)
    tool.setGradientMagnitudeMaxLimit(200)
    tool.applyImage(cv2.GaussianBlur(window.pixels, (0, 0), BLUR))
    tool.buildMap(tuple(map(int, here)))
    chain = cv2.approxPolyDP(np.asarray(tool.getContour(tuple(map(int, there)))).reshape(-1, 1, 2), STRAIGHT, False)
    return np.concatenate([window.outward(chain.reshape(-1, 2)[1:-1]), end[None]])
