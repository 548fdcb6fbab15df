"""What annotation tools draw on an image, as labels: boxes, areas with a mask, lines, points, and classes of the image.

Places are pixels, origin top left, edges (not pixel centres). An area covers the pixels that pycocotools gives its
polygon; circles and ellipses are polygons that leave them by less than a twentieth of a pixel.
"""

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common.parsing import class_name, finite
from datasets.exchange.formats.common.shapes import box_of, polygon
from datasets.exchange.formats.several import grouped
from datasets.images.outlines import mask_of, polygon_runs, runs_of
from datasets.images.pixels import decoding, opened
from datasets.kinds import CLASSIFICATIONS, DETECTIONS, KEYPOINTS, POLYLINES, Kind
from datasets.limits import most_pixels
from datasets.records import Label, Outline
from datasets.storage.labels import attribute_name

Point = tuple[float, float]
_SAGITTA = 0.05  # pixels between a circle and the polygon that stands for it
_MOST_CORNERS = 10_000
_LONGEST = 10_000


@dataclass
class Drawing:
    """The labels of one image of `size` (width, height), while its entry in a file is read; `where` names that."""

    size: tuple[int, int]
    where: str
    findings: Findings
    found: dict[str, list[Label]] = field(default_factory=dict)

    @contextmanager
    def shape(self, number: int, word: str = "shape") -> Iterator[str]:
        """One shape; what makes no sense in it is a finding, and it is left out."""
        where = f"{self.where}: {word} {number}"
        try:
            yield where
        except (ValueError, TypeError, KeyError, OverflowError) as wrong:
            found = f"no {wrong}" if isinstance(wrong, KeyError) else str(wrong)
            self.findings.warn("bad_shape", where, "a class, and numbers that fit the image", found[:200], "left out")

    def box(self, name: object, corners: Sequence[object], attributes: Mapping[str, Any], **more: Any) -> None:
        """A box by two opposite corners `x, y, x, y`, in any order."""
        x, y, right, bottom = map(number, corners)
        left, top, width, height = min(x, right), min(y, bottom), abs(right - x), abs(bottom - y)
        across, down = self.size
        self.add(DETECTIONS, name, attributes, box=(left / across, top / down, width / across, height / down), **more)

    def area(
        self, name: object, rings: Sequence[Sequence[Point]], attributes: Mapping[str, Any], where: str,
        holes: Sequence[Sequence[Point]] = (), **more: Any,
    ) -> None:  # fmt: skip
        """An object that covers what lies in any of the rings, and in no hole."""
        outer, inner = self._polygons(rings, where), self._polygons(holes, where)
        if not outer:
            raise ValueError("no area of 3 or more points")
        outline = Outline(self.size, tuple(outer))
        box = box_of(outline)
        if inner:
            mask = mask_of(polygon_runs(outer, self.size), self.size) * (1 - mask_of(
                polygon_runs(inner, self.size), self.size
            ))  # fmt: skip
            outline = Outline(self.size, runs=runs_of(mask))
        self.add(DETECTIONS, name, attributes, box=box, outline=outline, **more)

    def mask(self, name: object, left: int, top: int, pixels: NDArray[Any], attributes: Mapping[str, Any]) -> None:
        """An object whose pixels are those that are not 0 in an array (h, w) with its first pixel at left, top."""
        width, height = self.size
        if width * height > most_pixels():
            raise ValueError(f"an image of {width} x {height} pixels")
        whole = np.zeros((height, width), np.uint8)
        y, x = np.nonzero(pixels)
        inside = (y + top >= 0) & (y + top < height) & (x + left >= 0) & (x + left < width)
        whole[y[inside] + top, x[inside] + left] = 1
        outline = Outline(self.size, runs=runs_of(whole))
        box = box_of(outline)
        if box is None:
            raise ValueError("a mask without a pixel in the image")
        self.add(DETECTIONS, name, attributes, box=box, outline=outline)

    def line(
        self, name: object, places: Sequence[Point], attributes: Mapping[str, Any], *, closed: bool = False
    ) -> None:
        """A line through two or more points."""
        if len(places) < 2:
            raise ValueError(f"a line of {len(places)} points")
        more = {**attributes, "closed": closed, "filled": False}
        self.add(POLYLINES, name, more, points=(self._relative(places),))

    def point(self, name: object, place: Point, attributes: Mapping[str, Any]) -> None:
        """A single point."""
        self.add(KEYPOINTS, name, attributes, points=(self._relative([place]),))

    def tag(self, name: object) -> None:
        """A class of the whole image."""
        self.add(CLASSIFICATIONS, name, {})

    def add(self, kind: Kind, name: object, attributes: Mapping[str, Any], **parts: Any) -> None:
        """A label of a kind. Raises ValueError for a name that no class may have."""
        made = Label(class_name(name), attributes=plain_attributes(attributes), **parts)
        self.found.setdefault(grouped("", kind), []).append(made)

    def others(self) -> dict[str, tuple[Label, ...]]:
        """All labels by group and kind, as `several.gathered` takes them."""
        return {key: tuple(labels) for key, labels in self.found.items()}

    def _polygons(self, rings: Sequence[Sequence[Point]], where: str) -> list[Any]:
        flat = ([value for point in ring for value in point] for ring in rings)
        made = (polygon(values, self.size, where, self.findings) for values in flat)
        return [one for one in made if one is not None]

    def _relative(self, places: Sequence[Point]) -> tuple[Point, ...]:
        return tuple((x / self.size[0], y / self.size[1]) for x, y in places)


def number(value: object) -> float:
    """A finite number, also one that is written as text. Raises ValueError."""
    found = finite(value)
    if found is None and isinstance(value, str) and len(value) < 400:
        try:
            found = finite(float(value))
        except ValueError:
            found = None
    if found is None:
        raise ValueError(f"{str(value)[:60]!r} as a number")
    return found


def points(value: object) -> list[Point]:
    """Points as `[[x, y], ...]` or `[{"x": 1, "y": 2}, ...]`. Raises ValueError."""
    if not isinstance(value, list):
        raise ValueError(f"{str(value)[:60]!r} as points")
    pairs = [(one.get("x"), one.get("y")) if isinstance(one, dict) else one for one in value]
    if not all(isinstance(one, list | tuple) and len(one) >= 2 for one in pairs):
        raise ValueError(f"{str(value)[:60]!r} as points")
    return [(number(one[0]), number(one[1])) for one in pairs]


def ellipse(centre: Point, radii: Point, angle: float = 0.0) -> list[Point]:
    """Points of an ellipse whose first radius is turned clockwise by `angle`, in radians, from the x axis.

    Raises ValueError for a radius that is not positive.
    """
    if min(radii) <= 0:
        raise ValueError(f"a radius of {min(radii):g}")
    longest = max(*radii, _SAGITTA)
    steps = math.ceil(math.pi / math.acos(max(-1.0, 1 - _SAGITTA / longest)))
    count = min(max(12, steps), _MOST_CORNERS)
    cos, sin = math.cos(angle), math.sin(angle)
    made = []
    for step in range(count):
        turn = 2 * math.pi * step / count
        x, y = radii[0] * math.cos(turn), radii[1] * math.sin(turn)
        made.append((centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos))
    return made


def picture(data: bytes) -> NDArray[Any]:
    """The mask (h, w) that an image file holds: its alpha where it has that, else its grey values.

    Raises ValueError when it cannot be read.
    """
    try:
        with opened(io.BytesIO(data)) as image, decoding(image.width * image.height):
            whole = image.convert("RGBA") if image.mode == "P" else image
            return np.asarray(whole.getchannel("A") if "A" in whole.getbands() else whole.convert("L"))
    except (OSError, SyntaxError, MemoryError, RuntimeError) as wrong:
        raise ValueError(f"a mask that cannot be read ({wrong})") from wrong


def plain_attributes(found: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that say something (text, numbers, yes or no, lists of those), under names that a label may have."""
    return {attribute_name(str(key))[:200]: value for key, value in found.items() if _is_plain(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return 0 < len(value) <= 100 and all(_is_plain(one) and not isinstance(one, list) for one in value)
    if isinstance(value, int):
        return abs(value) < 1 << 63
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str) and 0 < len(value) <= _LONGEST
