"""Bounding boxes converted between pixels and fractions of an image."""

import math
from collections.abc import Sequence

Box = tuple[float, float, float, float]


def from_corners(texts: Sequence[str | None], width: int, height: int) -> Box | None:
    """`xmin, ymin, xmax, ymax` in pixels as text to a relative `x, y, width, height`; None unless 4 finite numbers."""
    try:
        left, top, right, bottom = (float(text or "") for text in texts)
    except ValueError:
        return None
    if not all(map(math.isfinite, (left, top, right, bottom))):
        return None
    return left / width, top / height, (right - left) / width, (bottom - top) / height


def corners(box: Box, width: int, height: int) -> Box:
    """A relative box to `xmin, ymin, xmax, ymax` in pixels; whole numbers where they are meant (to 1e-9 pixel)."""
    x, y, w, h = box
    return _round(x * width), _round(y * height), _round((x + w) * width), _round((y + h) * height)


def _round(value: float) -> float:
    near = float(round(value))
    return near if abs(value - near) < 1e-9 * max(1.0, abs(value)) else value
