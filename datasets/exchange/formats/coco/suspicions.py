"""What the numbers of all boxes of a file are, decided together: x, y, width, height in pixels, or something else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.coco import values

_LEAST = 3  # boxes that decide what all are
_SLACK = 1.0  # pixels
_LOOKED_AT = 5_000  # outlines
_SMALL = 8  # an image of so few pixels a side may hold boxes of one pixel


@dataclass
class Evidence:
    """What areas and outlines say of boxes: how many fit as x, y, width, height, how many as corners alone, and how
    many outlines lie elsewhere than their box (in other units, x and y exchanged)."""

    sizes: int = 0
    corners: int = 0
    elsewhere: int = 0
    example: Any = None

    def add_area(self, bbox: Any, area: Any) -> None:
        """Compare the area of an object (pixels) with those of its box; one that is neither says nothing."""
        if type(bbox) is not list or len(bbox) != 4 or type(area) not in (int, float) or area <= 0:
            return
        found = values.bbox(bbox)
        if found is not None:
            x, y, w, h = found
            near = 0.01 * area
            size = abs(w * h - area) <= near
            self.sizes += size
            self.corners += not size and w > x and h > y and abs((w - x) * (h - y) - area) <= near

    def add_outline(self, box: values.Box, outline: Any, image: Any) -> None:
        """Compare the bounds of polygons with a box."""
        try:
            flat = [part for part in outline if len(part) >= 6 and len(part) % 2 == 0]
            around = (
                min(min(part[::2]) for part in flat), min(min(part[1::2]) for part in flat),
                max(max(part[::2]) for part in flat), max(max(part[1::2]) for part in flat),
            )  # fmt: skip
        except (TypeError, ValueError):
            return
        x, y, w, h = box
        if _overlap(around, (x, y, x + w, y + h)) >= 0.5:
            self.sizes += 1
        elif w > x and h > y and _overlap(around, (x, y, w, h)) >= 0.9:
            self.corners += 1
        elif _overlap(around, (x, y, x + w, y + h)) < 0.2:
            self.elsewhere += 1
            self.example = self.example if self.example is not None else image


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
    path: Path,
    images: Mapping[Any, Mapping[str, Any]],
    boxes: Mapping[Any, Sequence[Any]],
    evidence: Evidence,
    findings: Findings,
) -> Reading:
    """How to read the boxes of a file; what is not as COCO writes it is a finding. `evidence`: that of the areas."""
    _look_at_outlines(boxes, evidence)
    found = _by_numbers(path, images, boxes, evidence, findings)
    if found is Reading.PIXELS and evidence.elsewhere:
        name = images.get(evidence.example, {}).get("file_name")
        told = f"{evidence.elsewhere:,} that lie elsewhere, the first in {name}"
        action = "both are read as they stand; check the outlines (pixels, x before y, size of the image)"
        findings.warn("outline_elsewhere", path, "outlines inside their boxes", told, action, count=evidence.elsewhere)
    return found


def _look_at_outlines(boxes: Mapping[Any, Sequence[Any]], evidence: Evidence) -> None:
    left = _LOOKED_AT
    for image, found in boxes.items():
        for one in found:
            if type(one[6]) is list and left and (box := values.bbox(one[2])) and box[2] > 0 and box[3] > 0:
                evidence.add_outline(box, one[6], image)
                left -= 1


def _by_numbers(
    path: Path,
    images: Mapping[Any, Mapping[str, Any]],
    boxes: Mapping[Any, Sequence[Any]],
    evidence: Evidence,
    findings: Findings,
) -> Reading:
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
    if corners and evidence.corners >= max(1, total // 2) and evidence.sizes * 20 <= evidence.corners:
        found = f"{evidence.corners:,} of {total:,} boxes whose area or outline fits them as x1, y1, x2, y2 alone"
        findings.warn("corner_boxes", path, "boxes as x, y, width, height", found, "all are read as corners")
        return Reading.CORNERS
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


def _overlap(one: values.Box, other: values.Box) -> float:
    """The intersection over union of two boxes of corners; 1 for two of the same that enclose nothing."""
    inner = [max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])]
    shared = max(0.0, inner[2] - inner[0]) * max(0.0, inner[3] - inner[1])
    whole = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared
    return shared / whole if whole else float(one == other)


def _in_unit(part: Any) -> bool:
    try:
        return bool(len(part)) and min(part) >= 0 and max(part) <= 1
    except TypeError:
        return False
