"""Skeletons: the names of key points, which of them a line joins, and how exactly each can be placed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Edges = tuple[tuple[int, int], ...]
SIDES = {"left": "right", "right": "left", "l": "r", "r": "l"}
_PART = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Skeleton:
    """`points` (k) are names in order; `edges` pairs of their positions, from 0. Both may be empty.

    `sigmas` (k) say how far people who label a point differ, as a share of the object's scale; empty for the usual
    ones, see `sigmas_of`. Raises ValueError for edges to points that it does not name, and for sigmas that do not fit.
    """

    points: tuple[str, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    sigmas: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        last = len(self.points) - 1 if self.points else 10_000
        bad = [edge for edge in self.edges if len(edge) != 2 or not all(0 <= end <= last for end in edge)]
        if bad:
            raise ValueError(f"expected edges between {len(self.points)} points, counted from 0, found {bad[0]}")
        if self.sigmas and (len(self.sigmas) != len(self.points) or min(self.sigmas) <= 0):
            raise ValueError(f"expected {len(self.points)} sigmas above 0, found {list(self.sigmas)}")

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        edges = [list(edge) for edge in self.edges]
        return {"points": list(self.points), "edges": edges, "sigmas": list(self.sigmas)}

    @classmethod
    def read(cls, values: Mapping[str, Any] | None) -> "Skeleton | None":
        """From JSON; None for nothing."""
        if not values:
            return None
        edges = tuple((int(one), int(other)) for one, other in values.get("edges") or ())
        return cls(tuple(values.get("points") or ()), edges, tuple(values.get("sigmas") or ()))


# https://cocodataset.org/#keypoints-eval; the edges are `skeleton` of its category person, counted from 0 here.
COCO = Skeleton(
    (
        "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
        "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
        "right_ankle",
    ),
    (
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10),
        (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
    ),
    tuple(value / 10 for value in (
        0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89,
    )),
)  # fmt: skip


def sigmas_of(skeleton: Skeleton | None, count: int) -> tuple[float, ...]:
    """The sigmas of `count` points: those of the skeleton, those of COCO's persons, else 1 / count for all.

    Persons are told by the names of their points, and by 17 points where nobody named them, as Ultralytics does.
    """
    if skeleton and len(skeleton.sigmas) == count:
        return skeleton.sigmas
    names = skeleton.points if skeleton else ()
    if count == len(COCO.points) and names in ((), COCO.points):
        return COCO.sigmas
    return (1 / count,) * count if count else ()


def guessed(count: int) -> Skeleton | None:
    """The skeleton of `count` points that nobody described: a person's for 17, else None."""
    return COCO if count == len(COCO.points) else None


def mirrored(names: Sequence[str]) -> tuple[int, ...]:
    """Which point takes the place of each when the image is flipped left to right; empty where names do not tell.

    `left_eye` and `right_eye`, `eyeL` and `eyeR` change places; points without a side stay. Names that are not
    there, or a side without its other one, tell nothing.
    """
    at = {name: row for row, name in enumerate(names)}
    other = [at.get(_other_side(name), -1) for name in names]
    return tuple(other) if names and len(at) == len(names) and -1 not in other else ()


def _other_side(name: str) -> str:
    def turned(found: re.Match[str]) -> str:
        word = found.group()
        swapped = SIDES.get(word.lower())
        if swapped is None:
            return re.sub(r"(?<=[a-z])[LR]$|^[LR](?=[A-Z])", lambda side: "R" if side.group() == "L" else "L", word)
        return swapped.upper() if word.isupper() else swapped.capitalize() if word[0].isupper() else swapped

    return _PART.sub(turned, name)
