"""The manifest of a run as objects on images, as plain arrays. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.errors import DataError
from pipelines.runs import manifests

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class ObjectImage:
    """One image: size in pixels as shown, `boxes` (n, 4) as x, y, width, height in [0, 1], `classes` (n,) indexes.

    `masks` (n) are paths of mask files, "" where an object has none. A mask is as large as the image, or it fills its
    box in `drawn` (n, 4), which is not clipped to the image.
    """

    id: str
    path: str
    split: str
    width: int
    height: int
    boxes: Floats
    classes: np.ndarray[Any, np.dtype[np.int64]]
    masks: tuple[str, ...]
    drawn: Floats


@dataclass(frozen=True)
class Manifest:
    """A frozen dataset: class names in dataset order, its revision, its samples in the order of the table."""

    classes: tuple[str, ...]
    revision: str
    samples: tuple[ObjectImage, ...]

    def split(self, name: str) -> list[ObjectImage]:
        """The samples of a split, ordered by path: the order in which `yolo train` reads the same folder."""
        return sorted((sample for sample in self.samples if sample.split == name), key=lambda sample: sample.path)


def read(path: Path) -> Manifest:
    """Read `manifest.parquet`. Crowd labels and labels without a box are left out, boxes are clipped to the image.

    Raises DataError when a label is in none of the classes that the manifest names.
    """
    return _manifest(manifests.read(path), path)


def for_training(path: Path, *, masks: bool = False) -> Manifest:
    """Read and check that there is something to learn from and to validate on; with `masks`, objects that have one.

    Raises DataError.
    """
    manifest = read(path)
    if not manifest.classes:
        raise DataError(f"{path}: expected at least one class, found none; give the label field boxes with a class")
    for split in ("train", "val"):
        samples = manifest.split(split)
        if not any(len(sample.boxes) for sample in samples):
            raise DataError(
                f"expected labels in the split {split!r}, found {len(samples)} samples without any; "
                "label some, or split the dataset again"
            )
        if masks:
            _must_have_masks(split, samples)
    return manifest


def _must_have_masks(split: str, samples: Sequence[ObjectImage]) -> None:
    every = [mask for sample in samples for mask in sample.masks]
    if not any(every):
        raise DataError(
            f"expected labels with masks in the split {split!r}, found {len(every)} labels without one; "
            "import outlines or masks, or train a detector on the boxes"
        )


def _manifest(found: manifests.Manifest, path: Path) -> Manifest:
    index = {name: number for number, name in enumerate(found.classes)}
    return Manifest(found.classes, found.revision, tuple(_sample(row, index, path) for row in found.rows))


def _sample(row: manifests.Row, index: dict[str, int], path: Path) -> ObjectImage:
    labels = [label for label in row.labels if label["box"] is not None and not label["crowd"]]
    unknown = sorted({label["label"] for label in labels} - index.keys())
    if unknown:
        raise DataError(f"{path}: expected labels of the classes {', '.join(index)}; found {', '.join(unknown)}")
    drawn = np.array([label["box"] for label in labels], dtype=np.float64).reshape(-1, 4)
    boxes = _clip(drawn)
    classes = np.array([index[label["label"]] for label in labels], dtype=np.int64)
    kept = (boxes[:, 2] > 0) & (boxes[:, 3] > 0)
    masks = tuple(label.get("mask_path") or "" for label, some in zip(labels, kept.tolist(), strict=True) if some)
    return ObjectImage(
        row.id, row.path, row.split, row.width, row.height, boxes[kept], classes[kept], masks, drawn[kept]
    )


def _clip(boxes: Floats) -> Floats:
    """Boxes inside the image are returned bit for bit as they are."""
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    outside = ((low < 0) | (high > 1)).any(axis=1)
    if outside.any():
        boxes = boxes.copy()
        boxes[outside, :2] = low[outside].clip(0, 1)
        boxes[outside, 2:] = high[outside].clip(0, 1) - boxes[outside, :2]
    return boxes
