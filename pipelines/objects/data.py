"""The manifest of a run as objects on images, as plain arrays. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from datasets.skeleton import Skeleton
from pipelines.errors import DataError
from pipelines.runs import manifests

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class ObjectImage:
    """One image: size in pixels as shown, `boxes` (n, 4) as x, y, width, height in [0, 1], `classes` (n,) indexes.

    `masks` (n) are paths of mask files, "" where an object has none. A mask is as large as the image, or it fills its
    box in `drawn` (n, 4), which is not clipped to the image. `points` (n, k, 3) are the key points of each object, k of
    all alike: x, y, relative, NaN for none, and the visibility as COCO has it (0, 1, 2); k is 0 without key points.
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
    points: Floats = field(default_factory=lambda: np.zeros((0, 0, 3)))


@dataclass(frozen=True)
class Manifest:
    """A frozen dataset: class names in dataset order, its revision, its samples in the order of the table.

    `skeleton` is that of key points, None where nobody described them.
    """

    classes: tuple[str, ...]
    revision: str
    samples: tuple[ObjectImage, ...]
    skeleton: Skeleton | None = None

    @property
    def points(self) -> int:
        """How many key points each object has; 0 for none."""
        return max((sample.points.shape[1] for sample in self.samples), default=0)

    def split(self, name: str) -> list[ObjectImage]:
        """The samples of a split, ordered by path: the order in which `yolo train` reads the same folder."""
        return sorted((sample for sample in self.samples if sample.split == name), key=lambda sample: sample.path)


def read(path: Path) -> Manifest:
    """Read `manifest.parquet`. Crowd labels and labels without a box are left out, boxes are clipped to the image.

    Raises DataError when a label is in none of the classes that the manifest names.
    """
    return _manifest(manifests.read(path), path)


def for_training(path: Path, *, masks: bool = False, points: bool = False) -> Manifest:
    """Read and check that there is something to learn from and to validate on; with `masks`, objects that have one;
    with `points`, objects with a key point.

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
        if points:
            _must_have_points(split, samples)
    return manifest


def _must_have_masks(split: str, samples: Sequence[ObjectImage]) -> None:
    every = [mask for sample in samples for mask in sample.masks]
    if not any(every):
        raise DataError(
            f"expected labels with masks in the split {split!r}, found {len(every)} labels without one; "
            "import outlines or masks, or train a detector on the boxes"
        )


def _must_have_points(split: str, samples: Sequence[ObjectImage]) -> None:
    if not any((sample.points[..., 2] > 0).any() for sample in samples):
        raise DataError(
            f"expected labels with key points in the split {split!r}, found {sum(len(one.boxes) for one in samples)} "
            "labels without a single one; label some points, or train a detector on the boxes"
        )


def _manifest(found: manifests.Manifest, path: Path) -> Manifest:
    index = {name: number for number, name in enumerate(found.classes)}
    rows = tuple(_sample(row, index, path) for row in found.rows)
    made = Manifest(found.classes, found.revision, rows, found.skeleton)
    named = len(found.skeleton.points) if found.skeleton else 0
    counts = sorted({sample.points.shape[1] for sample in rows if len(sample.points)} | ({named} - {0}))
    if made.points and len(counts) > 1:
        raise DataError(
            f"{path}: expected the same number of key points in every label and in the skeleton, found "
            f"{' and '.join(map(str, counts))}; choose a field, or classes, of one skeleton"
        )
    return made


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
    points = _points([label.get("points") or [] for label in labels], path)
    return ObjectImage(
        row.id, row.path, row.split, row.width, row.height, boxes[kept], classes[kept], masks, drawn[kept], points[kept]
    )


def _points(every: Sequence[Sequence[float]], path: Path) -> Floats:
    counts = {len(one) // 3 for one in every}
    if len(counts) > 1:
        raise DataError(
            f"{path}: expected the same number of key points in every label, found {' and '.join(map(str, counts))}; "
            "choose a field, or classes, of one skeleton"
        )
    return np.array(every, dtype=np.float64).reshape(len(every), max(counts, default=0), 3)


def _clip(boxes: Floats) -> Floats:
    """Boxes inside the image are returned bit for bit as they are."""
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    outside = ((low < 0) | (high > 1)).any(axis=1)
    if outside.any():
        boxes = boxes.copy()
        boxes[outside, :2] = low[outside].clip(0, 1)
        boxes[outside, 2:] = high[outside].clip(0, 1) - boxes[outside, :2]
    return boxes
