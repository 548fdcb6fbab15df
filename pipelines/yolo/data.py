"""Samples as the folders that Ultralytics reads: links to the images, label files, one yaml."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml

SUFFIXES = {
    ".avif",
    ".bmp",
    ".dng",
    ".heic",
    ".heif",
    ".jp2",
    ".jpeg",
    ".jpg",
    ".mpo",
    ".png",
    ".tif",
    ".tiff",
    ".webp",
}


class LinkedImage(Protocol):
    """An image by its id and path."""

    @property
    def id(self) -> str:
        """The id of the sample."""

    @property
    def path(self) -> str:
        """Where the image lies."""


S = TypeVar("S", bound=LinkedImage)


def prepare(
    folder: Path,
    classes: Sequence[str],
    revision: str,
    splits: Mapping[str, Sequence[S]],
    lines: Callable[[S], str],
    *,
    more: Mapping[str, Any] | None = None,
) -> Path:
    """Write `<folder>/data.yaml` and what it names; returns the yaml. A folder of the same revision is used again.

    `lines(sample)` is the label file of a sample; `more` are further entries of the yaml. Image names begin with their
    rank in `splits`, by original path, so that Ultralytics, which sorts names, reads them in the order it would read
    the original folder. Its label cache lands in `folder` too, never beside the user's images.
    """
    description = folder / "data.yaml"
    content = {
        "path": str(folder.resolve()),
        **{split: f"images/{split}" for split in splits},
        "names": dict(enumerate(classes)),
        "revision": revision,
        **(more or {}),
    }
    if is_same(description, content):
        return description
    for split, samples in splits.items():
        labels = folder / "labels" / split
        labels.mkdir(parents=True, exist_ok=True)
        for rank, sample in enumerate(samples):
            name = link(sample, rank, folder / "images" / split).stem
            (labels / f"{name}.txt").write_text(lines(sample), encoding="utf-8")
    write_description(description, content)
    return description


def link(sample: LinkedImage, rank: int, folder: Path) -> Path:
    """A link to the image of a sample, named by its rank and its id; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    suffix = Path(sample.path).suffix.lower()
    made = folder / f"{rank:07d}_{sample.id}{suffix if suffix in SUFFIXES else '.jpg'}"
    made.unlink(missing_ok=True)
    made.symlink_to(sample.path)
    return made


def sample_id(image: str) -> str:
    """The sample that an image file of a prepared folder belongs to."""
    return Path(image).stem.partition("_")[2]


def is_same(description: Path, content: Mapping[str, Any]) -> bool:
    """Whether a folder was prepared with the same content."""
    return description.exists() and yaml.safe_load(description.read_text(encoding="utf-8")) == content


def write_description(description: Path, content: Mapping[str, Any]) -> None:
    """Write the yaml: last, when all that it names is there."""
    description.write_text(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False), encoding="utf-8")
