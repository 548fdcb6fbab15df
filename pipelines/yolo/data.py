"""Samples as the folders that Ultralytics reads: links to the images, label files, one yaml.

Ultralytics reads images in its own way: of those that it would see otherwise than people do it gets copies.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

import cv2
import yaml

from datasets.images.pictures import is_plain
from pipelines.images import read_image

SUFFIXES = (".jpg", ".jpeg", ".png")


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
        images = place(samples, [folder / "images" / split] * len(samples))
        for image, sample in zip(images, samples, strict=True):
            (labels / f"{image.stem}.txt").write_text(lines(sample), encoding="utf-8")
    write_description(description, content)
    return description


def place(samples: Sequence[LinkedImage], folders: Sequence[Path]) -> list[Path]:
    """The image of each sample in its folder, named by its rank and its id.

    A link to a common JPEG or PNG, else a PNG of what people see; of a broken image there is no file.
    """
    for folder in set(folders):
        folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_place, samples, range(len(samples)), folders))


def _place(sample: LinkedImage, rank: int, folder: Path) -> Path:
    plain = _is_plain(sample.path)
    suffix = Path(sample.path).suffix.lower() if plain else ".png"
    made = folder / f"{rank:07d}_{sample.id}{suffix if suffix in SUFFIXES else '.jpg'}"
    made.unlink(missing_ok=True)
    if plain:
        made.symlink_to(sample.path)
    elif (image := read_image(sample.path)) is not None and not cv2.imwrite(str(made), image):
        raise OSError(f"expected to write the image {made}, found no way to; is the disk full?")
    return made


def _is_plain(path: str) -> bool:
    try:
        return is_plain(path)
    except OSError:
        return False


def sample_id(image: str) -> str:
    """The sample that an image file of a prepared folder belongs to."""
    return Path(image).stem.partition("_")[2]


def is_same(description: Path, content: Mapping[str, Any]) -> bool:
    """Whether a folder was prepared with the same content."""
    return description.exists() and yaml.safe_load(description.read_text(encoding="utf-8")) == content


def write_description(description: Path, content: Mapping[str, Any]) -> None:
    """Write the yaml: last, when all that it names is there."""
    description.write_text(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False), encoding="utf-8")
