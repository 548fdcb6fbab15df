"""The manifest of a classification run as plain samples. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datasets import kinds
from datasets.kinds import CLASSIFICATION
from pipelines.errors import DataError
from pipelines.runs import manifests


@dataclass(frozen=True, slots=True)
class ClassifiedImage:
    """One image: size in pixels as shown (0 when unknown), `classes` are indexes into those of its dataset."""

    id: str
    path: str
    split: str
    width: int
    height: int
    classes: tuple[int, ...]


@dataclass(frozen=True)
class Dataset:
    """A frozen dataset: class names in dataset order, the kind of its labels, its revision, its samples."""

    classes: tuple[str, ...]
    kind: str
    revision: str
    samples: tuple[ClassifiedImage, ...]

    @property
    def many(self) -> bool:
        """Whether an image may have any number of classes."""
        return kinds.kind(self.kind).many

    def split(self, name: str) -> list[ClassifiedImage]:
        """The samples of a split, ordered by path."""
        return sorted((sample for sample in self.samples if sample.split == name), key=lambda sample: sample.path)


def read(path: Path) -> Dataset:
    """Read `manifest.parquet`. Of labels of one class per image, those without any are left out.

    In a dataset of many classes per image a sample without labels is one of which no class is true.
    Raises DataError when a label is in none of the classes that the manifest names.
    """
    found = manifests.read(path)
    kind = found.kind or CLASSIFICATION.name
    index = {name: number for number, name in enumerate(found.classes)}
    samples = (_sample(row, index, path) for row in found.rows)
    many = kinds.kind(kind).many
    return Dataset(found.classes, kind, found.revision, tuple(one for one in samples if one.classes or many))


def for_training(path: Path) -> Dataset:
    """Read and check that there is something to learn from and to validate on. Raises DataError."""
    dataset = read(path)
    least = 1 if dataset.many else 2
    if len(dataset.classes) < least:
        raise DataError(
            f"{path}: expected at least {least} classes, found {', '.join(dataset.classes) or 'none'}; "
            "label images, or choose another field"
        )
    for split in ("train", "val"):
        if not any(sample.classes for sample in dataset.split(split)):
            raise DataError(
                f"expected labels in the split {split!r}, found {len(dataset.split(split))} samples without any; "
                "label some, or split the dataset again"
            )
    return dataset


def targets(samples: Sequence[ClassifiedImage], kind: str, classes: int) -> np.ndarray[Any, Any]:
    """Targets: class indices (n,) int64, or multi-hot vectors (n, k) float32 for many classes per image."""
    if not kinds.kind(kind).many:
        return np.array([sample.classes[0] for sample in samples], dtype=np.int64)
    made = np.zeros((len(samples), classes), dtype=np.float32)
    for row, sample in enumerate(samples):
        made[row, list(sample.classes)] = 1
    return made


def _sample(row: manifests.Row, index: dict[str, int], path: Path) -> ClassifiedImage:
    names = [label["label"] for label in row.labels]
    unknown = sorted(set(names) - index.keys())
    if unknown:
        raise DataError(f"{path}: expected labels of the classes {', '.join(index)}; found {', '.join(unknown)}")
    numbers = tuple(dict.fromkeys(index[name] for name in names))
    return ClassifiedImage(row.id, row.path, row.split, row.width, row.height, numbers)
