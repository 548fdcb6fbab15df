"""Samples as torchvision's detectors want them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from pipelines.augment import Augment, Step
from pipelines.detection.config import Config
from pipelines.detection.data import Sample
from pipelines.images import read_image

Target = dict[str, torch.Tensor]


def spec(config: Config) -> list[Step]:
    """The augmentation that the options ask for; fewer transforms where an option is 0."""
    affine = {
        "rotate": _around(0, config.rotate),
        "translate_percent": _around(0, config.translate),
        "scale": _around(1, config.scale),
    }
    colour = {
        "brightness": _around(1, config.brightness),
        "contrast": (1.0, 1.0),
        "saturation": _around(1, config.saturation),
        "hue": _around(0, min(config.hue, 0.5)),
    }
    moved = any((config.rotate, config.translate, config.scale))
    tinted = any((config.hue, config.saturation, config.brightness))
    return [
        Step(name="HorizontalFlip", p=config.flip_horizontal),
        Step(name="VerticalFlip", p=config.flip_vertical),
        Step(name="Affine", p=0.5 if moved else 0.0, options=affine),
        Step(name="ColorJitter", p=0.5 if tinted else 0.0, options=colour),
    ]


def _around(centre: float, amount: float) -> tuple[float, float]:
    return centre - amount, centre + amount


class Images(Dataset[tuple[torch.Tensor, Target]]):
    """Items are (3, h, w) float RGB in [0, 1] and `boxes` (n, 4) in pixels x1, y1, x2, y2 with `labels` from 1 on.

    What augmentation does depends on seed, epoch and sample alone, so that a resumed training sees the same images.
    """

    def __init__(self, samples: Sequence[Sample], config: Config, augment: bool) -> None:
        self.samples, self.seed, self.epoch = samples, config.seed, 0
        self.augment = Augment(spec(config)) if augment else None

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, Target]:
        sample = self.samples[number]
        image = read_image(sample.path)
        if image is None:  # the loop skips what holds nothing to learn from
            return torch.zeros(3, 32, 32), _target(np.zeros((0, 4)), np.zeros(0, dtype=np.int64), (32, 32))
        pixels = np.ascontiguousarray(image[..., ::-1])
        corners, classes = (
            np.concatenate([sample.boxes[:, :2], sample.boxes[:, :2] + sample.boxes[:, 2:]], 1),
            sample.classes,
        )
        if self.augment:
            seed = int(np.random.SeedSequence([self.seed, self.epoch, number]).generate_state(1)[0])
            changed = self.augment(pixels, seed, corners=corners, classes=classes)
            pixels, corners, classes = changed.image, changed.corners, changed.classes
        tensor = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).float() / 255
        return tensor, _target(corners, classes, pixels.shape[:2])


class Shuffle(Sampler[int]):
    """All samples once, in an order that depends on seed and epoch alone."""

    def __init__(self, dataset: Images) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[int]:
        order = np.random.default_rng([self.dataset.seed, self.dataset.epoch]).permutation(len(self.dataset))
        yield from order.tolist()


def collate(items: Sequence[tuple[torch.Tensor, Target]]) -> tuple[list[torch.Tensor], list[Target]]:
    """Images differ in size, so a batch is two lists."""
    return [image for image, _ in items], [target for _, target in items]


def _target(corners: np.ndarray[Any, Any], classes: np.ndarray[Any, Any], size: Sequence[int]) -> Target:
    height, width = size
    boxes = torch.from_numpy(corners * np.array([width, height, width, height])).float()
    return {"boxes": boxes, "labels": torch.from_numpy(classes) + 1}
