"""What a street scene is made of, before anything is painted: camera, light, ground plan, houses and things."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).

from dataclasses import dataclass, field, replace

import numpy as np

from datasets.samples.rendering.camera import Camera
from datasets.samples.rendering.canvas import SCALE
from datasets.samples.rendering.facades import STYLES, Building
from datasets.samples.rendering.mood import Mood, mood

CLASSES = ("car", "bus", "pedestrian", "bicycle", "traffic light")
SIZE = (640, 400)


@dataclass(frozen=True)
class Thing:
    """Something that stands or moves in the street. `kind` is one of CLASSES or the name of a piece of furniture.

    `at` is (x, y) in metres, heading in radians clockwise from ahead, `speed` in metres per second along the heading.
    """

    kind: str
    at: tuple[float, float]
    heading: float
    style: int
    phase: float = 0.0
    speed: float = 0.0
    flag: bool = False  # a bicycle without rider; a lamp that reaches to the left

    def later(self, seconds: float) -> "Thing":
        """The same thing some time later."""
        x = self.at[0] + np.sin(self.heading) * self.speed * seconds
        y = self.at[1] + np.cos(self.heading) * self.speed * seconds
        return replace(self, at=(float(x), float(y)), phase=self.phase + 4.4 * seconds * (self.speed > 0))


@dataclass(frozen=True)
class Plan:
    """The ground plan: half the road's width, the pavement's width, the crossing street, which side is a park."""

    half: float
    walk: float
    junction: tuple[float, float] | None
    zebra: float | None
    park: int
    bikeway: bool

    @property
    def front(self) -> float:
        """Distance of the house fronts from the middle of the road."""
        return self.half + self.walk


@dataclass(frozen=True)
class Scene:
    """All that the renderer needs; the same scene gives the same picture."""

    seed: int
    camera: Camera
    mood: Mood
    plan: Plan
    buildings: tuple[Building, ...]
    things: tuple[Thing, ...] = field(default=())


def compose(seed: int, name: str) -> Scene:
    """A scene of this class (see `mood.SCENES`), the same for the same seed."""
    rng = np.random.default_rng(seed)
    zebra = float(rng.uniform(8, 14)) if rng.random() < 0.75 else None
    start = (zebra or 12.0) + float(rng.uniform(3.5, 6))
    junction = (start, start + float(rng.uniform(7, 9.5))) if rng.random() < 0.7 else None
    plan = Plan(float(rng.uniform(3.6, 5.6)), float(rng.uniform(2.8, 4.2)), junction, zebra,
                int(rng.choice([0, 0, 0, -1, 1])), bool(rng.random() < 0.35))  # fmt: skip
    camera = _camera(rng, plan)
    things = _furniture(rng, plan) + _traffic(rng, plan) + _people(rng, plan)
    return Scene(seed, camera, mood(name, rng), plan, _houses(rng, plan), tuple(things))


def _camera(rng: np.random.Generator, plan: Plan) -> Camera:
    side = float(rng.uniform(-0.85, 0.85))
    x = side * plan.front
    yaw = -side * float(rng.uniform(0.05, 0.5)) + float(rng.normal(0, 0.08))
    height = float(rng.uniform(1.5, 2.4) if rng.random() < 0.65 else rng.uniform(2.6, 5.0))
    pitch = float(0.035 * (height - 1.6) + rng.normal(0.0, 0.02))
    focal = float(rng.uniform(0.75, 1.2)) * SIZE[0] * SCALE
    return Camera((x, 0.0, height), yaw, pitch, focal, SIZE[0] * SCALE, SIZE[1] * SCALE)


def _houses(rng: np.random.Generator, plan: Plan) -> tuple[Building, ...]:
    found = []
    for side in (-1, 1):
        y = float(rng.uniform(-14, -8))
        while y < 78 and plan.park != side:
            wide = float(rng.uniform(8, 15))
            if plan.junction and y < plan.junction[1] + plan.walk and y + wide > plan.junction[0] - plan.walk:
                if plan.junction[0] - plan.walk - y > 4:
                    wide = plan.junction[0] - plan.walk - y
                else:
                    y = plan.junction[1] + plan.walk
                    continue
            found.append(_house(rng, plan, (y, y + wide), side))
            y += wide
    found += _behind(rng, plan)
    return tuple(found)


def _house(rng: np.random.Generator, plan: Plan, span: tuple[float, float], side: int) -> Building:
    corners = [plan.junction[0] - plan.walk, plan.junction[1] + plan.walk] if plan.junction else []
    near, far = ((side * plan.front, y) for y in span)
    free = tuple(any(abs(y - corner) < 0.01 for corner in corners) for y in span)
    start, end, ends = (near, far, (free[0], free[1])) if side < 0 else (far, near, (free[1], free[0]))
    return Building(start, end, float(rng.uniform(7.5, 14)), 12.0, int(rng.integers(STYLES)), ends)


def _behind(rng: np.random.Generator, plan: Plan) -> list[Building]:
    """Houses across the far end of the street and along the crossing street."""
    found, x = [], -60.0
    while x < 60:
        wide = float(rng.uniform(9, 15))
        if abs(x + wide / 2) > plan.half + 3 or plan.half < 4.4:
            found.append(
                Building((x, 82.0), (x + wide, 82.0), float(rng.uniform(9, 18)), 10.0, int(rng.integers(STYLES)))
            )
        x += wide
    if plan.junction is None:
        return found
    for side in (-1, 1):
        if plan.park == side:
            continue
        x = plan.front + 12.0
        while x < 48:
            wide = float(rng.uniform(8, 13))
            left = x if side > 0 else -x - wide
            y = plan.junction[1] + plan.walk
            found.append(
                Building((left, y), (left + wide, y), float(rng.uniform(8, 15)), 10.0, int(rng.integers(STYLES)))
            )
            x += wide
    return found


def _furniture(rng: np.random.Generator, plan: Plan) -> list[Thing]:
    found = []
    for side in (-1, 1):
        kerb = side * (plan.half + 0.55)
        trees, spacing = rng.random() < 0.7, float(rng.uniform(6.5, 10))
        for i, y in enumerate(np.arange(float(rng.uniform(3, 7)), 66, spacing)):
            if _open(plan, float(y)):
                if trees and (i % 3 != 1 or plan.park == side):
                    found.append(Thing("tree", (kerb, float(y)), 0.0, int(rng.integers(1 << 30))))
                elif i % 3 == 1:
                    found.append(Thing("lamp", (kerb, float(y)), 0.0, 0, flag=side > 0))
        wall = side * (plan.front - 0.7)
        for y in rng.uniform(5, 40, 6):
            kind = str(rng.choice(["bench", "waste_bin", "waste_bin", "waste_bin", "poster"]))
            if _open(plan, float(y)):
                found.append(
                    Thing(kind, (wall if kind == "bench" else kerb, float(y)), 0.0, int(rng.integers(1 << 30)))
                )
        if plan.park == side:
            found += _park(rng, plan, side)
    return found


def _park(rng: np.random.Generator, plan: Plan, side: int) -> list[Thing]:
    found = []
    for _ in range(26):
        at = (side * (plan.front + float(rng.uniform(2, 22))), float(rng.uniform(4, 70)))
        if _open(plan, at[1]):
            found.append(Thing("tree", at, 0.0, int(rng.integers(1 << 30))))
    for y in range(-4, 66, 6):
        if _open(plan, y) and _open(plan, y + 6):
            found.append(Thing("hedge", (side * (plan.front + 0.6), float(y)), 0.0, int(rng.integers(1 << 30))))
    return found


def _traffic(rng: np.random.Generator, plan: Plan) -> list[Thing]:
    found, taken = [], []
    parked = [side for side in (-1, 1) if plan.half > 4.3 and rng.random() < 0.8]
    for side in parked:
        for y in np.arange(float(rng.uniform(5, 9)), 60, 5.6):
            if rng.random() < 0.6 and _open(plan, float(y), 3.5):
                found.append(Thing("car", (side * (plan.half - 1.0), float(y)), 0.0 if side > 0 else np.pi, _any(rng)))
    lane = plan.half / 2 - (0.55 if parked else 0.0)
    for side in (-1, 1):
        y = float(rng.uniform(6, 16))
        while y < 62:
            big = rng.random() < 0.3
            taken.append(y)
            kind, heading = ("bus" if big else "car"), (0.0 if side > 0 else np.pi)
            if not (plan.zebra and abs(y - plan.zebra) < (7 if big else 4)):
                found.append(Thing(kind, (side * lane, y + (3 if big else 0)), heading + float(rng.normal(0, 0.02)),
                                   _any(rng),
                                   speed=float(rng.uniform(3, 6))))  # fmt: skip
            y += float(rng.uniform(8, 22)) + (7 if big else 0)
    if plan.junction and rng.random() < 0.7:
        heading = float(rng.choice([-1, 1])) * np.pi / 2
        y = (plan.junction[0] + plan.junction[1]) / 2 - np.sign(heading) * 1.9
        kind = "bus" if rng.random() < 0.35 else "car"
        found.append(Thing(kind, (float(rng.uniform(-6, 6)), float(y)), heading, _any(rng), speed=3.0))
    return found + _signals(rng, plan)


def _signals(rng: np.random.Generator, plan: Plan) -> list[Thing]:
    if plan.junction is None and plan.zebra is None:
        return []
    rows = [plan.zebra + 1.9] if plan.zebra else []
    rows += [plan.junction[1] + 0.8] if plan.junction else []
    state = _any(rng)
    return [Thing("traffic light", (side * (plan.half + 0.4), y), float(rng.normal(0, 0.12)), state)
            for y in rows for side in (-1, 1) if rng.random() < 0.85]  # fmt: skip


def _people(rng: np.random.Generator, plan: Plan) -> list[Thing]:
    found = []
    for side in (-1, 1):
        for _ in range(int(rng.integers(2, 8))):
            at = (side * (plan.half + float(rng.uniform(1.0, max(1.2, plan.walk - 0.6)))), float(rng.uniform(5, 34)))
            found.append(_walker(rng, at, 0.0 if rng.random() < 0.5 else np.pi))
        if rng.random() < 0.4:
            y = float(rng.uniform(6, 20))
            for i in range(int(rng.integers(1, 4))):
                found.append(
                    Thing(
                        "bicycle",
                        (side * (plan.front - 0.9), y + 0.7 * i),
                        np.pi / 2 * side + 0.3,
                        _any(rng),
                        flag=True,
                    )
                )
        for _ in range(int(rng.integers(0, 3))):
            across = plan.half - 0.6 if not plan.bikeway else plan.half + 0.9
            heading = (0.0 if side > 0 else np.pi) + float(rng.normal(0, 0.12))
            at = (side * across, float(rng.uniform(6, 28)))
            found.append(Thing("bicycle", at, heading, _any(rng), float(rng.uniform(0, 6)), 3.2))
    if plan.zebra:
        for _ in range(int(rng.integers(1, 5))):
            at = (float(rng.uniform(-plan.half, plan.half)), plan.zebra + float(rng.uniform(-1.1, 1.1)))
            found.append(_walker(rng, at, np.pi / 2 * float(rng.choice([-1, 1]))))
        if rng.random() < 0.35:
            at = (float(rng.uniform(-plan.half, plan.half)), plan.zebra + 1.6)
            found.append(
                Thing("bicycle", at, np.pi / 2 * float(rng.choice([-1, 1])), _any(rng), float(rng.uniform(0, 6)), 2.6)
            )
    return found


def _walker(rng: np.random.Generator, at: tuple[float, float], heading: float) -> Thing:
    turn = heading + float(rng.normal(0, 0.25))
    return Thing("pedestrian", at, turn, _any(rng), float(rng.uniform(0, 6.3)), float(rng.uniform(1.0, 1.5)))


def _open(plan: Plan, y: float, margin: float = 1.2) -> bool:
    """Nothing stands on the crossing street or beside the zebra crossing."""
    crossed = plan.junction is not None and plan.junction[0] - margin - 1 < y < plan.junction[1] + margin + 1
    return not crossed and not (plan.zebra is not None and abs(y - plan.zebra) < margin + 1.6)


def _any(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 30))
