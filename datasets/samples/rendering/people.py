"""People on foot and on bicycles: limbs between joints, painted from the far one to the near one."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).
# ruff: noqa: RUF005, PLR0917

from dataclasses import dataclass

import numpy as np

from datasets.samples.rendering.camera import Array
from datasets.samples.rendering.canvas import Canvas, Colour, mix
from datasets.samples.rendering.mood import Mood

SKINS: tuple[Colour, ...] = ((250, 212, 182), (234, 186, 148), (198, 142, 104), (146, 98, 68), (98, 66, 50))
HAIRS: tuple[Colour, ...] = (
    (48, 36, 32),
    (92, 60, 42),
    (176, 120, 66),
    (222, 186, 118),
    (150, 148, 150),
    (140, 58, 38),
)
TOPS: tuple[Colour, ...] = (
    (214, 74, 66), (240, 182, 70), (62, 120, 150), (242, 236, 224), (96, 150, 110), (230, 134, 96), (120, 88, 140),
    (70, 74, 92), (234, 160, 170), (52, 92, 84), (196, 168, 128),
)  # fmt: skip
LEGS: tuple[Colour, ...] = ((52, 62, 92), (60, 56, 60), (140, 120, 96), (90, 104, 124), (196, 184, 160), (92, 52, 60))
UMBRELLAS: tuple[Colour, ...] = ((204, 62, 66), (240, 186, 66), (60, 110, 150), (90, 148, 120), (226, 130, 150))
_Limb = tuple[Array, Array, tuple[float, float], Colour]


@dataclass(frozen=True)
class Figure:
    """Where a person is (x, y), which way they face (radians clockwise from ahead), their looks and their step."""

    at: tuple[float, float]
    heading: float
    style: int
    phase: float
    glow: float = 0.0


class _Joints:
    def __init__(self, figure: Figure) -> None:
        self.base = np.array([*figure.at, 0.0])
        self.ahead = np.array([np.sin(figure.heading), np.cos(figure.heading), 0.0])
        self.right = np.array([np.cos(figure.heading), -np.sin(figure.heading), 0.0])

    def at(self, ahead: float, right: float, up: float) -> Array:
        return np.asarray(self.base + self.ahead * ahead + self.right * right + np.array([0, 0, up]))


def pedestrian(canvas: Canvas, mood: Mood, figure: Figure) -> None:
    """Paint a person who walks (or stands, at step 0)."""
    rng = np.random.default_rng(figure.style)
    size = float(rng.uniform(0.62, 0.75) if rng.random() < 0.12 else rng.uniform(0.93, 1.08))
    skin, hair, top, leg = (_pick(rng, c) for c in (SKINS, HAIRS, TOPS, LEGS))
    joints, limbs = _Joints(figure), []
    swing = np.sin(figure.phase)
    skirt = rng.random() < 0.3
    coat = rng.random() < 0.45 or mood.season == "winter"
    for side in (-1.0, 1.0):
        limbs += _leg(joints, size, side, swing * side, skin if skirt and mood.season != "winter" else leg)
        limbs += _arm(joints, size, side, -swing * side, top, skin)
    limbs.append((joints.at(0, 0, 0.88 * size), joints.at(0.02, 0, 1.32 * size), (0.15 * size, 0.2 * size), top))
    if skirt or coat:
        hem = 0.52 if skirt else 0.66
        cloth = leg if skirt and not coat else top
        limbs.append((joints.at(0, 0, 1.0 * size), joints.at(0, 0, hem * size), (0.15 * size, 0.23 * size), cloth))
    limbs += _head(joints, size, 1.62 * size, skin, hair, rng, cold=mood.season == "winter")
    if rng.random() < 0.4:
        bag = joints.at(-0.05, 0.27 * size, 0.78 * size)
        limbs.append((bag, bag + (0, 0, 0.12), (0.13 * size, 0.11 * size), _pick(rng, TOPS)))
    if mood.name == "rain" and rng.random() < 0.6:
        limbs.append((joints.at(0.2, 0.2, 1.1 * size), joints.at(0.1, 0.1, 2.1 * size), (0.015, 0.015), (60, 56, 56)))
        _draw(canvas, mood, limbs, figure.glow)
        return _umbrella(canvas, mood, joints.at(0.1, 0.1, 1.86 * size), _pick(rng, UMBRELLAS), figure.glow)
    return _draw(canvas, mood, limbs, figure.glow)


def cyclist(canvas: Canvas, mood: Mood, figure: Figure, ridden: bool = True) -> None:
    """Paint a bicycle, with its rider unless it is parked."""
    rng = np.random.default_rng(figure.style)
    paint = _pick(rng, ((204, 60, 58), (46, 132, 132), (240, 190, 70), (60, 84, 150), (240, 236, 226), (60, 60, 64)))
    skin, hair, top, leg = (_pick(rng, c) for c in (SKINS, HAIRS, TOPS, LEGS))
    joints = _Joints(figure)
    _bicycle(canvas, mood, joints, paint, figure.glow)
    if not ridden:
        return
    limbs: list[_Limb] = []
    hip, chest, grip = (-0.2, 0.98), (0.1, 1.45), (0.46, 1.08)
    for side in (-1.0, 1.0):
        turn = figure.phase + (np.pi if side > 0 else 0)
        foot = (0.0 + 0.16 * np.cos(turn), 0.34 + 0.16 * np.sin(turn))
        knee = (0.24 + 0.08 * np.cos(turn), 0.76 + 0.1 * np.sin(turn))
        limbs.append(
            (joints.at(hip[0], side * 0.1, hip[1]), joints.at(knee[0], side * 0.11, knee[1]), (0.1, 0.08), leg)
        )
        limbs.append((joints.at(knee[0], side * 0.11, knee[1]), joints.at(*_in(foot, side * 0.11)), (0.08, 0.05), leg))
        limbs.append((joints.at(*_in(foot, side * 0.11)), joints.at(foot[0] + 0.14, side * 0.11, foot[1] - 0.03),
                      (0.06, 0.05), (50, 46, 50)))  # fmt: skip
        elbow = joints.at(0.24, side * 0.24, 1.2)
        limbs.append((joints.at(chest[0], side * 0.17, 1.42), elbow, (0.07, 0.06), top))
        limbs.append((elbow, joints.at(grip[0], side * 0.22, grip[1]), (0.055, 0.045), skin))
    limbs.append((joints.at(hip[0], 0, hip[1]), joints.at(chest[0], 0, chest[1]), (0.16, 0.19), top))
    limbs += _head(
        joints, 1.0, 1.72, skin, hair, rng, cold=False, ahead=0.2, helmet=paint if rng.random() < 0.6 else None
    )
    _draw(canvas, mood, limbs, figure.glow)


def _in(foot: tuple[float, float], side: float) -> tuple[float, float, float]:
    return foot[0], side, foot[1]


def _bicycle(canvas: Canvas, mood: Mood, joints: _Joints, paint: Colour, glow: float) -> None:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    dark, metal = mood.shade((40, 40, 44), glow=glow), mood.shade((170, 174, 180), glow=glow)
    colour = mood.shade(paint, (0.0, 0.0, 0.8), glow)
    for centre in (-0.52, 0.52):
        rim = np.array([joints.at(centre + 0.33 * np.cos(t), 0, 0.35 + 0.33 * np.sin(t)) for t in turn])
        for t in turn[::4]:
            canvas.stroke(np.array([joints.at(centre, 0, 0.35), joints.at(centre + 0.32 * np.cos(t), 0,
                          0.35 + 0.32 * np.sin(t))]), 0.008, metal)  # fmt: skip
        canvas.stroke(rim, 0.06, dark, closed=True)
    rear, front, crank = joints.at(-0.52, 0, 0.35), joints.at(0.52, 0, 0.35), joints.at(0, 0, 0.34)
    saddle, stem = joints.at(-0.2, 0, 0.86), joints.at(0.36, 0, 0.86)
    for line in ([rear, crank, stem, saddle, rear], [crank, saddle], [front, stem, joints.at(0.34, 0, 1.02)]):
        canvas.stroke(np.array(line), 0.055, colour)
    canvas.stroke(
        np.array([joints.at(0.4, -0.26, 1.06), joints.at(0.34, 0, 1.02), joints.at(0.4, 0.26, 1.06)]), 0.05, dark
    )
    canvas.stroke(np.array([joints.at(-0.32, 0, 0.92), joints.at(-0.08, 0, 0.92)]), 0.1, dark)
    if mood.lamps > 0:
        canvas.glow(joints.at(0.5, 0, 0.86), 0.06, (255, 246, 214))
        canvas.glow(joints.at(-0.6, 0, 0.7), 0.05, (226, 40, 34))


def _leg(joints: _Joints, size: float, side: float, swing: float, cloth: Colour) -> list[_Limb]:
    hip = joints.at(0, side * 0.09 * size, 0.88 * size)
    knee = joints.at(0.2 * swing * size, side * 0.09 * size, (0.48 + 0.02 * abs(swing)) * size)
    back = -0.1 if swing < 0 else 0.0
    foot_at = ((0.34 * swing + back) * size, side * 0.09 * size, (0.07 + (0.07 if swing < -0.3 else 0)) * size)
    foot = joints.at(*foot_at)
    toe = joints.at(foot_at[0] + 0.14 * size, foot_at[1], foot_at[2] - 0.02)
    return [(hip, knee, (0.105 * size, 0.08 * size), cloth), (knee, foot, (0.08 * size, 0.055 * size), cloth),
            (foot, toe, (0.065 * size, 0.05 * size), (56, 44, 44))]  # fmt: skip


def _arm(joints: _Joints, size: float, side: float, swing: float, cloth: Colour, skin: Colour) -> list[_Limb]:
    shoulder = joints.at(0.02, side * 0.22 * size, 1.36 * size)
    elbow = joints.at(0.12 * swing * size, side * 0.26 * size, 1.08 * size)
    hand = joints.at((0.24 * swing + 0.06) * size, side * 0.25 * size, 0.84 * size)
    return [(shoulder, elbow, (0.075 * size, 0.065 * size), cloth), (elbow, hand, (0.06 * size, 0.05 * size), cloth),
            (hand, hand + (0, 0, -0.04), (0.05 * size, 0.045 * size), skin)]  # fmt: skip


def _head(
    joints: _Joints,
    size: float,
    up: float,
    skin: Colour,
    hair: Colour,
    rng: np.random.Generator,
    cold: bool,
    ahead: float = 0.03,
    helmet: Colour | None = None,
) -> list[_Limb]:
    face = joints.at(ahead, 0, up)
    limbs = [(joints.at(ahead - 0.02, 0, up - 0.2 * size), face, (0.06 * size, 0.06 * size),
              mix(skin, (90, 50, 40), 0.2)),
             (face, face + (0, 0, 0.05), (0.12 * size, 0.125 * size), skin)]  # fmt: skip
    crown = joints.at(ahead - 0.05, 0, up + 0.115 * size)
    cover = helmet if helmet is not None else _pick(rng, TOPS) if cold or rng.random() < 0.15 else hair
    for side in (-0.045, 0.045):
        eye = face + joints.ahead * 0.115 * size + joints.right * side * size + (0, 0, 0.05 * size)
        limbs.append((eye, eye + (0, 0, 0.01), (0.011 * size, 0.011 * size), (44, 34, 36)))
    limbs.append((crown, crown + joints.ahead * 0.05, (0.138 * size, 0.115 * size), cover))
    if rng.random() < 0.45:
        tail = joints.at(ahead - 0.1, 0, up)
        limbs.append((tail, tail + (0, 0, -0.22 * size), (0.1 * size, 0.07 * size), hair))
    return limbs


def _umbrella(canvas: Canvas, mood: Mood, rim: Array, colour: Colour, glow: float) -> None:
    right, wide = canvas.camera.rotation[0], 0.56
    for share, tint in ((1.0, 0.0), (0.62, 0.1), (0.24, 0.2)):
        arc = [
            rim + right * np.cos(t) * wide * share + np.array([0, 0, np.sin(t) * 0.4])
            for t in np.linspace(0, np.pi, 14)
        ]
        dips = [rim + right * x * wide * share + np.array([0, 0, 0.05 * (i % 2)])
                for i, x in enumerate(np.linspace(-1, 1, 9))]  # fmt: skip
        canvas.face(np.array(arc + dips), mood.shade(mix(colour, (255, 255, 255), tint), (0.0, 0.0, 0.6), glow))


def _draw(canvas: Canvas, mood: Mood, limbs: list[_Limb], glow: float) -> None:
    middles = canvas.camera.view(np.array([(start + end) / 2 for start, end, _, _ in limbs]))[:, 2]
    for i in np.argsort(-middles, kind="stable"):
        start, end, radii, colour = limbs[i]
        base = mood.shade(colour, (0.0, 0.0, 0.35), glow)
        bright = mood.shade(mix(colour, (255, 250, 240), 0.14), mood.towards, glow)
        canvas.capsule(start, end, radii, base, bright)


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    return colours[int(rng.integers(len(colours)))]
