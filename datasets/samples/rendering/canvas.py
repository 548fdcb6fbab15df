"""The canvas: colours and, for each pixel, the thing that owns it. Painted from far to near."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from datasets.samples.rendering.camera import Array, Camera

Colour = tuple[float, float, float]
SCALE = 2  # supersampling: painted this many times larger than the final picture
_SHIFT = 4
_SUB = 1 << _SHIFT

ROAD, PAVEMENT, BUILDING, SKY, VEGETATION = range(5)
CLUTTER = 10  # 5 to 9 are the labelled classes
_TURN = np.linspace(0, 2 * np.pi, 20, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


@dataclass
class Owner:
    """A thing that owns pixels. `kind` is a semantic class; `full` counts the pixels it had before others hid it."""

    kind: int
    depth: float
    thing: int | None = None
    full: int = 0


@dataclass(frozen=True)
class Glow:
    """A source of light: pixel, radius in pixels, colour, the row of its image on wet ground, and its owner."""

    u: float
    v: float
    radius: float
    colour: Colour
    mirrored: float
    owner: int


class Canvas:
    """Colours (uint8, `SCALE` times the picture) and owners (int32) of one picture."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.rgb = np.zeros((camera.height, camera.width, 3), np.uint8)
        self.owner = np.zeros((camera.height, camera.width), np.int32)
        self.owners = [Owner(SKY, np.inf)]
        self.glows: list[Glow] = []
        self.lit: list[tuple[int, Array, Array]] = []  # owner, corner, lights of a front

    def begin(self, kind: int, depth: float, thing: int | None = None) -> int:
        """From now on painted pixels belong to a new owner. Returns its number."""
        self.owners.append(Owner(kind, depth, thing))
        return len(self.owners) - 1

    def end(self) -> None:
        """Count the pixels of the current owner while nothing nearer hides it."""
        if self.owners[-1].thing is not None:
            self.owners[-1].full = int(np.count_nonzero(self.owner[::SCALE, ::SCALE] == len(self.owners) - 1))

    def fill(self, pixels: Array | None, colour: Colour) -> None:
        """Fill a polygon given in pixels."""
        if pixels is None:
            return
        points = [np.clip(pixels * _SUB, -2e6, 2e6).astype(np.int32)]
        cv2.fillPoly(self.rgb, points, colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.owner, points, (len(self.owners) - 1,), cv2.LINE_8, _SHIFT)

    def face(self, points: Any, colour: Colour) -> None:
        """Fill a polygon given in the world."""
        self.fill(self.camera.polygon(np.asarray(points, float)), colour)

    def capsule(self, start: Array, end: Array, radii: tuple[float, float], colour: Colour, light: Colour) -> None:
        """A limb: the hull of two balls, with a lighter stroke where the light falls (from the upper left)."""
        seen = self.camera.view(np.stack([start, end]))
        if (seen[:, 2] < 1.0).any():
            return
        ends = self.camera.flatten(seen)
        sizes = np.maximum(np.asarray(radii) * self.camera.focal / seen[:, 2], 0.6)[:, None, None]
        self.fill(_hull(ends, sizes), colour)
        if sizes.max() > 2.5:
            shifted = ends + sizes[:, :, 0] * (-0.25, -0.2)
            points = [(_hull(shifted, sizes * 0.6) * _SUB).astype(np.int32)]
            cv2.fillPoly(self.rgb, points, light, cv2.LINE_AA, _SHIFT)

    def ball(self, at: Array, radius: float, colour: Colour) -> None:
        """A disc of `radius` metres that faces the camera."""
        self.balls(at[None], np.array([radius]), [colour])

    def balls(self, points: Array, radii: Array, colours: Sequence[Colour]) -> None:
        """Discs at (n, 3) world points, painted in the given order."""
        seen = self.camera.view(points)
        seen[:, 2] = np.maximum(seen[:, 2], 1.0)
        centres = (np.clip(self.camera.flatten(seen), -4000, 4000) * _SUB).astype(int).tolist()
        sizes = (np.maximum(radii * self.camera.focal / seen[:, 2], 0.7) * _SUB).astype(int).tolist()
        number = (len(self.owners) - 1,)
        for centre, size, colour in zip(centres, sizes, colours, strict=True):
            cv2.circle(self.rgb, centre, size, colour, -1, cv2.LINE_AA, _SHIFT)
            cv2.circle(self.owner, centre, size, number, -1, cv2.LINE_8, _SHIFT)

    def stroke(self, points: Array, width: float, colour: Colour, closed: bool = False) -> None:
        """A line through world points, `width` metres thick."""
        seen = self.camera.view(points)
        if (seen[:, 2] < 1.0).any():
            return
        pixels = [(self.camera.flatten(seen) * _SUB).astype(np.int32)]
        thick = max(1, round(width * self.camera.focal / float(seen[:, 2].mean())))
        cv2.polylines(self.rgb, pixels, closed, colour, thick, cv2.LINE_AA, _SHIFT)
        cv2.polylines(self.owner, pixels, closed, (len(self.owners) - 1,), thick, cv2.LINE_8, _SHIFT)

    def glow(self, at: Array, radius: float, colour: Colour) -> None:
        """A lamp of `radius` metres at a world point, drawn over what was painted before."""
        seen, mirror = self.camera.point(at), self.camera.point(np.asarray(at) * (1, 1, -1))
        if seen is not None and mirror is not None:
            size = max(radius * self.camera.focal / seen[2], 0.8)
            self.glows.append(Glow(seen[0], seen[1], size, colour, mirror[1], len(self.owners) - 1))


def _hull(ends: Array, sizes: Array) -> Array:
    points = (ends[:, None, :] + _CIRCLE[None] * sizes).reshape(-1, 2).astype(np.float32)
    return np.asarray(cv2.convexHull(points))[:, 0, :]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: `share` of the second."""
    (a, b, c), (x, y, z) = first, second
    return a + (x - a) * share, b + (y - b) * share, c + (z - c) * share
