"""From painted colours to a photograph: light and texture on the ground, mirrors, glow, fog, rain, snow, the lens."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).
# ruff: noqa: PLR0917

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from datasets.samples.rendering.camera import Array
from datasets.samples.rendering.canvas import PAVEMENT, ROAD, SCALE, SKY, VEGETATION, Canvas, Glow
from datasets.samples.rendering.mood import Mood
from datasets.samples.rendering.sky import noise


@dataclass(frozen=True)
class Ground:
    """What falls on the ground: shadow polygons and lamp positions, in metres."""

    shadows: list[Array]
    lamps: list[tuple[float, float]]


def finish(canvas: Canvas, mood: Mood, ground: Ground, rng: np.random.Generator) -> Array:
    """The final (h, w, 3) uint8 picture."""
    size = (canvas.camera.width // SCALE, canvas.camera.height // SCALE)
    image = cv2.resize(canvas.rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    owner = canvas.owner[::SCALE, ::SCALE]
    x, y, depth = canvas.camera.ground(SCALE)
    kinds = np.array([o.kind if o.depth == 0.0 else SKY for o in canvas.owners], np.uint8)[owner]
    top = int(np.clip(canvas.camera.horizon / SCALE - 1, 0, size[1] - 2))  # no ground above this row
    image[top:] = _on_ground(canvas, mood, ground, image, (x[top:], y[top:]), kinds, top)
    image = _hazy(canvas, mood, image, np.where(kinds != SKY, depth, np.inf), owner)
    image = _glow(canvas, mood, image)
    if mood.name == "rain":
        image = _rain(image, rng)
    if mood.name == "snow":
        image = _flakes(image, rng)
    return _lens(image, mood, rng)


def _on_ground(
    canvas: Canvas, mood: Mood, ground: Ground, image: Array, where: tuple[Array, Array], kinds: Array, top: int
) -> Array:
    """The rows from `top` on, with light, snow and water on the ground."""
    kinds = kinds[top:]
    share = cv2.blur((kinds != SKY).astype(np.float32), (2, 2))[..., None]
    dark, near = _shadow(canvas, ground)[top:], _contact(canvas)[top:]
    lit = image[top:] * _light(mood, ground.lamps, where, kinds, dark) * near[..., None]
    if mood.snow:
        lit = _snow_cover(lit, mood, where, kinds)
    if mood.wet:
        lit = _reflect(lit, image, canvas.camera.horizon / SCALE, mood, where, kinds)
    return np.asarray(image[top:] * (1 - share) + lit * share)


def _hazy(canvas: Canvas, mood: Mood, image: Array, ground: Array, owner: Array) -> Array:
    """Far things fade into the haze: exponential extinction over the visibility."""
    table = np.array([o.depth for o in canvas.owners], np.float32)
    fades = np.array([_sky_haze(mood) if o.depth > 800 else 0.96 for o in canvas.owners], np.float32)
    far = np.where(np.isfinite(ground), np.minimum(ground, 400), np.minimum(table, 900)[owner]).astype(np.float32)
    fog = (1 - np.exp(-((far / mood.visibility) ** 1.15))) * fades[owner]
    return np.asarray(image + (np.asarray(mood.haze, np.float32) - image) * fog[..., None].astype(np.float32))


def _sky_haze(mood: Mood) -> float:
    return 0.96 if mood.visibility < 60 else 0.5 if mood.visibility < 140 else 0.15


def _light(
    mood: Mood, lamps: list[tuple[float, float]], where: tuple[Array, Array], kinds: Array, shadow: Array
) -> Array:
    """(h, w, 3) factors of light and texture for ground that was painted in plain light."""
    x, y = where
    texture = _textures()
    u, v = np.clip(x, -300, 300) * 40, np.clip(y, -300, 300) * 40
    fine = cv2.remap(texture[0], u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    tiles = cv2.remap(texture[1], u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    away = np.clip(1.4 - np.abs(y) / 30, 0, 1)
    value = 1 + (np.where(kinds == PAVEMENT, tiles, fine) - 1) * away
    patch = _patches(where, 9, 9)
    value = (value * patch)[..., None]
    dark = shadow[..., None] * mood.shadow
    direct = np.asarray(mood.sun, np.float32) * mood.towards[2] * (1 - dark)
    light = np.asarray(mood.ambient, np.float32) * (1 - 0.25 * dark) + direct
    if mood.lamps:
        warm = np.zeros(x.shape, np.float32)
        for lx, ly in lamps:
            warm += np.exp(-((x - lx) ** 2 + (y - ly) ** 2) / 11)
        light = light + (warm * 0.85 * mood.lamps)[..., None] * np.array([1.0, 0.76, 0.44], np.float32)
    painted = np.asarray(mood.shade((1.0, 1.0, 1.0)), np.float32)
    return np.asarray(light / painted * (value * (1 - 0.3 * mood.wet)))


def _shadow(canvas: Canvas, ground: Ground) -> Array:
    """(h, w) 0 to 1: how much of the sun is hidden from the ground."""
    height, width = canvas.camera.height // SCALE, canvas.camera.width // SCALE
    hidden = np.zeros((height, width), np.uint8)
    for polygon in ground.shadows:
        pixels = canvas.camera.polygon(np.column_stack([polygon, np.zeros(len(polygon))]))
        if pixels is not None:
            points = np.clip(pixels / SCALE * 16, -2e6, 2e6).astype(np.int32)
            cv2.fillPoly(hidden, [points], 255, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(hidden, (0, 0), 1.1).astype(np.float32) / 255)


def _contact(canvas: Canvas) -> Array:
    """(h, w) factor: the ground is darker close below things that stand on it."""
    solid = np.array([0 if o.depth == 0.0 or o.kind == SKY else 1 for o in canvas.owners], np.float32)
    above = solid[canvas.owner[:: SCALE * 2, :: SCALE * 2]]
    soft = cv2.blur(np.roll(above, 2, axis=0), (11, 5))
    full = cv2.resize(soft, (canvas.camera.width // SCALE, canvas.camera.height // SCALE))
    return np.asarray(1 - 0.38 * full)


def _snow_cover(lit: Array, mood: Mood, where: tuple[Array, Array], kinds: Array) -> Array:
    x, y = where
    tracks = 0.5 + 0.5 * np.cos(x * 2.1) * np.cos(0.3 * np.sin(y * 0.2))
    patch = _patches(where, 30, 14)
    cover = np.where(kinds == ROAD, 0.25 + 0.45 * tracks, 0.82) + (patch - 1) * 3
    white = np.asarray(mood.shade((236, 240, 248)), np.float32)
    share = np.clip(cover, 0, 0.95)[..., None].astype(np.float32)
    return np.asarray(lit * (1 - share) + white * (0.8 + 0.2 * patch[..., None]) * share)


def _reflect(lit: Array, image: Array, horizon: float, mood: Mood, where: tuple[Array, Array], kinds: Array) -> Array:
    """Wet ground mirrors what stands above the horizon, blurred downwards, most of it in puddles."""
    height, width = lit.shape[:2]
    first = image.shape[0] - height
    rows = np.clip(2 * horizon - np.arange(first, first + height), 0, max(horizon, 1)).astype(np.float32)
    u, v = np.meshgrid(np.arange(width, dtype=np.float32), rows)
    ripple = noise(np.random.default_rng(5), (height, width), (60, 120)) * 1.4
    mirror = cv2.remap(image, u + ripple, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mirror = cv2.blur(mirror, (3, 17))
    puddle = _patches(where, 14, 14)
    share = np.where(kinds == ROAD, 0.30, np.where(kinds == VEGETATION, 0.0, 0.2)) + np.clip(
        (puddle - 1.03) * 8, 0, 0.35
    )
    share = (share * mood.wet * (kinds != VEGETATION))[..., None].astype(np.float32)
    return np.asarray(lit * (1 - share) + mirror * share)


def _glow(canvas: Canvas, mood: Mood, image: Array) -> Array:
    """Lit windows and lamps, with the halo that a lens or wet air gives them."""
    height, width = image.shape[:2]
    if mood.lamps >= 0.45:
        windows = np.zeros(canvas.owner.shape, np.uint8)
        for number, corner, patch in canvas.lit:
            place = (slice(corner[1], corner[1] + patch.shape[0]), slice(corner[0], corner[0] + patch.shape[1]))
            cv2.copyTo(patch, (canvas.owner[place] == number).astype(np.uint8), windows[place])
        small = cv2.resize(windows, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
        warm = np.array([255, 200, 118], np.float32)
        image = image * (1 - small * 0.8) + warm * small * (0.85 if mood.name == "night" else 0.7)
        halo = cv2.GaussianBlur(cv2.resize(small[..., 0], (width // 4, height // 4)), (0, 0), 5)
        image += cv2.resize(halo, (width, height))[..., None] * warm * 0.25
    lamps = _lamps(canvas, mood, (height, width))
    return np.asarray(image + (255 - np.clip(image, 0, 255)) / 255 * lamps)


def _lamps(canvas: Canvas, mood: Mood, size: tuple[int, int]) -> Array:
    height, width = size
    core, wide = np.zeros((height, width, 3), np.float32), np.zeros((height // 4, width // 4, 3), np.float32)
    strength = {"night": 1.0, "dusk": 0.55, "fog": 0.7, "rain": 0.6}.get(mood.name, 0.25)
    streaks = np.zeros_like(wide)
    for glow in canvas.glows:
        u, v, radius = int(glow.u / SCALE), int(glow.v / SCALE), max(1.0, glow.radius / SCALE)
        if not (-40 < u < width + 40 and -40 < v < height + 40) or not _shows(canvas, glow):
            continue
        cv2.circle(
            core, (u, v), max(1, min(9, int(radius * 0.8))), [c * strength for c in glow.colour], -1, cv2.LINE_AA
        )
        cv2.circle(wide, (u // 4, v // 4), max(1, min(5, int(radius * 0.5))), [c * strength for c in glow.colour], -1)
        if mood.wet > 0.3:
            foot = int(glow.mirrored / SCALE)
            cv2.line(streaks, (u // 4, (v + foot) // 8), (u // 4, foot // 4), [c * 0.5 * strength for c in glow.colour],
                     max(1, int(radius * 0.4)))  # fmt: skip
    halo = cv2.GaussianBlur(wide, (0, 0), 2.2) * 1.3 + cv2.GaussianBlur(wide, (0, 0), 8) * (
        2.5 if mood.name == "fog" else 1.6
    )
    if mood.wet > 0.3:
        on_ground = np.array([o.depth == 0.0 for o in canvas.owners], np.float32)[
            canvas.owner[:: SCALE * 4, :: SCALE * 4]
        ]
        halo += cv2.GaussianBlur(streaks, (0, 0), sigmaX=0.8, sigmaY=4) * on_ground[..., None]
    return np.asarray(cv2.GaussianBlur(core, (0, 0), 1.0) * 0.9 + cv2.resize(halo, (width, height)))


def _shows(canvas: Canvas, glow: Glow) -> bool:
    """No nearer thing hides the lamp; one outside the picture still throws its halo into it."""
    u, v = int(glow.u), int(glow.v)
    around = canvas.owner[max(v - 3, 0) : max(v + 4, 0), max(u - 3, 0) : max(u + 4, 0)]
    return around.size == 0 or bool((around == glow.owner).any())


def _rain(image: Array, rng: np.random.Generator) -> Array:
    height, width = image.shape[:2]
    total = np.zeros((height, width), np.float32)
    slant = float(rng.uniform(-0.35, 0.35))
    for length, share in ((9, 0.0035), (17, 0.0014)):
        drops = (rng.random((height, width)) < share).astype(np.float32)
        kernel = np.zeros((length, length), np.float32)
        middle = length / 2
        cv2.line(
            kernel, (int(middle - slant * middle), 0), (int(middle + slant * middle), length - 1), 1.0, 1, cv2.LINE_AA
        )
        total += cv2.filter2D(drops, -1, kernel)
    return np.asarray(image + np.clip(total, 0, 1)[..., None] * (232 - image) * 0.34)


def _flakes(image: Array, rng: np.random.Generator) -> Array:
    height, width = image.shape[:2]
    layer = np.zeros((height, width), np.float32)
    for count, radius in ((700, 0.7), (260, 1.3), (70, 2.4)):
        dots = np.zeros((height, width), np.uint8)
        for u, v in rng.uniform(0, 1, (count, 2)) * (width, height):
            cv2.circle(dots, (int(u * 8), int(v * 8)), int(radius * 8), 255, -1, cv2.LINE_AA, 3)
        layer = np.maximum(layer, cv2.GaussianBlur(dots, (0, 0), 0.4 + radius * 0.4).astype(np.float32) / 255)
    return np.asarray(image + layer[..., None] * (250 - image) * 0.8)


def _lens(image: Array, mood: Mood, rng: np.random.Generator) -> Array:
    """Contrast, corners a little darker, a trace of blur and sensor noise."""
    height, width = image.shape[:2]
    image = np.clip(image, 0, 255) * _corners(height, width)
    grey = image.mean(axis=2, keepdims=True)
    image = grey + (image - grey) * {"fog": 0.9, "rain": 1.02}.get(mood.name, 1.12)
    image = image + rng.normal(0, 1.6 if mood.name != "night" else 2.4, (height, width, 1)).astype(np.float32)
    blur = float(rng.choice([0.0, 0.0, 0.0, 0.5, 0.7]))
    if blur:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    return np.asarray(np.clip(image, 0, 255).astype(np.uint8))


@lru_cache(maxsize=4)
def _corners(height: int, width: int) -> Array:
    v, u = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray((1 - 0.13 * (u**2 + v**2)).astype(np.float32)[..., None])


def _patches(where: tuple[Array, Array], along: float, ahead: float) -> Array:
    u, v = np.clip(where[0], -300, 300) * along, np.clip(where[1], -300, 300) * ahead
    return np.asarray(cv2.remap(_textures()[2], u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))


@lru_cache(maxsize=1)
def _textures() -> tuple[Array, Array, Array]:
    """Factors (512, 512) around 1: asphalt, paving stones, and large soft patches."""
    rng = np.random.default_rng(1)
    fine = 1 + cv2.GaussianBlur(rng.normal(0, 0.09, (512, 512)).astype(np.float32), (0, 0), 0.8)
    tiles = fine.copy()
    for row in range(0, 512, 16):
        tiles[row : row + 1] *= 0.8
        for column in range((row // 16 % 2) * 12, 512, 24):
            tiles[row : row + 16, column : column + 1] *= 0.8
            tiles[row : row + 16, column : column + 24] *= float(rng.uniform(0.94, 1.06))
    patches = 1 + 0.04 * noise(rng, (512, 512), (4, 9, 18, 40))
    half = np.hstack([patches, patches[:, ::-1]])
    whole = np.vstack([half, half[::-1]])
    return fine, tiles, cv2.resize(whole, (512, 512), interpolation=cv2.INTER_AREA).astype(np.float32)
