"""Make three images of noise, each from a latent vector that a seed decides."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipelines.runs import results
from pipelines.runs.results import NewSample


def make(_checkpoint: Path, out: Path, *_: Any) -> None:
    """Leave a PNG of each new sample beside the table."""
    made = []
    for seed in range(3):
        latent = np.random.default_rng(seed).normal(size=4)
        pixels = np.uint8(np.clip(128 + 40 * np.resize(latent, (12, 16)), 0, 255))
        path = out.parent / "work" / f"{seed}.png"
        Image.fromarray(pixels).save(path)
        made.append(NewSample(path, seed, latent.tolist(), {"truncation": 0.7}))
    with results.opened(out) as write:
        write(results.samples(made))
