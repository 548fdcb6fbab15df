"""House fronts: drawn flat, 20 pixels to the metre, then put up in perspective."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).
# ruff: noqa: RUF005, PLR0917

from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np

from datasets.samples.rendering.camera import Array
from datasets.samples.rendering.canvas import BUILDING, Canvas, Colour, mix
from datasets.samples.rendering.mood import Mood

PER_METRE = 20
STYLES = 44
WALLS: tuple[Colour, ...] = (
    (236, 220, 188), (226, 166, 134), (204, 124, 96), (166, 184, 154), (142, 168, 186), (224, 188, 110),
    (216, 156, 150), (202, 196, 184), (172, 92, 76), (100, 144, 146), (242, 236, 224), (188, 158, 178),
)  # fmt: skip
ACCENTS: tuple[Colour, ...] = ((46, 88, 96), (150, 54, 52), (54, 74, 116), (64, 92, 66), (96, 62, 58), (206, 148, 60))
CREAM: Colour = (244, 238, 226)


@dataclass(frozen=True)
class Building:
    """A house: a front from corner `start` to `end` (x, y), its height, and how deep it is behind the front."""

    start: tuple[float, float]
    end: tuple[float, float]
    height: float
    depth: float
    style: int
    free: tuple[bool, bool] = (False, False)  # ends without a neighbouring house: their walls have windows


@cache
def texture(style: int) -> tuple[Array, Array]:
    """Colours (uint8) and night lights (uint8, 0-255) of a front, always the same for the same style."""
    rng = np.random.default_rng(9000 + style)
    floors, columns = int(rng.integers(3, 7)), int(rng.integers(3, 6))
    height, width = int((floors * 3.1 + 1.6) * PER_METRE), int(columns * 2.6 * PER_METRE)
    wall = WALLS[style % len(WALLS)]
    image = np.empty((height, width, 3), np.uint8)
    image[:] = wall
    lights = np.zeros((height, width), np.uint8)
    _grain(image, rng, brick=style % 4 == 2)
    accent = ACCENTS[int(rng.integers(len(ACCENTS)))]
    trim = mix(wall, CREAM, 0.7)
    shutters, arched = rng.random() < 0.4, rng.random() < 0.35
    for floor in range(1, floors):
        bottom = height - int((floor * 3.1 + 1.9) * PER_METRE)
        _band(image, bottom + 58, 3, mix(wall, (60, 50, 50), 0.18))
        for column in range(columns):
            left = int((column + 0.5) * width / columns) - 13
            _window(image, lights, (left, bottom + 8), trim, accent if shutters else None, arched, rng)
    _shops(image, lights, columns, accent, trim, rng)
    _band(image, 0, 12, trim)
    _band(image, 12, 4, mix(wall, (50, 40, 40), 0.35))
    for x in range(4, width, 12):
        image[16:22, x : x + 6] = mix(trim, wall, 0.4)
    lights[:] = lights * np.clip(0.65 + image.mean(axis=2) / 255, 0, 1)
    return image, lights


def put_up(canvas: Canvas, mood: Mood, building: Building) -> None:
    """Paint the front, both ends and the roof of a house. The front is the side that the camera should see."""
    start, end = np.array([*building.start, 0.0]), np.array([*building.end, 0.0])
    along = (end - start) / np.linalg.norm(end - start)
    back = np.array([-along[1], along[0], 0.0])  # pointing away from the street, from which fronts run clockwise
    middle = (start + end) / 2
    canvas.begin(BUILDING, max(1.0, float(canvas.camera.view(middle[None])[0, 2])))
    plain = mix(WALLS[building.style % len(WALLS)], (90, 84, 84), 0.25)
    for corner, normal, free in ((start, -along, building.free[0]), (end, along, building.free[1])):
        behind = corner + back * building.depth
        if (canvas.camera.eye - corner) @ normal <= 0:
            continue
        if free:
            _front(canvas, mood, (behind, corner) if normal @ along < 0 else (corner, behind), normal, building)
        else:
            rise = np.array([0, 0, building.height])
            shade = mood.shade(plain, (float(normal[0]), float(normal[1]), 0.0))
            canvas.face([corner, behind, behind + rise, corner + rise], shade)
    _roof(canvas, mood, (start, end), back, building)
    _front(canvas, mood, (start, end), -back, building)


def _front(canvas: Canvas, mood: Mood, ends: tuple[Array, Array], normal: Array, building: Building) -> None:
    start, end = ends
    up = np.array([0, 0, 1.0])
    corners = np.array([start, end, end + up * building.height, start + up * building.height])
    if (canvas.camera.eye - start) @ normal <= 0:
        return
    pixels = canvas.camera.polygon(corners)
    if pixels is None:
        return
    size = (canvas.camera.width, canvas.camera.height)
    low = np.clip(np.floor(pixels.min(0)).astype(int), 0, size)
    high = np.clip(np.ceil(pixels.max(0)).astype(int) + 1, 0, size)
    if (high - low).min() < 2:
        return
    image, lights = _sized(building.style, float(pixels[:, 1].max() - pixels[:, 1].min()))
    to_plane = np.diag([np.linalg.norm(end - start) / image.shape[1], building.height / image.shape[0], 1.0])
    along = (end - start) / np.linalg.norm(end - start)
    plane = canvas.camera.homography(start + up * building.height, along, -up) @ to_plane
    matrix = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]]) @ plane
    extent = (int(high[0] - low[0]), int(high[1] - low[1]))
    mask = np.zeros(extent[::-1], np.uint8)
    cv2.fillPoly(mask, [np.clip((pixels - low) * 16, -2e6, 2e6).astype(np.int32)], 255, cv2.LINE_AA, 4)
    lit = _lit(image, mood, (float(normal[0]), float(normal[1]), 0.0))
    border = cv2.BORDER_REPLICATE
    warped = cv2.warpPerspective(lit, matrix, extent, flags=cv2.INTER_LINEAR, borderMode=border)
    region = (slice(low[1], high[1]), slice(low[0], high[0]))
    shown = canvas.rgb[region]
    cv2.copyTo(warped, (mask > 90).astype(np.uint8), shown)
    canvas.owner[region][mask > 127] = len(canvas.owners) - 1
    if mood.lamps > 0:
        glow = cv2.warpPerspective(lights, matrix, extent, flags=cv2.INTER_LINEAR)
        canvas.lit.append((len(canvas.owners) - 1, np.array([low[0], low[1]]), cv2.bitwise_and(glow, mask)))


@lru_cache(maxsize=256)
def _level(style: int, level: int) -> tuple[Array, Array]:
    image, lights = texture(style)
    size = (max(8, image.shape[1] >> level), max(8, image.shape[0] >> level))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.resize(lights, size, interpolation=cv2.INTER_AREA)


def _sized(style: int, rows: float) -> tuple[Array, Array]:
    level = int(np.clip(np.log2(max(1.0, texture(style)[0].shape[0] / max(rows, 1.0))), 0, 5))
    return _level(style, level)


def _lit(image: Array, mood: Mood, normal: tuple[float, float, float]) -> Array:
    rows = np.linspace(1, 0, image.shape[0], dtype=np.float32)[:, None]
    base = np.array(mood.shade((100.0, 100.0, 100.0), normal), np.float32)[None] / 100
    lamp = np.array([1.0, 0.72, 0.4], np.float32) * 0.55 * mood.lamps * np.exp(-(((1 - rows) - 0.2) ** 2) / 0.03)
    ground = 1 - 0.22 * np.exp(-(1 - rows) / 0.05)
    return np.asarray(np.clip(image * ((base + lamp) * ground)[:, None, :], 0, 255).astype(np.uint8))


def _roof(canvas: Canvas, mood: Mood, ends: tuple[Array, Array], back: Array, building: Building) -> None:
    rng = np.random.default_rng(building.style)
    slate = ((92, 96, 110), (166, 94, 72), (120, 88, 80))[building.style % 3]
    colour = mix(slate, (240, 244, 250), 0.85 * mood.snow)
    rise = np.array([0, 0, building.height])
    lift = back * 2.2 + np.array([0, 0, rng.uniform(1.2, 3.0)])
    start, end = ends[0] + rise, ends[1] + rise
    for share in rng.uniform(0.1, 0.9, 2):
        foot = start + (end - start) * share + lift
        half = (end - start) / np.linalg.norm(end - start) * 0.5
        pipe = [foot - half, foot + half, foot + half + (0, 0, 1.5), foot - half + (0, 0, 1.5)]
        canvas.face(pipe, mood.shade((150, 92, 76), (0.0, 0.0, 0.2)))
    gable = mood.shade(mix(WALLS[building.style % len(WALLS)], (90, 84, 84), 0.2), (0.0, 0.0, 0.3))
    for corner in (start, end):
        behind = corner + back * building.depth
        canvas.face([corner, corner + lift, behind + (0, 0, lift[2]), behind], gable)
    canvas.face([start, end, end + lift, start + lift], mood.shade(colour, (-back[0] * 0.6, -back[1] * 0.6, 0.7)))


def _grain(image: Array, rng: np.random.Generator, brick: bool) -> None:
    height, width = image.shape[:2]
    noise = cv2.resize(rng.normal(0, 5, (height // 24 + 2, width // 24 + 2)).astype(np.float32), (width, height))
    shade = noise + rng.normal(0, 2.5, (height, width)).astype(np.float32)
    image[:] = np.clip(image + shade[..., None], 0, 255).astype(np.uint8)
    if brick:
        for row in range(0, height, 5):
            image[row] = np.clip(image[row].astype(int) + 16, 0, 255)


def _band(image: Array, top: int, rows: int, colour: Colour) -> None:
    image[max(top, 0) : max(top + rows, 0)] = colour


def _window(
    image: Array,
    lights: Array,
    at: tuple[int, int],
    trim: Colour,
    shutter: Colour | None,
    arched: bool,
    rng: np.random.Generator,
) -> None:
    x, y = at
    wide, high = 26, 38
    if arched:
        cv2.ellipse(image, (x + wide // 2, y), (wide // 2 + 3, 9), 0, 180, 360, trim, -1, cv2.LINE_AA)
    image[y - 3 : y + high + 3, x - 3 : x + wide + 3] = trim
    sky = mix((70, 92, 116), (150, 176, 194), float(rng.uniform(0.0, 0.8)))
    for row in range(high):
        image[y + row, x : x + wide] = mix(sky, (46, 58, 74), row / high)
    if rng.random() < 0.5:
        image[y : y + int(rng.integers(8, 30)), x : x + wide] = mix(CREAM, sky, 0.25)
    image[y : y + high, x + 12 : x + 14] = trim
    image[y + 14 : y + 16, x : x + wide] = trim
    image[y + high + 2 : y + high + 6, x - 5 : x + wide + 5] = mix(trim, (70, 60, 60), 0.25)
    if shutter is not None:
        for side in (x - 13, x + wide + 3):
            image[y - 1 : y + high + 1, max(side, 0) : side + 10] = shutter
            image[y - 1 : y + high + 1 : 4, max(side, 0) : side + 10] = mix(shutter, (0, 0, 0), 0.25)
    if rng.random() < 0.22:
        _flowers(image, (x - 4, y + high - 4), wide + 8, rng)
    if rng.random() < 0.42:
        lights[y : y + high, x : x + wide] = int(rng.integers(110, 255))
        lights[y : y + high, x + 12 : x + 14] = 0
        lights[y + 14 : y + 16, x : x + wide] = 0


def _flowers(image: Array, at: tuple[int, int], wide: int, rng: np.random.Generator) -> None:
    petals = ((206, 70, 84), (232, 150, 170), (240, 196, 84))[int(rng.integers(3))]
    for _ in range(26):
        spot = (at[0] + int(rng.integers(wide)), at[1] + int(rng.integers(-1, 8)))
        colour = petals if rng.random() < 0.4 else (70, 112 + int(rng.integers(30)), 66)
        cv2.circle(image, spot, 2, colour, -1, cv2.LINE_AA)


def _shops(image: Array, lights: Array, columns: int, accent: Colour, trim: Colour, rng: np.random.Generator) -> None:
    height, width = image.shape[:2]
    top = height - 66
    image[height - 10 :] = mix(accent, (90, 86, 84), 0.6)
    if rng.random() < 0.25:
        return _doors(image, columns, accent, trim)
    image[top - 2 : top + 12] = accent
    for letter in range(int(width * 0.3), int(width * 0.7), 9):
        high = int(rng.integers(4, 8))
        image[top + 10 - high : top + 9, letter : letter + 5] = mix(CREAM, accent, 0.1)
    image[top + 14 : height - 10] = mix(accent, (20, 20, 24), 0.3)
    for column in range(columns):
        left, right = int(column * width / columns) + 4, int((column + 1) * width / columns) - 4
        pane = mix((88, 104, 116), (170, 176, 166), float(rng.random()))
        foot = height - 3 if column == columns // 2 else height - 18
        image[top + 17 : foot, left:right] = pane
        for _ in range(7):
            x, y = int(rng.integers(left, right)), int(rng.integers(top + 34, foot - 6))
            goods = WALLS[int(rng.integers(len(WALLS)))]
            image[y : foot - 2, x : min(x + 5, right)] = mix(goods, pane, 0.3)
        lights[top + 17 : foot, left:right] = int(rng.integers(150, 255))
    if rng.random() < 0.6:
        for x in range(0, width, 10):
            image[top + 12 : top + 26, x : x + 10] = accent if (x // 10) % 2 else CREAM
            cv2.circle(image, (x + 5, top + 26), 5, accent if (x // 10) % 2 else CREAM, -1, cv2.LINE_AA)
            lights[top + 12 : top + 30, x : x + 10] = 0
    return None


def _doors(image: Array, columns: int, accent: Colour, trim: Colour) -> None:
    height, width = image.shape[:2]
    for column in range(columns):
        middle = int((column + 0.5) * width / columns)
        if column == columns // 2:
            image[height - 52 :, middle - 15 : middle + 15] = trim
            image[height - 48 :, middle - 12 : middle + 12] = accent
            image[height - 44 : height - 28, middle - 8 : middle + 8] = mix(accent, (0, 0, 0), 0.3)
        else:
            image[height - 52 : height - 18, middle - 14 : middle + 14] = trim
            image[height - 49 : height - 21, middle - 11 : middle + 11] = (74, 92, 110)
            image[height - 49 : height - 21, middle - 1 : middle + 1] = trim
