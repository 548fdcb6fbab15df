"""Samples as batches of pixels (n, c, s, s) uint8 with their targets."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from pathlib import Path
from typing import Any, Self

import numpy as np
import psutil
import torch
from torch.utils.data import Dataset, Sampler

from pipelines.augment import Augment
from pipelines.classification.config import SMALL_SIDE, Config
from pipelines.classification.data import ClassifiedImage
from pipelines.classification.network.preprocess import Preprocess
from pipelines.errors import DataError
from pipelines.images import read_image
from pipelines.training import unread
from pipelines.training.data import SHARE, cached, seeds, stacked

Array = np.ndarray[Any, Any]
Batch = tuple[torch.Tensor, torch.Tensor]
Read = Callable[[int], Array | None]
NONE_READABLE = DataError("expected images that can be read in every split, found none; repair or replace them")
RATIOS = (3 / 4, 4 / 3)  # width by height of a random crop, as in Szegedy et al. 2015 and torchvision


class Decoded(Dataset[tuple[Array, Array]]):
    """Photographs: each is decoded (once, when memory allows), cropped, flipped and augmented.

    What happens to an image depends on seed, epoch and its number alone, so that a resumed training sees the same.
    """

    def __init__(
        self, read: Callable[[int], Any], answers: Array, config: Config, preprocess: Preprocess, learns: bool
    ) -> None:
        self.read, self.answers, self.config, self.preprocess, self.learns = read, answers, config, preprocess, learns
        self.epoch = 0
        size = (preprocess.image_size, preprocess.image_size)
        self.augment = Augment(config.augment, size=size) if learns and config.augment else None

    def still(self) -> Self:
        """The same images without augmentation."""
        made = copy(self)
        made.learns = False
        return made

    def __len__(self) -> int:
        return len(self.answers)

    def __getitem__(self, number: int) -> tuple[Array, Array]:
        number, image = self._readable(number)
        if not self.learns:
            return self.preprocess.place(image), self.answers[number]
        seed = seeds(self.config.seed, self.epoch, number)
        made = self._changed(image, np.random.default_rng(seed))
        if self.augment:
            made = self.augment(made, seed).image
        return made, self.answers[number]

    def _readable(self, number: int) -> tuple[int, Array]:
        """An image and its number; the next that can be read stands in for one that cannot. Raises DataError."""
        for step in range(len(self)):
            other = (number + step) % len(self)
            image = self.read(other)
            if image is not None:
                return other, image
        raise NONE_READABLE

    def collate(self, items: Sequence[tuple[Array, Array]]) -> Batch:
        """Images and targets as tensors."""
        return stacked([image for image, _ in items]), torch.from_numpy(np.stack([answer for _, answer in items]))

    def _changed(self, image: Array, random: np.random.Generator) -> Array:
        crop, size = self.config.crop or 1.0, self.preprocess.image_size
        if crop < 1:
            made = self.preprocess.scaled(image, (size, size), random_part(image.shape[:2], crop, random))
        else:
            made = self.preprocess.place(image)
        if random.random() < (self.config.mirror or 0):
            made = np.ascontiguousarray(made[:, ::-1])
        if self.config.shift:
            reach = round(self.config.shift * size)
            made = moved(made[None], random.integers(0, 2 * reach + 1, (1, 2)), reach)[0]
        return made


class Gathered(Dataset[Batch]):
    """Small images, all in memory as one array (n, s, s, c) uint8; a batch is gathered at once."""

    def __init__(self, pixels: Array, answers: Array, config: Config, learns: bool) -> None:
        self.pixels, self.answers, self.config, self.learns, self.epoch = pixels, answers, config, learns, 0
        self.augment = Augment(config.augment) if learns and config.augment else None

    def still(self) -> Self:
        """The same images without augmentation."""
        made = copy(self)
        made.learns = False
        return made

    def __len__(self) -> int:
        return len(self.answers)

    def __getitem__(self, number: int) -> Batch:
        return self.__getitems__([number])

    def __getitems__(self, numbers: Sequence[int]) -> Batch:
        """The batch of these numbers."""
        made = self.pixels[numbers]
        if self.learns:
            made = self._changed(made, list(numbers))
        return torch.from_numpy(made).permute(0, 3, 1, 2), torch.from_numpy(self.answers[numbers])

    def _changed(self, images: Array, numbers: list[int]) -> Array:
        # One seed for a batch: its first image, whose place in the order depends on seed and epoch alone.
        random = np.random.default_rng([self.config.seed, self.epoch, numbers[0]])
        mirror, reach = self.config.mirror or 0.0, round((self.config.shift or 0.0) * images.shape[1])
        if mirror:
            flipped = random.random(len(images)) < mirror
            images = np.where(flipped[:, None, None, None], images[:, :, ::-1], images)
        if reach:
            images = moved(images, random.integers(0, 2 * reach + 1, (len(images), 2)), reach)
        if self.augment:
            steps = [seeds(self.config.seed, self.epoch, number) for number in numbers]
            images = np.stack([self._one(image, seed) for image, seed in zip(images, steps, strict=True)])
        return np.ascontiguousarray(images)

    def _one(self, image: Array, seed: int) -> Array:
        assert self.augment
        made = self.augment(image if image.shape[2] == 3 else image[..., 0], seed).image
        return made if made.ndim == 3 else made[..., None]


class Balanced(Sampler[int]):
    """Balanced sampling: as many draws as examples, each class equally often; depends on seed and epoch alone."""

    def __init__(self, dataset: Any, chances: Array, seed: int) -> None:
        self.dataset, self.chances, self.seed = dataset, chances / chances.sum(), seed

    def __len__(self) -> int:
        return len(self.chances)

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng([self.seed, self.dataset.epoch])
        yield from random.choice(len(self.chances), len(self.chances), p=self.chances).tolist()


def examples(
    samples: Sequence[ClassifiedImage],
    answers: Array,
    config: Config,
    preprocess: Preprocess,
    *,
    folder: Path,
    learns: bool,
) -> Decoded | Gathered:
    """The dataset that goes with the size of what the network sees and with the memory that is free.

    `learns` says whether images are changed at random. Decoded images may be kept below `folder`.
    """
    side, count = preprocess.image_size, len(samples)
    read = reader([sample.path for sample in samples], preprocess, folder)
    whole = not learns or (config.crop or 1.0) >= 1
    if (
        side <= SMALL_SIDE
        and whole
        and config.cache in SHARE
        and fits(count * side**2 * preprocess.depth, config.cache)
    ):
        made, kept = pixels(read, count, preprocess)
        return Gathered(made, answers[kept], config, learns)
    return Decoded(cached(read, count, config.cache, folder), answers, config, preprocess, learns)


def reader(paths: Sequence[str], preprocess: Preprocess, folder: Path) -> Read:
    """Reads the image of a number in the channels of the network; None, which is told, when it cannot be read."""

    def read(number: int) -> Array | None:
        image = read_image(paths[number])
        if image is None:
            unread.tell(folder, paths[number])
            return None
        return preprocess.coloured(image)

    return read


def pixels(read: Read, count: int, preprocess: Preprocess) -> tuple[Array, Array]:
    """All images that can be read as the network sees them, (n, s, s, c) uint8, and their numbers (n,).

    Raises DataError when there is none.
    """
    made = np.empty((count, preprocess.image_size, preprocess.image_size, preprocess.depth), dtype=np.uint8)

    def fill(number: int) -> bool:
        image = read(number)
        if image is not None:
            made[number] = preprocess.place(image)
        return image is not None

    with ThreadPoolExecutor() as pool:
        kept = np.flatnonzero(list(pool.map(fill, range(count))))
    if not len(kept):
        raise NONE_READABLE
    return (made if len(kept) == count else made[kept]), kept


def fits(size: int, kind: str) -> bool:
    """Whether `size` bytes may be kept in memory, by the option `cache`."""
    return bool(kind in SHARE and size < SHARE[kind] * psutil.virtual_memory().available)


def random_part(shape: Sequence[int], least: float, random: np.random.Generator) -> tuple[float, float, float, float]:
    """A random crop (left, top, right, bottom) of an image (h, w): at least `least` of its area, 3:4 to 4:3.

    As torchvision's RandomResizedCrop; after ten crops that do not fit, the centre.
    """
    height, width = shape
    for _ in range(10):
        area = height * width * random.uniform(least, 1)
        ratio = np.exp(random.uniform(*np.log(RATIOS)))
        w, h = round(float(np.sqrt(area * ratio))), round(float(np.sqrt(area / ratio)))
        if 0 < w <= width and 0 < h <= height:
            left, top = int(random.integers(0, width - w + 1)), int(random.integers(0, height - h + 1))
            return left, top, left + w, top + h
    x, y = min(width, height * RATIOS[1]) / 2, min(height, width / RATIOS[0]) / 2
    return width / 2 - x, height / 2 - y, width / 2 + x, height / 2 + y


def moved(images: Array, starts: Array, reach: int) -> Array:
    """Images (n, s, s, c) padded with zeros by `reach`, each cut at its start (n, 2) in [0, 2 reach]: y, x."""
    count, side = images.shape[:2]
    padded = np.pad(images, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
    rows, columns = (starts[:, axis, None] + np.arange(side) for axis in (0, 1))
    cut: Array = padded[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return cut
