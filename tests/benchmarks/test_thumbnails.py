"""Thumbnails of photo-like 1080p JPEG files beside Pillow, on one core."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from datasets.showing import thumbnails
from datasets.workspace import Workspace
from tests.benchmarks.measure import Bench

pytestmark = pytest.mark.slow
COUNT, SIDE = 60, 256


def photos(folder: Path) -> list[Path]:
    """Smooth shapes under noise, about 700 kB each, as cameras make them."""
    made = []
    for seed in range(COUNT):
        r = np.random.default_rng(seed)
        smooth = cv2.resize(r.integers(0, 256, (34, 60, 3), np.uint8), (1920, 1080), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(smooth + r.normal(0, 8, smooth.shape), 0, 255).astype(np.uint8)
        path = folder / f"{seed}.jpg"
        cv2.imwrite(str(path), noisy, [cv2.IMWRITE_JPEG_QUALITY, 88])
        made.append(path)
    return made


def test_thumbnails_1080p(bench: Bench, tmp_path: Path) -> None:
    paths, rounds = photos(tmp_path), iter(range(100))
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)

    def ours() -> list[Path]:
        home = Workspace(tmp_path / f"home {next(rounds)}").create()
        assert not thumbnails.make_ahead(paths, SIDE, workers=1, workspace=home)
        return [thumbnails.thumbnail(path, SIDE, home) for path in paths]

    def theirs(shrink: Callable[[Image.Image], Image.Image]) -> list[Path]:
        folder = tmp_path / f"pillow {next(rounds)}"
        folder.mkdir()
        return [_with_pillow(path, folder, shrink) for path in paths]

    for peer, shrink in (("pillow resize", _resized), ("pillow thumbnail", _thumbnail)):
        bench.compare("thumbnails_1080p", COUNT, ours, peer, lambda shrink=shrink: theirs(shrink), _alike, 2)
    cv2.setNumThreads(threads)


def _with_pillow(path: Path, folder: Path, shrink: Callable[[Image.Image], Image.Image]) -> Path:
    with Image.open(path) as image:
        image.load()
        shrink(ImageOps.exif_transpose(image)).save(folder / path.name, quality=thumbnails.QUALITY)
    return folder / path.name


def _resized(image: Image.Image) -> Image.Image:
    scale = SIDE / max(image.size)
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


def _thumbnail(image: Image.Image) -> Image.Image:
    """Pillow's own shortcut, which takes means of whole blocks before it resizes."""
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return image


def _alike(ours: list[Path], theirs: list[Path]) -> bool:
    """The same size, and pixels that differ by less than 4 of 255 in the mean."""
    for a, b in zip(ours, theirs, strict=True):
        with Image.open(a) as one, Image.open(b) as other:
            x, y = np.asarray(one, np.float32), np.asarray(other, np.float32)
        if x.shape != y.shape or np.abs(x - y).mean() >= 4:
            return False
    return True
