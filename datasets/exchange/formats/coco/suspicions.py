"""What the numbers of all boxes of a file are, decided together: x, y, width, height in pixels, or something else."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.coco import values

_LEAST = 3  # boxes that decide what all are
_SLACK = 1.0  # pixels
_SMALL = 8  # an image of so few pixels a side may hold boxes of one pixel


class Reading(Enum):
    """How the four numbers of a bbox are read."""

    PIXELS = "x, y, width, height in pixels"
    CORNERS = "the corners x1, y1, x2, y2 in pixels"
    SHARES = "x, y, width, height as shares of the image"

    def relative(self, box: values.Box | None, width: int, height: int) -> values.Box | None:
        """A box relative to an image of `width` x `height`."""
        if box is None or self is Reading.SHARES:
            return box
        x, y, w, h = box
        if self is Reading.CORNERS:
            w, h = w - x, h - y
        return x / width, y / height, w / width, h / height

    def frame(self, outline: object, size: tuple[int, int]) -> tuple[int, int]:
        """The size of the image to which the numbers of an outline refer."""
        polygons = outline if self is Reading.SHARES and isinstance(outline, list) else ()
        shares = bool(polygons) and all(_in_unit(part) for part in polygons)
        return (1, 1) if shares else size


def reading_of(
    path: Path, images: Mapping[Any, Mapping[str, Any]], boxes: Mapping[Any, Sequence[Any]], findings: Findings
) -> Reading:
    """How to read the boxes of a file; what is not as COCO writes it is a finding."""
    shares = corners = True
    total = beyond = parts = 0
    for (x, y, w, h), (width, height) in _sized(images, boxes):
        total += 1
        shares = shares and max(x, y, w, h) <= 1 and min(x, y, w, h) >= 0 and min(width, height) > _SMALL
        corners = corners and x < w <= width + _SLACK and y < h <= height + _SLACK
        parts += 0 < w < 1 or 0 < h < 1
        beyond += x + w > width + _SLACK or y + h > height + _SLACK
        if not shares and not corners:
            return Reading.PIXELS
    if parts and shares:
        found, action = f"{total:,} boxes of numbers from 0 to 1", "they are read as shares of the width and height"
        findings.warn("relative_boxes", path, "boxes in pixels", found, action, count=total)
        return Reading.SHARES
    if not beyond:
        return Reading.PIXELS
    sure = total >= _LEAST and 2 * beyond >= total
    found = f"{beyond:,} of {total:,} boxes that reach beyond their image, while all lie inside as x1, y1, x2, y2"
    action = "all are read as corners" if sure else "they are read as COCO says, and clipped; check them"
    findings.warn("corner_boxes", path, "boxes as x, y, width, height", found, action, count=beyond)
    return Reading.CORNERS if sure else Reading.PIXELS


def _sized(
    images: Mapping[Any, Mapping[str, Any]], boxes: Mapping[Any, Sequence[Any]]
) -> Iterator[tuple[values.Box, tuple[float, float]]]:
    """Boxes that have a size, with the declared size of their image where it is declared."""
    for image, found in boxes.items():
        entry = images.get(image)
        if entry is None:
            continue
        width, height = values.number(entry["width"]), values.number(entry["height"])
        if not width or not height:
            continue
        for one in found:
            box = values.bbox(one[2])
            if box is not None and any(box[2:]):
                yield box, (width, height)


def _in_unit(part: Any) -> bool:
    try:
        return bool(len(part)) and min(part) >= 0 and max(part) <= 1
    except TypeError:
        return False
