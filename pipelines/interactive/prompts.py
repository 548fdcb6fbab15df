"""What a person asks about one image, and the answer. Coordinates are relative to the image as shown, in [0, 1]."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]  # x, y, width, height
Size = tuple[int, int]  # width, height in pixels
Tool = Literal["sam", "grabcut", "scissors"]


@dataclass(frozen=True)
class Point:
    """A click: inside the object, or outside of it."""

    x: float
    y: float
    inside: bool = True


@dataclass(frozen=True)
class Prompt:
    """A question about one image: clicks in their order, a box around the object, or both."""

    points: tuple[Point, ...] = ()
    box: Box | None = None

    def __post_init__(self) -> None:
        if not self.points and self.box is None:
            raise ValueError("expected a click or a box, found neither")

    def clicks(self, size: Size) -> NDArray[np.float64]:
        """The clicks in pixels: (n, 2) x, y; the centre of the first pixel is at 0.5, 0.5."""
        return np.array([(one.x * size[0], one.y * size[1]) for one in self.points], np.float64).reshape(-1, 2)

    def corners(self, size: Size) -> tuple[float, float, float, float] | None:
        """The box in pixels: left, top, right, bottom, cut at the edges of the image."""
        if self.box is None:
            return None
        x, y, wide, high = self.box
        left, right = (min(max(one, 0.0), 1.0) * size[0] for one in (x, x + wide))
        top, bottom = (min(max(one, 0.0), 1.0) * size[1] for one in (y, y + high))
        return left, top, right, bottom


@dataclass(frozen=True)
class Segmented:
    """An answer: `mask` (h, w) uint8, 1 inside, as large as its `box` in pixels; or a `path` of points along an edge.

    Nothing was found where there is neither. `score` is what the model thinks of its mask (an estimate of its IoU).
    """

    box: Box | None = None
    mask: NDArray[Any] | None = None
    path: tuple[tuple[float, float], ...] | None = None
    score: float | None = None


def cropped(mask: NDArray[Any], place: tuple[int, int], size: Size, score: float | None = None) -> Segmented:
    """A mask (h, w) whose first pixel lies at column and row `place` of an image, cut to its own box."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return Segmented(score=score)
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    inside = np.ascontiguousarray(mask[top:bottom, left:right] != 0).view(np.uint8)
    x, y = (place[0] + left) / size[0], (place[1] + top) / size[1]
    return Segmented((x, y, (right - left) / size[0], (bottom - top) / size[1]), inside, None, score)
