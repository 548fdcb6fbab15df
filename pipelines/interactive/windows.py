"""The part of an image that a classical tool looks at, made small enough to answer at once."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.images import Array

Corners = tuple[float, float, float, float]  # left, top, right, bottom in pixels


@dataclass(frozen=True)
class Window:
    """Columns `left` to `right` and rows `top` to `bottom` of an image, and their pixels, `scale` times as large."""

    left: int
    top: int
    right: int
    bottom: int
    scale: float
    pixels: Array

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the pixels that are looked at."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def inward(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        """Points (n, 2) of the image in pixels, as the column and row of a pixel of the window."""
        height, width = self.shape
        found = np.floor((points - (self.left, self.top)) * self.scale).astype(np.int32)
        return np.asarray(np.clip(found, 0, (width - 1, height - 1)), np.int32)

    def outward(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """Columns and rows (n, 2) of pixels of the window, as points of the image in pixels: the middles of them."""
        return np.asarray((points + 0.5) / self.scale + (self.left, self.top), np.float64)

    def grown(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A mask of the window at the size of the image's own pixels there, its edge smoothed when it grows."""
        size = self.right - self.left, self.bottom - self.top
        if mask.shape == size[::-1]:
            return mask
        soft = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(soft > 0.5, np.uint8)


def around(image: Array, corners: Corners, margin: float, most: int) -> Window:
    """The window around a rectangle, `margin` pixels larger on each side, with at most `most` pixels on a side."""
    height, width = image.shape[:2]
    left, top = max(int(corners[0] - margin), 0), max(int(corners[1] - margin), 0)
    right, bottom = min(int(corners[2] + margin) + 1, width), min(int(corners[3] + margin) + 1, height)
    left, top = min(left, width - 1), min(top, height - 1)
    part = image[top:bottom, left:right]
    scale = min(1.0, most / max(part.shape[:2]))
    if scale < 1:
        size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    return Window(left, top, right, bottom, scale, np.ascontiguousarray(part))
