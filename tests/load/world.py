"""Large datasets for load tests, by raw bulk inserts: 8 boxes on each of 100,000 images, or a million bare samples.

A few small pictures stand for all: each sample has a file of its own name, hard-linked to one of them, so that
thumbnails are cut and painted as for real ones.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from datasets.storage import collection, labels, store
from tests.helpers import make_image

CLASSES = tuple(f"class {k}" for k in range(10))
CAMERAS = ("front", "left", "right", "rear")
OBJECTS = 8
PICTURES = 200
SIZE = (320, 240)
_AT_ONCE = 5_000


def make(name: str, n: int, media: Path, *, objects: int = OBJECTS, linked: int | None = None) -> None:
    """A dataset of n samples with so many boxes each; only the first `linked` (default: all) have a file."""
    pictures = [make_image(media / "kinds" / f"{k:03d}.jpg", SIZE, seed=k) for k in range(min(PICTURES, n))]
    kinds = {"ground_truth": "detections"} if objects else {}
    store.create(name, kinds, CLASSES if objects else (), {"score": "float", "camera": "string"})
    size = collection.image_metadata(*SIZE, pictures[0].stat().st_size, "image/jpeg", 3)
    made = _documents(n, media / name, objects, size, pictures, n if linked is None else linked)
    collection.insert(name, made, n)


def _documents(
    n: int, folder: Path, objects: int, size: dict[str, Any], pictures: list[Path], linked: int
) -> Iterator[dict[str, Any]]:
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, n, _AT_ONCE):
        count = min(_AT_ONCE, n - start)
        r = np.random.default_rng(start)
        score, camera, part = r.random(count), r.integers(0, len(CAMERAS), count), r.random(count)
        boxes = _boxes(r, count * objects)
        for row in range(count):
            at = start + row
            path = folder / f"{at:07d}.jpg"
            if at < linked:
                os.link(pictures[at % len(pictures)], path)
            found = boxes[row * objects : (row + 1) * objects]
            held = {"ground_truth": {"_cls": "Detections", "detections": found}} if objects else {}
            split = "train" if part[row] < 0.8 else "val" if part[row] < 0.9 else "test"
            tags = ["odd"] if at % 97 == 0 else []
            yield collection.sample_document(
                str(path), size, split=split, tags=tags, score=float(score[row]), camera=CAMERAS[camera[row]], **held
            )


def _boxes(r: np.random.Generator, n: int) -> list[dict[str, Any]]:
    size = r.uniform(0.05, 0.35, (n, 2))
    box = np.concatenate([r.uniform(0, 1, (n, 2)) * (1 - size), size], axis=1).tolist()
    names = [CLASSES[k] for k in r.integers(0, len(CLASSES), n)]
    return labels.detections(names, box, [None] * n)
