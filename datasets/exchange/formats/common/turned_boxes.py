"""Rotated rectangles as polygons of four corners: top left first, clockwise, before they were turned."""

import math
from collections.abc import Sequence

Point = tuple[float, float]
_EXACT = 0.02  # pixels by which the corners of a rectangle may be off


def corners(pivot: Point, start: Point, width: float, height: float, degrees: float) -> tuple[Point, ...]:
    """The corners in pixels of a rectangle with its top left at `start`, turned clockwise about `pivot`."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    plain = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    moved = ((start[0] + x - pivot[0], start[1] + y - pivot[1]) for x, y in plain)
    return tuple((pivot[0] + x * cos - y * sin, pivot[1] + x * sin + y * cos) for x, y in moved)


def rectangle(points: Sequence[Point], degrees: object) -> tuple[Point, float, float] | None:
    """First corner, width and height in pixels of a rectangle turned by so much; None when it is none (any more)."""
    if isinstance(degrees, bool) or not isinstance(degrees, int | float) or len(points) != 4:
        return None
    first = points[0]
    width, height = math.dist(first, points[1]), math.dist(first, points[3])
    wanted = corners(first, first, width, height, degrees)
    if all(math.dist(one, other) < _EXACT for one, other in zip(wanted, points, strict=True)):
        return first, width, height
    return None
