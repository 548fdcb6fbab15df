"""Sky, clouds, the far skyline, and the flat ground with its markings."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).

import cv2
import numpy as np

from datasets.samples.rendering.camera import Array
from datasets.samples.rendering.canvas import BUILDING, PAVEMENT, ROAD, SKY, VEGETATION, Canvas, Colour, mix
from datasets.samples.rendering.mood import Mood

FAR = 260.0


def noise(rng: np.random.Generator, size: tuple[int, int], octaves: tuple[int, ...]) -> Array:
    """(height, width) float32 smooth noise, mean 0, range about 1, summed from grids of these cell counts."""
    total = np.zeros(size, np.float32)
    for i, cells in enumerate(octaves):
        grid = rng.normal(0, 1, (cells, max(2, cells * size[1] // size[0]))).astype(np.float32)
        total += cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC) / 2**i
    return total


def paint_sky(canvas: Canvas, mood: Mood, rng: np.random.Generator) -> None:
    """Gradient, sun or moon, stars and clouds over the whole picture."""
    height, width = canvas.camera.height // 4, canvas.camera.width // 4
    rows = np.clip(np.arange(height) / max(1.0, canvas.camera.horizon / 4), 0, 1).astype(np.float32)[:, None, None]
    sky = np.asarray(mood.zenith, np.float32) * (1 - rows**1.4) + np.asarray(mood.horizon, np.float32) * rows**1.4
    sky = np.broadcast_to(sky, (height, width, 3)).copy()
    sky += _disc(canvas, mood, height, width)
    if mood.clouds > 0:
        cover = noise(rng, (height, width), (3, 7, 14, 30)) * 0.6 + mood.clouds - 0.35 * np.abs(rows[..., 0] - 0.5)
        share = np.clip(cover - 0.35, 0, 1)[..., None] * 0.85
        white = np.asarray(mix(mood.horizon, (255, 252, 246), 0.65 if mood.name == "day" else 0.12), np.float32)
        under = np.asarray(mix(mood.zenith, mood.horizon, 0.45), np.float32)
        lift = (
            np.clip(cover - np.concatenate([cover[:1].repeat(3, axis=0), cover[:-3]]), -0.12, 0.12)[..., None] / 0.24
            + 0.5
        )
        sky = sky * (1 - share) + (white * lift + under * (1 - lift)) * share
    wanted = (canvas.camera.width, canvas.camera.height)
    big = cv2.resize(np.clip(sky, 0, 255).astype(np.uint8), wanted, interpolation=cv2.INTER_CUBIC)
    canvas.rgb[:] = big
    if mood.name == "night":
        _stars(canvas, rng)


def skyline(canvas: Canvas, mood: Mood, rng: np.random.Generator) -> None:
    """Far hills and rooftops, pale with distance, in front of the sky."""
    foot = canvas.camera.horizon + 6
    width = canvas.camera.width
    canvas.begin(VEGETATION, FAR)
    hill = noise(rng, (2, width // 8), (2, 3))[0] * 14 + 34
    ridge = np.stack([np.linspace(0, width, len(hill)), foot - np.abs(hill) * canvas.camera.focal / 1200], axis=1)
    shade = mood.shade((120, 146, 132))
    canvas.fill(np.vstack([ridge, [[width, foot], [0, foot]]]), mix(shade, mood.haze, 0.62))
    for far, tone in ((FAR, 0.7), (170.0, 0.55)):
        canvas.begin(BUILDING, far)
        x = float(-rng.uniform(0, 60))
        while x < width:
            wide, high = float(rng.uniform(26, 80)), float(rng.uniform(20, 74)) * canvas.camera.focal / 1100
            wall = mix(
                mood.shade(mix((206, 182, 162), (150, 160, 180), float(rng.random())), (0.0, 0.0, 0.3)), mood.haze, tone
            )
            tops = [[x, foot - high], [x + wide, foot - high]]
            if rng.random() < 0.5:
                tops = [[x, foot - high], [x + wide / 2, foot - high * 1.25], [x + wide, foot - high]]
            canvas.fill(np.array([[x, foot], *tops, [x + wide, foot]]), wall)
            if mood.lamps >= 0.45:
                _far_windows(canvas, rng, (x, foot - high), (wide, high))
            x += wide * float(rng.uniform(0.7, 1.5))


def flat(canvas: Canvas, mood: Mood, kind: int, corners: list[tuple[float, float]], colour: Colour) -> None:
    """A piece of ground: a polygon of (x, y) in metres. Painted in plain light: `finish` adds shadow and lamps."""
    if kind not in {ROAD, PAVEMENT, VEGETATION}:
        raise ValueError(f"expected road, pavement or vegetation, found class {kind}")
    canvas.begin(kind, 0.0)
    canvas.face([(x, y, 0.0) for x, y in corners], mood.shade(colour))


def _disc(canvas: Canvas, mood: Mood, height: int, width: int) -> Array:
    empty = np.zeros((height, width, 1), np.float32)
    if mood.name not in {"day", "dusk", "night"}:
        return empty
    far = np.asarray(mood.towards if mood.name != "night" else (-0.25, 0.93, 0.33)) * 1000 + canvas.camera.eye
    seen = canvas.camera.point(far)
    if seen is None:
        return empty
    u, v = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    away = np.hypot(u - seen[0] / 4, v - seen[1] / 4) / (canvas.camera.focal / 4)
    tint = np.asarray({"day": (255, 244, 214), "dusk": (255, 170, 84), "night": (190, 200, 230)}[mood.name], np.float32)
    wide = {"day": 0.18, "dusk": 0.5, "night": 0.1}[mood.name]
    halo = 0.7 * np.exp(-((away / wide) ** 1.2))
    body = np.clip((0.032 - away) / 0.004, 0, 1)
    return np.asarray((halo * (0.5 if mood.name == "night" else 1) + body)[..., None] * tint)


def _stars(canvas: Canvas, rng: np.random.Generator) -> None:
    for _ in range(140):
        spot = (int(rng.integers(canvas.camera.width)), int(rng.uniform(0, max(2, canvas.camera.horizon * 0.8))))
        tone = int(rng.integers(90, 230))
        cv2.circle(canvas.rgb, spot, int(rng.integers(1, 3)), (tone, tone, tone + 20), -1, cv2.LINE_AA)


def _far_windows(canvas: Canvas, rng: np.random.Generator, at: tuple[float, float], size: tuple[float, float]) -> None:
    for _ in range(int(size[0] * size[1] / 160)):
        x, y = int(at[0] + rng.uniform(0.1, 0.9) * size[0]), int(at[1] + rng.uniform(0.1, 0.8) * size[1])
        cv2.rectangle(canvas.rgb, (x, y), (x + 2, y + 3), (255, 206, 130), -1)


__all__ = ["SKY", "flat", "noise", "paint_sky", "skyline"]
