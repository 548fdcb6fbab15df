"""Key points of one object: how well each is seen, the box around them, the share of the image they stand for.

A pose is a `Label` whose `points` hold one list of relative (x, y), NaN where a point is not labelled. As in COCO, each
point has a visibility: 0 not labelled, 1 labelled but hidden, 2 seen. It is kept in the attribute `visible`, a list of
one for each point, which FiftyOne's importer of COCO writes too.
"""

import math
from collections.abc import Iterable, Sequence

from datasets.records import Label

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Shapes = Sequence[Sequence[Point]] | None

VISIBLE, AREA = "visible", "area"  # attributes of a pose; the area is a share of the image
UNLABELLED, HIDDEN, SEEN = 0, 1, 2
# Of its box, where a label names no area: jin-s13/xtcocoapi, cocoeval.py: computeOks; Ultralytics takes it as well.
FILLED = 0.53
SMALLEST = 0.01  # of the image: the least width and height of a box around points


def points(label: Label) -> tuple[Point, ...]:
    """The points of a pose, in the order of its skeleton; none for a label without any."""
    return label.points[0] if label.points else ()


def visibility(label: Label) -> list[int]:
    """How well each point is seen: 0, 1 or 2. A point that has a place and says nothing else is seen."""
    told = label.attributes.get(VISIBLE)
    known = list(told) if isinstance(told, list | tuple) else []
    here = points(label)
    known += [None] * (len(here) - len(known))
    return [
        (HIDDEN if one == HIDDEN else SEEN) if placed(point) else UNLABELLED
        for point, one in zip(here, known, strict=False)
    ]


def triples(label: Label) -> list[float]:
    """x, y and a third number for each point: the visibility of a label, the confidence of a prediction."""
    sure = label.attributes.get("confidences")
    third = sure if isinstance(sure, list) and len(sure) == len(points(label)) else visibility(label)
    return [float(value) for (x, y), one in zip(points(label), third, strict=True) for value in (x, y, one)]


def placed(point: Point) -> bool:
    """Whether a point has a place."""
    return not (math.isnan(point[0]) or math.isnan(point[1]))


def around(found: Iterable[Point]) -> Box | None:
    """The smallest box around points, at least SMALLEST wide and high; None when none has a place.

    Points on one line, or a single one, would have a box of no size, from which nothing is learned.
    """
    inner = _bounds(found)
    if inner is None:
        return None
    wide, high = max(inner[2], SMALLEST), max(inner[3], SMALLEST)
    return inner[0] - (wide - inner[2]) / 2, inner[1] - (high - inner[3]) / 2, wide, high


def box(label: Label) -> Box | None:
    """The box of the object of a pose: its own, else the one around its points."""
    return label.box or around(points(label))


def area(label: Label) -> float | None:
    """The share of the image that the object covers: what the label says, else the usual part of its box."""
    told = label.attributes.get(AREA)
    if isinstance(told, int | float) and not isinstance(told, bool) and told > 0:
        return float(told)
    found = box(label)
    return FILLED * found[2] * found[3] if found else None


def followed(held: Box, before: Shapes, after: Shapes) -> Box:
    """The box of an object whose points were moved: every side keeps its distance to the outermost point there."""
    old, new = (_bounds(shapes[0]) if shapes else None for shapes in (before, after))
    if old is None or new is None:
        return held
    left, top = held[0] + new[0] - old[0], held[1] + new[1] - old[1]
    wide, high = held[2] + new[2] - old[2], held[3] + new[3] - old[3]
    return (left, top, wide, high) if wide > 0 and high > 0 else around(after[0] if after else ()) or held


def _bounds(found: Iterable[Point]) -> Box | None:
    here = [point for point in found if placed(point)]
    if not here:
        return None
    (left, top), (right, bottom) = (tuple(map(least, zip(*here, strict=True))) for least in (min, max))
    return left, top, right - left, bottom - top
