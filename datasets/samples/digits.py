"""The media of `digits`: scikit-learn's 1,797 real hand-written digits (UCI Optical Recognition), 8 x 8 as 64 x 64."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets.records import SPLITS, Progress, no_progress

SIDE = 64
SEED = 51
CLASSES = tuple(str(digit) for digit in range(10))
SHARES = (0.7, 0.15, 0.15)


@dataclass(frozen=True)
class Digit:
    """One image and its class."""

    path: Path
    label: str
    split: str


def write(folder: Path, most: int | None = None, progress: Progress = no_progress) -> list[Digit]:
    """Write the missing images (every pixel becomes a square of 8 x 8) and return the class of each image."""
    import cv2
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images, classes = bunch.images[:most], bunch.target[:most]
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for i, (image, split) in enumerate(zip(images, splits(classes.tolist()), strict=True)):
        path = folder / f"{i:04d}.png"
        if not path.exists():
            grey = np.kron(255 - np.round(image * (255 / 16)), np.ones((SIDE // 8, SIDE // 8))).astype(np.uint8)
            part = path.with_suffix(".part.png")
            cv2.imwrite(str(part), grey)
            part.replace(path)
        made.append(Digit(path, str(classes[i]), split))
        progress(i + 1, len(images))
    return made


def splits(classes: Sequence[int], seed: int = SEED) -> list[str]:
    """A split for every image, drawn within its class, the same for the same seed."""
    rng = np.random.default_rng(seed)
    found = [""] * len(classes)
    for name in sorted(set(classes)):
        members = rng.permutation(np.flatnonzero(np.asarray(classes) == name))
        ends = np.round(np.cumsum(SHARES) * len(members)).astype(int)
        for place, member in enumerate(members):
            found[int(member)] = SPLITS[int(np.searchsorted(ends, place, side="right"))]
    return found
