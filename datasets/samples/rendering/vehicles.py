"""Cars and buses: a side profile with a half-width at every corner, extruded; then windows, wheels and lamps."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).
# ruff: noqa: PLR0917

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from datasets.samples.rendering.camera import Array
from datasets.samples.rendering.canvas import Canvas, Colour, mix
from datasets.samples.rendering.mood import Mood

PAINTS: tuple[Colour, ...] = (
    (204, 58, 52), (52, 134, 140), (226, 172, 62), (240, 232, 214), (52, 78, 132), (178, 184, 190),
    (246, 246, 244), (58, 104, 76), (222, 112, 56), (58, 58, 66), (126, 176, 206), (150, 66, 92),
)  # fmt: skip
BUS_PAINTS: tuple[Colour, ...] = ((214, 62, 56), (236, 178, 48), (44, 128, 120), (62, 96, 168), (232, 118, 54))
GLASS: Colour = (58, 78, 94)
TYRE: Colour = (34, 34, 38)
_TURN = np.linspace(0, 2 * np.pi, 22, endpoint=False)


@dataclass(frozen=True)
class Body:
    """Corners (along, up, half-width) from the front bumper over the roof to the rear, in metres, and its parts."""

    profile: tuple[tuple[float, float, float], ...]
    glass: tuple[int, ...]  # strips between corner i and i + 1 that are windows
    belt: float
    windows: tuple[tuple[tuple[float, float], ...], ...]
    wheels: tuple[float, float]
    radius: float


def _coach(length: float, height: float) -> Body:
    n, h = length / 2, height
    profile = ((n, 0.38, 1.16), (n + 0.05, 1.1, 1.22), (n - 0.12, h - 0.35, 1.2), (n - 0.35, h, 1.12),
               (-n + 0.25, h, 1.12), (-n, h - 0.3, 1.2), (-n, 1.1, 1.22), (-n, 0.38, 1.16))  # fmt: skip
    edges = np.linspace(-n + 0.35, n - 0.45, int(length / 1.55) + 1)
    panes = tuple(((a + 0.06, 1.25), (b - 0.06, 1.25), (b - 0.06, h - 0.55), (a + 0.06, h - 0.55))
                  for a, b in pairwise(edges))  # fmt: skip
    return Body(profile, (1, 5), h - 0.35, panes, (n - 2.0, -n + 2.1), 0.48)


CARS = (
    Body(((2.0, 0.24, 0.8), (2.06, 0.55, 0.86), (1.92, 0.8, 0.86), (1.0, 0.98, 0.86), (0.3, 1.46, 0.68),
          (-1.25, 1.48, 0.68), (-1.88, 0.98, 0.84), (-2.0, 0.85, 0.86), (-2.02, 0.5, 0.86), (-1.98, 0.24, 0.8)),
         (3, 5), 0.95, (((0.85, 1.0), (0.24, 1.38), (-0.3, 1.4), (-0.3, 0.98)),
                        ((-0.4, 0.98), (-0.4, 1.4), (-1.2, 1.4), (-1.68, 1.0))), (1.26, -1.26), 0.33),
    Body(((2.25, 0.24, 0.82), (2.32, 0.52, 0.88), (2.15, 0.78, 0.88), (0.95, 0.95, 0.88), (0.2, 1.4, 0.68),
          (-0.95, 1.42, 0.68), (-1.6, 1.0, 0.86), (-2.25, 0.94, 0.88), (-2.32, 0.52, 0.88), (-2.25, 0.24, 0.82)),
         (3, 5), 0.93, (((0.8, 0.98), (0.14, 1.33), (-0.36, 1.35), (-0.36, 0.97)),
                        ((-0.46, 0.97), (-0.46, 1.35), (-0.92, 1.35), (-1.4, 1.0))), (1.4, -1.4), 0.34),
    Body(((2.2, 0.3, 0.86), (2.28, 0.7, 0.92), (2.1, 1.0, 0.92), (1.3, 1.14, 0.92), (0.65, 1.72, 0.76),
          (-1.9, 1.76, 0.76), (-2.18, 1.12, 0.9), (-2.25, 1.0, 0.92), (-2.28, 0.62, 0.92), (-2.2, 0.3, 0.86)),
         (3, 5), 1.1, (((1.15, 1.16), (0.58, 1.62), (-0.3, 1.66), (-0.3, 1.12)),
                       ((-0.4, 1.12), (-0.4, 1.66), (-1.2, 1.66), (-1.2, 1.12)),
                       ((-1.3, 1.12), (-1.3, 1.66), (-1.82, 1.66), (-2.02, 1.14))), (1.4, -1.4), 0.38),
)  # fmt: skip
BUSES = (_coach(10.0, 3.0), _coach(8.4, 2.85), _coach(9.0, 3.15))


class _Vehicle:
    """Paints one body at its place."""

    def __init__(self, canvas: Canvas, mood: Mood, at: tuple[float, float], heading: float, glow: float) -> None:
        self.canvas, self.mood, self.warm = canvas, mood, glow
        self.base = np.array([at[0], at[1], 0.0])
        self.ahead = np.array([np.sin(heading), np.cos(heading), 0.0])
        self.right = np.array([np.cos(heading), -np.sin(heading), 0.0])

    def world(self, points: Array | list[tuple[float, float, float]]) -> Array:
        """(n, 3) along, up, to the right -> world."""
        p = np.asarray(points, float)
        return np.asarray(self.base + p[:, :1] * self.ahead + p[:, 2:] * self.right + p[:, 1:2] * (0.0, 0.0, 1.0))

    def shade(self, colour: Colour, local: tuple[float, float, float]) -> Colour:
        """Colour of a face whose normal is (along, up, right)."""
        n = local[0] * self.ahead + local[2] * self.right
        return self.mood.shade(colour, (float(n[0]), float(n[1]), local[1]), self.warm)

    def visible(self, points: Array, local: tuple[float, float, float]) -> bool:
        normal = local[0] * self.ahead + local[2] * self.right + np.array([0, 0, local[1]])
        return bool((self.canvas.camera.eye - points.mean(0)) @ normal > 0)


def car(canvas: Canvas, mood: Mood, at: tuple[float, float], heading: float, style: int, glow: float = 0.0) -> None:
    """Paint a car; heading in radians clockwise from straight ahead, `glow` the lamp light that falls on it."""
    body = CARS[style % len(CARS)]
    _paint(_Vehicle(canvas, mood, at, heading, glow), body, PAINTS[(style // 3) % len(PAINTS)], None)


def bus(canvas: Canvas, mood: Mood, at: tuple[float, float], heading: float, style: int, glow: float = 0.0) -> None:
    """Paint a city bus."""
    paint = BUS_PAINTS[(style // 3) % len(BUS_PAINTS)]
    _paint(_Vehicle(canvas, mood, at, heading, glow), BUSES[style % len(BUSES)], paint, (244, 238, 226))


def hull(style: int, is_bus: bool) -> Array:
    """(n, 3) corners (along, up, right) that cast the shadow."""
    body = (BUSES if is_bus else CARS)[style % 3]
    return np.array([(a, h, s * w) for a, h, w in body.profile for s in (-1, 1)])


def _paint(v: _Vehicle, body: Body, paint: Colour, stripe: Colour | None) -> None:
    strips = []
    bottom = [(body.profile[i][0], 0.22, s * 0.8) for i, s in ((0, -1), (0, 1), (-1, 1), (-1, -1))]
    v.canvas.face(v.world(bottom), v.mood.shade((22, 22, 26)))
    for side in (-1.0, 1.0):
        for along in body.wheels:
            _wheel(v, along, body.radius, side * (body.profile[1][2] - 0.25), side)
    for i in range(len(body.profile) - 1):
        (a, h, w), (b, k, x) = body.profile[i], body.profile[i + 1]
        length = float(np.hypot(b - a, k - h)) or 1.0
        normal = ((k - h) / length, (a - b) / length, 0.0)
        points = v.world([(a, h, -w), (a, h, w), (b, k, x), (b, k, -x)])
        strips.append((i, normal, points))
    seen = [s for s in strips if v.visible(s[2], s[1])]
    seen.sort(key=lambda s: -float(v.canvas.camera.view(s[2])[:, 2].mean()))
    for side in (-1.0, 1.0):
        _side(v, body, paint, stripe, side)
    for i, normal, points in seen:
        _strip(v, body, i, normal, points, paint)


def _strip(v: _Vehicle, body: Body, i: int, normal: tuple[float, float, float], points: Array, paint: Colour) -> None:
    top = mix(paint, (246, 250, 255), 0.85 * v.mood.snow * (normal[1] > 0.5))
    v.canvas.face(points, v.shade(top, normal))
    inner = points.mean(0) + (points - points.mean(0)) * 0.86
    if i in body.glass:
        v.canvas.face(inner, v.shade(GLASS, (0.0, 0.6, 0.0)))
        shine = [inner[0] + (inner[1] - inner[0]) * t for t in (0.55, 0.75)]
        shine += [inner[3] + (inner[2] - inner[3]) * t for t in (0.6, 0.4)]
        v.canvas.face(shine, v.shade(mix(GLASS, (210, 226, 236), 0.35), (0.0, 0.8, 0.0)))
    elif i in {0, len(body.profile) - 2}:
        v.canvas.face(inner, v.shade(mix(paint, (40, 40, 44), 0.55), normal))
        v.canvas.face(_cell(points, 0.38, 0.62, 0.3, 0.75), v.shade((240, 238, 226), normal))
    front, rear = (1, len(body.profile) - 3)
    if i == front and 1 not in body.glass:
        v.canvas.face(_cell(points, 0.3, 0.7, 0.1, 0.6), v.shade((48, 50, 56), normal))
    if i == (front if 1 not in body.glass else 0):
        _lamps(v, points, (255, 246, 214), normal)
    if i == (rear if 5 not in body.glass or len(body.profile) > 8 else len(body.profile) - 2):
        _lamps(v, points, (226, 40, 34), normal)


def _cell(q: Array, left: float, right: float, low: float, high: float) -> Array:
    def at(s: float, t: float) -> Array:
        return np.asarray((q[0] * (1 - s) + q[1] * s) * (1 - t) + (q[3] * (1 - s) + q[2] * s) * t)

    return np.array([at(left, low), at(right, low), at(right, high), at(left, high)])


def _lamps(v: _Vehicle, points: Array, colour: Colour, normal: tuple[float, float, float]) -> None:
    on = v.mood.lamps > 0 or v.mood.name == "fog"
    for left in (0.05, 0.75):
        cell = _cell(points, left, left + 0.2, 0.15, 0.8)
        v.canvas.face(cell, colour if on else v.shade(mix(colour, (160, 160, 160), 0.25), normal))
        if on:
            v.canvas.glow(cell.mean(0), 0.14 if colour[1] > 100 else 0.09, colour)


def _side(v: _Vehicle, body: Body, paint: Colour, stripe: Colour | None, side: float) -> None:
    normal = (0.0, 0.12, side)
    outline = v.world([(a, h, side * w) for a, h, w in body.profile])
    if not v.visible(outline, (0.0, 0.0, side)):
        return
    v.canvas.face(outline, v.shade(paint, normal))
    wide, low = body.profile[1][2], body.profile[0][1]
    front, rear = body.profile[0][0], body.profile[-1][0]

    def panel(a: float, b: float, bottom: float, top: float, colour: Colour) -> None:
        v.canvas.face(v.world([(x, z, side * wide) for x, z in ((a, bottom), (b, bottom), (b, top), (a, top))]), colour)

    panel(front, rear, low, low + 0.16, v.shade(mix(paint, (30, 28, 34), 0.5), normal))
    if stripe is not None:
        panel(front, rear, 0.78, 0.98, v.shade(stripe, normal))
    for pane in body.windows:
        lean = [(a, h, side * _width(body, h)) for a, h in pane]
        v.canvas.face(v.world(lean), v.shade(GLASS, (0.0, 0.5, 0.0)))
        if stripe is not None and v.mood.lamps >= 0.45:
            v.canvas.face(v.world(lean), (250, 214, 150))
    if stripe is None:
        for along in (0.42, -0.42):
            panel(along - 0.08, along + 0.08, body.belt - 0.14, body.belt - 0.1, v.shade((60, 60, 66), normal))
        panel(-0.36, -0.34, low + 0.1, body.belt, v.shade(mix(paint, (20, 20, 26), 0.45), normal))
    for along in body.wheels:
        _disc(v, along, body.radius * 1.16, side * (wide + 0.005), v.mood.shade((26, 26, 30)))
        _wheel(v, along, body.radius, side * (wide + 0.01), side)


def _width(body: Body, height: float) -> float:
    if height <= body.belt:
        return body.profile[1][2] + 0.004
    top = max(h for _, h, _ in body.profile)
    roof = min(w for _, _, w in body.profile)
    share = (height - body.belt) / (top - body.belt)
    return body.profile[1][2] * (1 - share) + roof * share + 0.004


def _wheel(v: _Vehicle, along: float, radius: float, across: float, side: float) -> None:
    _disc(v, along, radius, across, v.mood.shade(TYRE))
    _disc(v, along, radius * 0.62, across + side * 0.01, v.shade((188, 192, 198), (0.0, 0.3, side)))
    _disc(v, along, radius * 0.28, across + side * 0.012, v.shade((110, 114, 122), (0.0, 0.3, side)))


def _disc(v: _Vehicle, along: float, radius: float, across: float, colour: Colour) -> None:
    rim = np.stack([along + radius * np.cos(_TURN), 0.33 + (radius - 0.33) * 0 + radius * np.sin(_TURN),
                    np.full_like(_TURN, across)], axis=1)  # fmt: skip
    rim[:, 1] = np.maximum(rim[:, 1] - 0.33 + min(radius, 0.48), 0.0)
    v.canvas.face(v.world(rim), colour)
