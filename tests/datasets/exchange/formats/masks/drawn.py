"""Photos and masks whose classes are known, written in many ways; and what a dataset holds after they were imported."""

from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from datasets.exchange.importing import ingest, preview
from datasets.exchange.previews import Preview
from datasets.images import masks
from datasets.storage import collection, documents, fields
from tests.helpers import make_image

SIZE = (64, 48)
OTHERS = ("no_validation_split", "no_train_split", "groups_kept")
BACKGROUND = ("background", "foreground")


def classes(seed: int, n: int = 2) -> np.ndarray:
    """Indexes of classes (h, w): rectangles of the classes 1 to n - 1 on class 0."""
    found = np.zeros(SIZE[::-1], np.uint8)
    random = np.random.default_rng(seed)
    for k in range(1, n):
        x, y = random.integers(2, 30), random.integers(2, 20)
        found[y : y + 18, x : x + 22] = k
    for k in range(1, n):  # none is hidden by others
        found[36:46, k * 12 : k * 12 + 9] = k
    return found


def save(path: Path, pixels: np.ndarray | Image.Image, mode: str = "", **options: object) -> Path:
    """Write a mask; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def pairs(folder: Path, write, n: int = 2, images: str = "images/{}.jpg", masks_: str = "masks/{}.png") -> dict:
    """Three photos, each with a mask by `write(path, classes, number)`; the truth by the photo's name."""
    found = {}
    for number in range(3):
        photo = make_image(folder / images.format(number), SIZE, seed=number)
        found[photo.name] = classes(number, n)
        write(folder / masks_.format(number), found[photo.name], number)
    return found


def check(found: Preview, truth: dict, names: tuple, name: str = "d") -> None:
    """What is stored has the class of each pixel (None for void) that it should have, and the preview says so."""
    assert found.format == "mask_folders", (found.format, found.findings)
    ingest(found, name, None)
    targets = fields.targets(documents.of(name), "ground_truth")
    shown: Counter[str] = Counter()
    stored = list(collection.stream(name))
    assert len(stored) == len(truth) == found.masks
    for one in stored:
        pixels = masks.read(one["ground_truth"])
        said = np.array([targets.get(value) for value in range(256)], object)[pixels]
        wanted = np.array(names, object)[truth[Path(one["filepath"]).name]]
        assert (said == wanted).all(), (one["filepath"], (said != wanted).mean(), {*said.ravel()}, {*wanted.ravel()})
        shown.update({value for value in said.ravel() if value is not None})
    assert dict(found.class_counts) == {value: shown[value] for value in targets.values()}


def codes(found: Preview) -> list[str]:
    """The kinds of findings, in order, without those about splits and parts, which are told for every format."""
    return [one.code for one in found.findings if one.code not in OTHERS]


def seen(folder: Path, **options: object) -> Preview:
    """A preview."""
    return preview(folder, **options)
