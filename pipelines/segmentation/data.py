"""Images with their masks: read, checked, cut into crops. Masks are (h, w) uint8 of class indexes, IGNORE for none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from datasets.errors import EvaluationError
from datasets.images import masks
from datasets.images.pixels import opened
from datasets.records import Finding
from pipelines.augment import Augment
from pipelines.errors import DataError
from pipelines.images import read_image
from pipelines.runs.events import EventWriter
from pipelines.runs.manifests import Row, read
from pipelines.segmentation.config import Config
from pipelines.training import unread
from pipelines.training.data import cached, seeds, stacked

Array = np.ndarray[Any, Any]
IGNORE = 255
VALUES = 256
FILL = 114  # grey of what lies beside an image, as in YOLO
COUNTED = 2000  # masks that tell the shares of the classes


@dataclass(frozen=True)
class ImageWithMask:
    """An image, and the file of its mask."""

    path: str
    mask: str


@dataclass(frozen=True)
class Samples:
    """What is trained on: the values of the masks with their names, in the order of the classes, and both splits."""

    targets: Mapping[int, str]
    train: tuple[ImageWithMask, ...]
    val: tuple[ImageWithMask, ...]


def for_training(path: Path, events: EventWriter) -> Samples:
    """Read a manifest and check that there is something to learn from; what cannot be used is left out, with a finding.

    Where the dataset names no mask targets, every value in the masks is a class, except 255. Raises DataError.
    """
    manifest = read(path)
    usable = {split: tuple(_usable(manifest.split(split), events)) for split in ("train", "val")}
    for split, samples in usable.items():
        if not samples:
            raise DataError(
                f"expected masks in the split {split!r}, found {len(manifest.split(split))} samples without a usable "
                "one; label some, or split the dataset again"
            )
    targets = manifest.targets or _found([*usable["train"], *usable["val"]])
    if not 2 <= len(targets) < VALUES:
        raise DataError(
            f"expected 2 to 255 classes of pixels, found {', '.join(targets.values()) or 'none'}; name the values of "
            "the masks in the dataset, background too if it is to be learned"
        )
    return Samples(targets, usable["train"], usable["val"])


def table(targets: Mapping[int, str]) -> Array:
    """Class index by mask value: (256,) uint8, IGNORE for values without a name."""
    codes = np.full(VALUES, IGNORE, np.uint8)
    codes[list(targets)] = np.arange(len(targets))
    return codes


def read_mask(path: str, codes: Array) -> Array:
    """The class indexes (h, w) of a mask file, by the table of its values. Raises EvaluationError for a broken file."""
    values = masks.read({"mask_path": path})
    if values.dtype == np.uint8:
        return np.asarray(codes[values])
    known = (values >= 0) & (values < VALUES)
    return np.where(known, codes[np.where(known, values, 0).astype(np.uint8)], IGNORE).astype(np.uint8)


def shares(samples: Sequence[ImageWithMask], codes: Array, classes: int) -> Array:
    """Shares (classes,) of the labelled pixels, from up to 2,000 masks spread over the samples."""
    some = np.unique(np.linspace(0, len(samples) - 1, min(len(samples), COUNTED)).astype(int))
    counts = sum(_counted(samples[number].mask, codes) for number in some)
    counted = np.asarray(counts)[:classes].astype(np.float64)
    return np.asarray(counted / max(counted.sum(), 1))


def _counted(mask: str, codes: Array) -> Array:
    """Pixels (256,) of each class index in a mask; none in a broken one, which is told when it is learned from."""
    try:
        return np.bincount(read_mask(mask, codes).ravel(), minlength=VALUES)
    except EvaluationError:
        return np.zeros(VALUES, np.int64)


def shrink(image: Array, longest: int) -> Array:
    """An image (h, w, 3) whose longest side is at most `longest`; 0 leaves it."""
    height, width = image.shape[:2]
    factor = longest / max(height, width) if longest else 1.0
    if factor >= 1:
        return image
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


class Crops:
    """Training crops: image (size, size, 3) uint8 RGB, mask (size, size); batches (n, 3, size, size), (n, size, size).

    What is cut out and how it changes depends on seed, epoch and number alone.
    """

    def __init__(self, samples: Sequence[ImageWithMask], codes: Array, config: Config, folder: Path) -> None:
        self.config, self.epoch, self.count = config, 0, len(samples)
        self.read = _reader(samples, codes, config.image_size, config.cache, folder)
        self.augment = Augment(config.augment, mask_fill=IGNORE) if config.augment else None

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> tuple[Array, Array]:
        seed = seeds(self.config.seed, self.epoch, number)
        random = np.random.default_rng(seed)
        scale = random.uniform(self.config.scale_low, self.config.scale_high)
        size = self.config.crop_size
        image, mask = _parts(cut(self.read(number), size, scale, random))
        if self.augment:
            done = self.augment(image, seed, mask=mask)
            image, mask = np.asarray(done.image), np.asarray(done.mask)
        if image.shape[:2] != (size, size):  # a step of the augmentation that changes the size
            image, mask = _parts(cut(np.dstack([image, mask]), size, 1.0, random))
        return image, mask

    @staticmethod
    def collate(items: Sequence[tuple[Array, Array]]) -> tuple[torch.Tensor, torch.Tensor]:
        """One batch."""
        return stacked([image for image, _ in items]), torch.from_numpy(np.stack([mask for _, mask in items]))


class Whole:
    """Validation: images (h, w, 3) uint8 RGB, shrunk as `image_size` says, with masks of the image as shown."""

    def __init__(self, samples: Sequence[ImageWithMask], codes: Array, config: Config, folder: Path) -> None:
        self.epoch, self.count, self.longest = 0, len(samples), config.image_size
        self.read = _reader(samples, codes, 0, config.cache, folder)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        image, mask = _parts(self.read(number))
        pixels = np.ascontiguousarray(shrink(image, self.longest))
        return torch.from_numpy(pixels).permute(2, 0, 1), torch.from_numpy(mask)

    @staticmethod
    def collate(items: Sequence[Any]) -> list[Any]:
        """Images differ in size, so a batch is a list."""
        return list(items)


def cut(packed: Array, size: int, scale: float, random: np.random.Generator) -> Array:
    """A square (size, size, 4) at a random place of an image with its mask (h, w, 4), zoomed by `scale`.

    Only the pixels of the crop are resized. What lies beside the image is grey and of no class.
    """
    height, width = packed.shape[:2]
    rows, columns = min(height, max(round(size / scale), 1)), min(width, max(round(size / scale), 1))
    top, left = int(random.integers(height - rows + 1)), int(random.integers(width - columns + 1))
    part = packed[top : top + rows, left : left + columns]
    to = min(size, max(round(columns * scale), 1)), min(size, max(round(rows * scale), 1))
    out = np.full((size, size, 4), FILL, np.uint8)
    out[..., 3] = IGNORE
    image, mask = _parts(part)
    smooth = cv2.INTER_LINEAR if scale >= 1 else cv2.INTER_AREA
    out[: to[1], : to[0], :3] = cv2.resize(image, to, interpolation=smooth)
    out[: to[1], : to[0], 3] = cv2.resize(mask, to, interpolation=cv2.INTER_NEAREST_EXACT)
    return out


def _parts(packed: Array) -> tuple[Array, Array]:
    return np.ascontiguousarray(packed[..., :3]), np.ascontiguousarray(packed[..., 3])


def _reader(
    samples: Sequence[ImageWithMask], codes: Array, longest: int, cache: str, folder: Path
) -> Callable[[int], Array]:  # fmt: skip
    """Image and mask as one array (h, w, 4), RGB and class index; void where a file cannot be read."""

    def packed(number: int) -> Array:
        sample = samples[number]
        image = read_image(sample.path)
        if image is None:
            unread.tell(folder, sample.path)
            return np.full((1, 1, 4), IGNORE, np.uint8)
        try:
            mask = read_mask(sample.mask, codes)
        except EvaluationError:
            unread.tell(folder, sample.mask)
            return np.full((1, 1, 4), IGNORE, np.uint8)
        image = shrink(image, longest)
        if mask.shape != image.shape[:2]:
            mask = cv2.resize(mask, image.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
        return np.dstack([image[..., ::-1], mask])

    kept: Callable[[int], Any] = cached(packed, len(samples), cache, folder)
    return kept


def _usable(rows: Sequence[Row], events: EventWriter) -> list[ImageWithMask]:
    """Samples whose mask is a file of the size of the image; the others are reported."""
    kept, wrong = [], []
    for row in rows:
        path = next((label["mask_path"] for label in row.labels if label["mask_path"]), None)
        if path is None:
            continue
        problem = _problem(path, row)
        if problem:
            wrong.append((path, *problem))
        else:
            kept.append(ImageWithMask(row.path, path))
    for path, expected, found in wrong:
        finding = Finding("warning", "bad_mask", path, expected, found, "this sample is left out of the training")
        events.write("finding", **asdict(finding))
    return kept


def _problem(path: str, row: Row) -> tuple[str, str] | None:
    try:
        with opened(path) as mask:
            size = mask.size
    except (OSError, ValueError, SyntaxError) as error:
        return "a readable mask", str(error)
    if row.width and row.height and size != (row.width, row.height):
        return f"a mask of {row.width} x {row.height}, the size of its image", f"one of {size[0]} x {size[1]}"
    return None


def _found(samples: Sequence[ImageWithMask]) -> dict[int, str]:
    """The values that occur in masks, except 255: the classes of a dataset that names none."""
    seen = np.zeros(VALUES, np.bool_)
    identity = np.arange(VALUES, dtype=np.uint8)
    for sample in samples:
        try:
            seen[np.unique(read_mask(sample.mask, identity))] = True
        except EvaluationError as error:
            raise DataError(str(error)) from error
    return {int(value): str(value) for value in np.flatnonzero(seen[:IGNORE])}
