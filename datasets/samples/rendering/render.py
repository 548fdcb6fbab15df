"""Renders a scene and its ground truth: one pass from far to near, then light on the ground and weather."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).
# ruff: noqa: RUF005, PLR0917

from dataclasses import dataclass

import cv2
import numpy as np

from datasets.samples.rendering import facades, furniture, people, vehicles
from datasets.samples.rendering.camera import Array
from datasets.samples.rendering.canvas import CLUTTER, PAVEMENT, ROAD, SCALE, VEGETATION, Canvas, Colour
from datasets.samples.rendering.mood import Mood
from datasets.samples.rendering.scene import CLASSES, Scene, Thing
from datasets.samples.rendering.sky import flat, paint_sky, skyline
from datasets.samples.rendering.weather import Ground, finish

SEMANTIC = ("road", "pavement", "building", "sky", "vegetation", *CLASSES, "clutter")
LEAST_VISIBLE = 0.25  # objects of which less than this share is visible are dropped
LEAST_SIDE = 10  # and so are objects whose visible box is smaller than this, in pixels
LEAST_AREA = 90
NEAREST = {"tree": 9.0, "poster": 7.0, "bus": 8.0, "car": 5.5}  # metres; anything nearer would hide the street


@dataclass(frozen=True)
class Visible:
    """A visible object: index of its thing, class, box (x, y, width, height in pixels), mask inside the box."""

    thing: int
    label: str
    box: tuple[int, int, int, int]
    mask: Array
    visible: float


@dataclass(frozen=True)
class Picture:
    """An (h, w, 3) RGB image, its (h, w) semantic mask with indexes of SEMANTIC, and its visible objects."""

    image: Array
    semantic: Array
    objects: tuple[Visible, ...]


def render(scene: Scene) -> Picture:
    """Paint a scene. The same scene gives the same picture."""
    rng = np.random.default_rng(scene.seed + 77)
    canvas = Canvas(scene.camera)
    paint_sky(canvas, scene.mood, rng)
    skyline(canvas, scene.mood, rng)
    _ground(canvas, scene)
    lamps = [t.at for t in scene.things if t.kind == "lamp"]
    _ordered(canvas, scene, lamps)
    owner = canvas.owner[::SCALE, ::SCALE]
    ground = Ground(_shadows(scene), [(x + (-0.9 if x > 0 else 0.9), y) for x, y in lamps])
    image = finish(canvas, scene.mood, ground, rng)
    kinds = np.array([o.kind for o in canvas.owners], np.uint8)
    return Picture(image, kinds[owner], tuple(_objects(canvas, owner)))


def _ordered(canvas: Canvas, scene: Scene, lamps: list[tuple[float, float]]) -> None:
    def distance(at: tuple[float, float]) -> float:
        return float(np.hypot(at[0] - scene.camera.eye[0], at[1] - scene.camera.eye[1]))

    for house in sorted(scene.buildings, key=lambda b: -distance(_middle(b))):
        facades.put_up(canvas, scene.mood, house)
    for i in sorted(range(len(scene.things)), key=lambda i: -distance(scene.things[i].at)):
        thing = scene.things[i]
        depth = scene.camera.depth(thing.at)
        if depth > NEAREST.get(thing.kind, 4.5) and _in_view(scene, thing.at, depth):
            _thing(canvas, scene, i, thing, depth, _glow(scene, thing, lamps))


def _thing(canvas: Canvas, scene: Scene, i: int, thing: Thing, depth: float, glow: float) -> None:
    mood, plain = scene.mood, (canvas, scene.mood, thing.at)
    if thing.kind == "traffic light":
        canvas.begin(CLUTTER, depth)
        furniture.traffic_pole(*plain)
    if thing.kind in CLASSES:
        canvas.begin(len(SEMANTIC) - 1 - len(CLASSES) + CLASSES.index(thing.kind), depth, i)
    else:
        canvas.begin(VEGETATION if thing.kind in {"tree", "hedge"} else CLUTTER, depth)
    if thing.kind in {"car", "bus"}:
        (vehicles.bus if thing.kind == "bus" else vehicles.car)(*plain, thing.heading, thing.style, glow)
    elif thing.kind in {"pedestrian", "bicycle"}:
        figure = people.Figure(thing.at, thing.heading, thing.style, thing.phase, glow)
        if thing.kind == "pedestrian":
            people.pedestrian(canvas, mood, figure)
        else:
            people.cyclist(canvas, mood, figure, ridden=not thing.flag)
    elif thing.kind == "traffic light":
        furniture.traffic_light(*plain, thing.style, thing.heading)
    elif thing.kind == "lamp":
        furniture.lamp(*plain, -1.0 if thing.flag else 1.0)
    elif thing.kind == "hedge":
        furniture.hedge(*plain, (thing.at[0], thing.at[1] + 6.0), thing.style)
    else:
        paint = {"tree": furniture.tree, "bench": furniture.bench, "poster": furniture.poster}
        paint.get(thing.kind, furniture.waste_bin)(*plain, thing.style, glow)
    canvas.end()


def _in_view(scene: Scene, at: tuple[float, float], depth: float) -> bool:
    """Whether something up to 7 metres wide at this place can reach into the picture."""
    right = float(scene.camera.view(np.array([[*at, 0.0]]))[0, 0])
    return (abs(right) - 7.0) * scene.camera.focal / depth < scene.camera.width / 2


def _glow(scene: Scene, thing: Thing, lamps: list[tuple[float, float]]) -> float:
    if scene.mood.lamps == 0:
        return 0.0
    away = [np.hypot(thing.at[0] - x, thing.at[1] - y) for x, y in lamps]
    return float(0.85 * scene.mood.lamps * sum(np.exp(-((a / 4.0) ** 2)) for a in away))


def _ground(canvas: Canvas, scene: Scene) -> None:
    plan = scene.plan
    road: Colour = (98, 99, 106)
    walk: Colour = (190, 182, 172)
    far = 260.0
    grass: Colour = (118, 146, 84)
    _wide(canvas, scene.mood, PAVEMENT, (-far, far), (-8, far), walk)
    if plan.park:
        edges = (plan.front, far) if plan.park > 0 else (-far, -plan.front)
        _wide(canvas, scene.mood, VEGETATION, edges, (-8, far), grass)
    _wide(canvas, scene.mood, PAVEMENT, (-plan.half - 0.18, plan.half + 0.18), (-8, 81), (216, 210, 200))
    if plan.junction:
        _wide(
            canvas,
            scene.mood,
            PAVEMENT,
            (-far, far),
            (plan.junction[0] - plan.walk, plan.junction[1] + plan.walk),
            walk,
        )
        _wide(
            canvas,
            scene.mood,
            PAVEMENT,
            (-far, far),
            (plan.junction[0] - 0.18, plan.junction[1] + 0.18),
            (216, 210, 200),
        )
        _wide(canvas, scene.mood, ROAD, (-far, far), plan.junction, road)
    _wide(canvas, scene.mood, ROAD, (-plan.half, plan.half), (-8, 80), road)
    if plan.bikeway:
        for side in (-1, 1):
            inner, outer = sorted((side * (plan.half + 0.3), side * (plan.half + 1.5)))
            _wide(canvas, scene.mood, PAVEMENT, (inner, outer), (-8, 80), (182, 112, 96))
    _marks(canvas, scene)


def _marks(canvas: Canvas, scene: Scene) -> None:
    plan = scene.plan
    white: Colour = (226, 226, 222)
    for y in np.arange(-6, 80, 4.0):
        blocked = plan.junction and plan.junction[0] - 2.5 < y < plan.junction[1] + 0.5
        if not blocked and not (plan.zebra and abs(y + 1 - plan.zebra) < 3.4):
            _wide(canvas, scene.mood, ROAD, (-0.07, 0.07), (float(y), float(y) + 2), white)
    if plan.zebra:
        for x in np.arange(-plan.half + 0.35, plan.half - 0.4, 1.0):
            _wide(canvas, scene.mood, ROAD, (float(x), float(x) + 0.52), (plan.zebra - 1.5, plan.zebra + 1.5), white)
        _wide(canvas, scene.mood, ROAD, (0.2, plan.half - 0.2), (plan.zebra - 2.6, plan.zebra - 2.2), white)
    if plan.half > 4.3:
        for side in (-1, 1):
            for y in np.arange(-5, 78, 5.6):
                if not (plan.junction and plan.junction[0] - 3 < y < plan.junction[1] + 3):
                    edge = sorted((side * (plan.half - 2.0), side * plan.half))
                    _wide(canvas, scene.mood, ROAD, (edge[0], edge[1]), (float(y), float(y) + 0.1), (190, 190, 188))


def _wide(
    canvas: Canvas, mood: Mood, kind: int, x: tuple[float, float], y: tuple[float, float], colour: Colour
) -> None:
    flat(canvas, mood, kind, [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])], colour)


def _shadows(scene: Scene) -> list[Array]:
    """Polygons (n, 2) on the ground, in metres, that the sun does not reach; none without a sun."""
    found = []
    if scene.mood.name in {"day", "dusk"}:
        sun = np.asarray(scene.mood.towards)
        for points in [_house_hull(b) for b in scene.buildings] + [_thing_hull(t) for t in scene.things]:
            cast = points[:, :2] - sun[:2] * (points[:, 2:] / sun[2])
            found.append(np.asarray(cv2.convexHull(cast.astype(np.float32)))[:, 0])
    return found


def _house_hull(house: facades.Building) -> Array:
    start, end = np.asarray(house.start), np.asarray(house.end)
    along = (end - start) / np.linalg.norm(end - start)
    back = np.array([-along[1], along[0]]) * house.depth
    return np.array([[*p, z] for p in (start, end, end + back, start + back) for z in (0.0, house.height)])


def _thing_hull(thing: Thing) -> Array:
    base = np.array([*thing.at, 0.0])
    ahead = np.array([np.sin(thing.heading), np.cos(thing.heading), 0.0])
    right = np.array([ahead[1], -ahead[0], 0.0])
    if thing.kind in {"car", "bus"}:
        local = vehicles.hull(thing.style, thing.kind == "bus")
        return np.asarray(base + local[:, :1] * ahead + local[:, 2:] * right + local[:, 1:2] * (0.0, 0.0, 1.0))
    if thing.kind == "tree":
        turn = np.linspace(0, 2 * np.pi, 12)
        return np.array([base + (1.5 * np.cos(t), 1.5 * np.sin(t), z) for t in turn for z in (3.6, 5.2)])
    wide, high = {"pedestrian": (0.2, 1.7), "bicycle": (0.5, 1.6), "poster": (0.6, 3.2), "bench": (0.5, 0.8)}.get(
        thing.kind, (0.1, 1.0 if thing.kind == "waste_bin" else 4.5)
    )
    return np.array([base + right * s * wide + (0, 0, z) for s in (-1, 1) for z in (0.0, high)] + [base + ahead * 0.2])


def _middle(house: facades.Building) -> tuple[float, float]:
    return (house.start[0] + house.end[0]) / 2, (house.start[1] + house.end[1]) / 2


def _objects(canvas: Canvas, owner: Array) -> list[Visible]:
    found = []
    for number, holder in enumerate(canvas.owners):
        if holder.thing is None or holder.full < LEAST_AREA:
            continue
        mask = owner == number
        seen = int(np.count_nonzero(mask))
        if seen < LEAST_AREA or seen < LEAST_VISIBLE * holder.full:
            continue
        x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
        if min(width, height) < LEAST_SIDE * 0.6 or max(width, height) < LEAST_SIDE * 1.6:
            continue
        inside = (mask[y : y + height, x : x + width] * 255).astype(np.uint8)
        label = CLASSES[holder.kind - (len(SEMANTIC) - 1 - len(CLASSES))]
        found.append(Visible(holder.thing, label, (x, y, width, height), inside, seen / holder.full))
    return found
