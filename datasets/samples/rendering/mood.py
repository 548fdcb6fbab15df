"""Light and weather: how a scene class affects all colours."""

# Points are arrays and are added, not joined (RUF005); painting takes many small values (PLR0917).

from dataclasses import dataclass, replace

import numpy as np

from datasets.samples.rendering.camera import Array
from datasets.samples.rendering.canvas import Colour

SCENES = ("day", "dusk", "night", "rain", "fog", "snow")


@dataclass(frozen=True)
class Mood:
    """Sky colours (0-255), light (factors), direction to the sun (x, y, z), fog (visibility in metres), and weather."""

    name: str
    zenith: Colour
    horizon: Colour
    ambient: Colour
    sun: Colour
    towards: tuple[float, float, float]
    haze: Colour
    visibility: float
    clouds: float
    shadow: float
    lamps: float = 0.0
    wet: float = 0.0
    snow: float = 0.0
    season: str = "summer"

    def shade(self, colour: Colour, normal: tuple[float, float, float] = (0.0, 0.0, 1.0), glow: float = 0.0) -> Colour:
        """A surface colour under this light; `glow` adds the warm light of street lamps."""
        (x, y, z), (sx, sy, sz) = normal, self.towards
        facing, sky = max(0.0, x * sx + y * sy + z * sz), 0.82 + 0.18 * z
        return (
            min(255.0, colour[0] * (self.ambient[0] * sky + self.sun[0] * facing + glow)),
            min(255.0, colour[1] * (self.ambient[1] * sky + self.sun[1] * facing + glow * 0.78)),
            min(255.0, colour[2] * (self.ambient[2] * sky + self.sun[2] * facing + glow * 0.48)),
        )

    def shades(self, colours: Array, up: Array, glow: Array) -> list[Colour]:
        """`shade` of (n, 3) colours whose normals point (0, 0, up), each with its own lamp light."""
        sky, facing = 0.82 + 0.18 * up, np.maximum(0.0, up * self.towards[2])
        light = sky[:, None] * np.asarray(self.ambient) + facing[:, None] * np.asarray(self.sun)
        lit = colours * (light + glow[:, None] * (1.0, 0.78, 0.48))
        return [(r, g, b) for r, g, b in np.minimum(lit, 255.0).tolist()]


_BASE = {
    "day": Mood("day", (74, 142, 214), (206, 228, 240), (0.66, 0.70, 0.80), (0.58, 0.53, 0.40), (0, 0, 1),
                (200, 220, 236), 420, 0.5, 0.62),
    "dusk": Mood("dusk", (66, 72, 136), (255, 178, 112), (0.50, 0.44, 0.58), (0.72, 0.42, 0.20), (0, 0, 1),
                 (242, 176, 136), 240, 0.6, 0.5, lamps=0.45),
    "night": Mood("night", (16, 22, 56), (66, 70, 116), (0.30, 0.33, 0.48), (0.05, 0.06, 0.10), (0.3, 0.3, 0.9),
                  (34, 40, 72), 260, 0.3, 0.15, lamps=1.0),
    "rain": Mood("rain", (112, 124, 138), (174, 184, 190), (0.68, 0.72, 0.77), (0.05, 0.05, 0.05), (0.1, 0.2, 0.97),
                 (160, 172, 180), 130, 0.9, 0.12, lamps=0.35, wet=1.0),
    "fog": Mood("fog", (196, 204, 208), (222, 226, 226), (0.68, 0.70, 0.73), (0.05, 0.05, 0.04), (0.1, 0.2, 0.97),
                (214, 219, 221), 34, 0.2, 0.12, lamps=0.3, wet=0.15),
    "snow": Mood("snow", (168, 182, 200), (226, 232, 240), (0.68, 0.72, 0.80), (0.10, 0.10, 0.10), (0.2, 0.3, 0.93),
                 (218, 226, 236), 110, 0.7, 0.2, lamps=0.3, snow=1.0, season="winter"),
}  # fmt: skip


def mood(name: str, rng: np.random.Generator) -> Mood:
    """A random mood of this scene class: sun, season and wetness."""
    base = _BASE[name]
    altitude = np.radians(rng.uniform(38, 60) if name == "day" else rng.uniform(11, 18))
    azimuth = np.radians((rng.uniform(12, 55) if rng.random() < 0.4 else rng.uniform(110, 168)) * rng.choice([-1, 1]))
    season = base.season if name == "snow" else str(rng.choice(["summer", "summer", "spring", "autumn"]))
    warmth = float(rng.uniform(0.94, 1.06))
    r, g, b = base.ambient
    changed = replace(base, season=season, ambient=(r * warmth, g, b / warmth))
    if name in {"day", "dusk"}:
        flat = np.cos(altitude)
        towards = (float(np.sin(azimuth) * flat), float(np.cos(azimuth) * flat), float(np.sin(altitude)))
        return replace(changed, towards=towards, clouds=float(rng.uniform(0.2, 0.8)))
    if name == "night":
        return replace(changed, wet=float(rng.choice([0.0, 0.7])))
    if name == "fog":
        return replace(changed, visibility=float(rng.uniform(24, 55)))
    return changed
