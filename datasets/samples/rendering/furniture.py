"""What stands in a street: trees, lamps, traffic lights, benches, bins, posters."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).
# ruff: noqa: RUF005, PLR0917

import numpy as np

from datasets.samples.rendering.camera import Array
from datasets.samples.rendering.canvas import Canvas, Colour, mix
from datasets.samples.rendering.mood import Mood

LEAVES: dict[str, tuple[Colour, ...]] = {
    "summer": ((74, 124, 66), (92, 142, 74), (58, 108, 76), (112, 148, 70)),
    "spring": ((238, 176, 196), (126, 168, 88), (146, 178, 92), (244, 208, 216)),
    "autumn": ((214, 132, 52), (196, 92, 50), (226, 170, 66), (150, 130, 60)),
    "winter": ((92, 116, 108), (104, 126, 116), (84, 104, 104), (112, 132, 124)),
}
POLE: Colour = (58, 66, 72)
RED: Colour = (255, 64, 48)
AMBER: Colour = (255, 186, 50)
GREEN: Colour = (70, 240, 130)


def tree(canvas: Canvas, mood: Mood, at: tuple[float, float], style: int, glow: float = 0.0) -> None:
    """A street tree, 4 to 8 metres high; its leaves are dabs, dark below and bright towards the sun."""
    rng = np.random.default_rng(style)
    height, wide = float(rng.uniform(4.2, 7.5)), float(rng.uniform(1.2, 1.9))
    foot, crown = np.array([*at, 0.0]), np.array([*at, height - wide * 0.7])
    bark = mood.shade((98, 74, 58), (0.0, 0.0, 0.4), glow)
    canvas.capsule(foot, crown, (0.16, 0.09), bark, mix(bark, (255, 240, 220), 0.12))
    for turn in rng.uniform(0, 2 * np.pi, 4):
        canvas.stroke(np.array([foot * 0.35 + crown * 0.65, crown + wide * 0.6 * _away(turn, 0.4)]), 0.09, bark)
    seen = canvas.camera.point(crown)
    if seen is None:
        return
    pixels = wide * canvas.camera.focal / seen[2]
    leaf = LEAVES[mood.season][int(rng.integers(4))]
    count = int(np.clip(pixels * 2.0, 24, 260))
    spots = _blob(rng, count) * (wide, wide, wide * 0.9)
    towards = np.array(mood.towards)
    light = np.clip(spots @ (towards * (1, 1, 0.4) + (0, 0, 0.75)) / (wide * 1.3), -1, 1)
    size = wide * 2.6 / np.sqrt(count)
    order = np.argsort(light, kind="stable")
    spots, light = spots[order], light[order]
    dabs = np.broadcast_to(np.asarray(leaf, float), (count, 3))
    dabs = _towards(dabs, (30, 44, 60), 0.75 * np.maximum(0.0, 0.25 - light))
    dabs = _towards(dabs, (255, 244, 150), 0.42 * np.maximum(0.0, light - 0.1))
    dabs = _towards(dabs, (244, 248, 252), mood.snow * 0.9 * (spots[:, 2] > wide * 0.15))
    lit = mood.shades(dabs, 0.35 + 0.35 * light, glow * np.where(spots[:, 2] < 0, 0.8, 0.3))
    canvas.balls(crown + spots, size * rng.uniform(0.6, 1.2, count), lit)


def lamp(canvas: Canvas, mood: Mood, at: tuple[float, float], side: float) -> None:
    """A street lamp whose arm reaches over the road, towards `side` (-1 left, 1 right)."""
    colour = mood.shade((54, 62, 66), (0.0, 0.0, 0.4))
    foot, top = np.array([*at, 0.0]), np.array([*at, 5.0])
    head = top + np.array([side * 0.9, 0, 0.15])
    canvas.capsule(foot, foot + (0, 0, 0.7), (0.13, 0.09), colour, mix(colour, (255, 255, 255), 0.15))
    canvas.capsule(foot, top, (0.06, 0.05), colour, mix(colour, (255, 255, 255), 0.15))
    canvas.stroke(np.array([top - (0, 0, 0.5), top + (side * 0.25, 0, 0.12), head]), 0.07, colour)
    bright = mood.lamps > 0
    glass = (255, 232, 178) if bright else mood.shade((236, 232, 216))
    canvas.capsule(head - (0.22, 0, 0.05), head + (0.22, 0, -0.05), (0.09, 0.09), glass, glass)
    canvas.face([head + (-0.4, 0, 0), head + (0.4, 0, 0), head + (0.28, 0, 0.16), head + (-0.28, 0, 0.16)], colour)
    if bright:
        canvas.glow(head, 0.2 + 0.1 * mood.lamps, (255, 204, 128))


def traffic_pole(canvas: Canvas, mood: Mood, at: tuple[float, float]) -> None:
    """The post below a traffic light: street furniture, not part of the labelled object."""
    colour = mood.shade(POLE, (0.0, 0.0, 0.4))
    foot = np.array([*at, 0.0])
    canvas.capsule(foot, foot + (0, 0, 2.6), (0.075, 0.065), colour, mix(colour, (255, 255, 255), 0.15))


def traffic_light(canvas: Canvas, mood: Mood, at: tuple[float, float], style: int, heading: float) -> None:
    """The head of a traffic light: three lamps on a dark plate; `style % 3` says which one shines."""
    right = np.array([np.cos(heading), -np.sin(heading), 0.0])
    centre = np.array([*at, 3.15])

    def plate(wide: float, high: float) -> list[Array]:
        return [centre + right * x * wide + np.array([0, 0, z * high]) for x, z in
                ((-1, -1), (1, -1), (1, -0.3), (1, 0.85), (0.8, 1), (-0.8, 1), (-1, 0.85))]  # fmt: skip

    canvas.face(plate(0.36, 0.74), mood.shade((226, 226, 218) if style % 2 else (40, 44, 46), (0.0, 0.0, 0.3)))
    canvas.face(plate(0.29, 0.67), mood.shade((34, 40, 42), (0.0, 0.0, 0.3)))
    for i, colour in enumerate((RED, AMBER, GREEN)):
        spot = centre + np.array([0, 0, 0.43 - 0.43 * i])
        shines = i == (0, 2, 0, 1, 2)[style % 5]
        canvas.ball(spot, 0.185, mood.shade((24, 26, 28)))
        canvas.ball(spot, 0.165, colour if shines else mood.shade(mix(colour, (30, 32, 34), 0.72), (0.0, 0.0, 0.3)))
        if shines:
            canvas.ball(spot + right * -0.04 + np.array([0, 0, 0.04]), 0.08, mix(colour, (255, 255, 255), 0.55))
            canvas.glow(spot, 0.15, colour)


def bench(canvas: Canvas, mood: Mood, at: tuple[float, float], style: int, glow: float = 0.0) -> None:
    """A wooden bench along the street; `style` picks its wood."""
    wood = mood.shade(
        mix(((168, 112, 70), (122, 86, 62), (96, 128, 112))[style % 3], (246, 250, 255), 0.7 * mood.snow),
        (0.0, 0.0, 0.6),
        glow,
    )
    iron = mood.shade((50, 54, 58), (0.0, 0.0, 0.4), glow)
    out = 0.28 if at[0] > 0 else -0.28
    for along in (-0.7, 0.7):
        foot = np.array([at[0], at[1] + along, 0.0])
        canvas.stroke(
            np.array([foot, foot + (0, 0, 0.45), foot + (out, 0, 0.45), foot + (out * 1.2, 0, 0.9)]), 0.06, iron
        )
        canvas.stroke(np.array([foot + (out, 0, 0), foot + (out, 0, 0.45)]), 0.06, iron)
    for across, up in ((out * 1.2, 0.86), (out * 1.1, 0.68), (out, 0.46), (out * 0.5, 0.46), (0.0, 0.46)):
        ends = [np.array([at[0] + across, at[1] + along, up]) for along in (-0.9, 0.9)]
        canvas.stroke(np.array(ends), 0.11, wood)


def waste_bin(canvas: Canvas, mood: Mood, at: tuple[float, float], style: int, glow: float = 0.0) -> None:
    """A bin, a post box or a bollard, as `style` says."""
    kinds: tuple[tuple[Colour, float, float], ...] = (((62, 104, 84), 0.24, 0.85), ((206, 62, 56), 0.26, 1.25),
             ((86, 90, 96), 0.1, 0.9), ((236, 178, 60), 0.16, 0.7))  # fmt: skip
    colour, radius, height = kinds[style % 4]
    foot = np.array([*at, radius * 0.4])
    base = mood.shade(colour, (0.0, 0.0, 0.3), glow)
    canvas.capsule(foot, foot + (0, 0, height - radius), (radius, radius), base, mix(base, (255, 250, 240), 0.14))
    cap = mood.shade(mix(mix(colour, (30, 30, 34), 0.5), (246, 250, 255), mood.snow), (0.0, 0.0, 0.8), glow)
    canvas.capsule(
        foot + (0, 0, height - radius * 0.7), foot + (0, 0, height - radius * 0.6), (radius * 1.05, radius), cap, cap
    )


def poster(canvas: Canvas, mood: Mood, at: tuple[float, float], style: int, glow: float = 0.0) -> None:
    """An advertising column with pictures that resemble labelled objects, as distractors."""
    rng = np.random.default_rng(style)
    foot = np.array([*at, 0.0])
    right, wide = canvas.camera.rotation[0], 0.62
    body: Colour = (70, 92, 88)

    def sheet(left: float, end: float, low: float, high: float, colour: Colour, light: float = 0.35) -> None:
        corners = ((left, low), (end, low), (end, high), (left, high))
        canvas.face([foot + right * x * wide + np.array([0, 0, z]) for x, z in corners],
                    mood.shade(colour, (0.0, 0.0, light), glow))  # fmt: skip

    sheet(-1, 1, 0, 2.9, body)
    paper: tuple[Colour, ...] = ((242, 226, 190), (224, 110, 92), (96, 160, 168), (240, 196, 90), (230, 226, 216))
    ground = paper[int(rng.integers(5))]
    sheet(-0.8, 0.8, 0.5, 2.35, ground, 0.5)
    ink = mix(paper[int(rng.integers(5))], (40, 44, 70), 0.6)
    for line in (0.72, 0.6):
        sheet(-0.6, float(rng.uniform(0.1, 0.6)), line, line + 0.07, ink)
    turn = np.linspace(0, 2 * np.pi, 24)
    for radius, tint in ((0.55, mix(ground, (255, 255, 255), 0.5)), (0.32, ink)):
        canvas.face([foot + right * (wide * 0.9 * radius * np.cos(t)) + np.array([0, 0, 1.55 + radius * np.sin(t)])
                     for t in turn], mood.shade(tint, (0.0, 0.0, 0.5), glow))  # fmt: skip
    for left, tint in ((-1.0, (0, 0, 0)), (0.86, (255, 255, 255))):
        sheet(left, left + 0.14, 0, 2.9, mix(body, tint, 0.25))
    canvas.face([foot + right * x * wide + np.array([0, 0, z]) for x, z in
                 ((-1.2, 2.9), (1.2, 2.9), (0.9, 3.15), (0.3, 3.4), (-0.3, 3.4), (-0.9, 3.15))],
                mood.shade(mix((54, 74, 70), (246, 250, 255), mood.snow), (0.0, 0.0, 0.6), glow))  # fmt: skip


def hedge(canvas: Canvas, mood: Mood, start: tuple[float, float], end: tuple[float, float], style: int) -> None:
    """A row of bushes between two points on the ground."""
    rng = np.random.default_rng(style)
    leaf = LEAVES["summer" if mood.season == "spring" else mood.season][int(rng.integers(4))]
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    spots, colours = [], []
    for up, tone in ((0.3, -0.25), (0.62, 0.0), (0.85, 0.2)):
        for share in np.arange(1, 0, -0.4 / length):
            x, y = start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
            spots.append(np.array([x, y, up]) + rng.normal(0, 0.1, 3))
            dab = mix(leaf, (30, 44, 52) if tone < 0 else (250, 244, 180), abs(tone) * rng.uniform(0.5, 1.3))
            dab = mix(dab, (244, 248, 252), 0.9 * mood.snow * (up > 0.8))
            colours.append(mood.shade(dab, (0.0, 0.0, 0.3 + up * 0.4)))
    canvas.balls(np.array(spots), rng.uniform(0.22, 0.36, len(spots)), colours)


def _away(turn: float, up: float) -> Array:
    return np.array([np.cos(turn), np.sin(turn), up])


def _towards(colours: Array, goal: Colour, share: Array) -> Array:
    return np.asarray(colours + (np.asarray(goal) - colours) * share[:, None])


def _blob(rng: np.random.Generator, count: int) -> Array:
    spots = rng.normal(0, 1, (count, 3))
    spots /= np.linalg.norm(spots, axis=1, keepdims=True)
    return np.asarray(spots * rng.uniform(0.35, 1.0, (count, 1)))
