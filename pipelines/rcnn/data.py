"""Samples as torchvision's R-CNN wants them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pipelines.augment import Augment, Step
from pipelines.images import read_image
from pipelines.objects.data import ObjectImage
from pipelines.objects.found import pixels_of
from pipelines.objects.masks import of_label
from pipelines.objects.options import ObjectsConfig
from pipelines.training import unread
from pipelines.training.data import cached, seeds
from pipelines.training.refused import Refuses

Array = np.ndarray[Any, Any]
Target = dict[str, torch.Tensor]


def spec(config: ObjectsConfig) -> tuple[Step, ...]:
    """The augmentation: the steps that were chosen, else those that the options ask for."""
    if config.augment:
        return config.augment
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
    return (
        Step(name="HorizontalFlip", p=config.flip_horizontal),
        Step(name="VerticalFlip", p=config.flip_vertical),
        Step(name="Affine", p=0.5 if moved else 0.0, options=affine),
        Step(name="ColorJitter", p=0.5 if tinted else 0.0, options=colour),
    )


def refuses(image_size: int) -> Refuses:
    """Why an image cannot be taken: scaled so that its longest side has `image_size` pixels, nothing is left of it.

    As torchvision's `GeneralizedRCNNTransform` scales, which rounds down.
    """

    def why(width: int, height: int) -> str:
        scale = image_size / max(width, height)
        return "" if min(width, height) * scale >= 1 else f"one of {width} x {height} px, too thin for {image_size} px"

    return why


class Images:
    """Items are (3, h, w) float RGB in [0, 1], and `boxes` (n, 4) in pixels x1, y1, x2, y2 with `labels` from 1 on.

    With `masks` there are `masks` (n, h, w) uint8, 1 inside; an object without one fills its box. What augmentation
    does depends on seed, epoch and sample alone, so that a resumed training sees the same images.
    """

    def __init__(
        self, samples: Sequence[ObjectImage], config: ObjectsConfig, folder: Path, *, augment: bool, masks: bool
    ) -> None:
        self.samples, self.seed, self.masks, self.epoch, self.folder = samples, config.seed, masks, 0, folder
        self.augment = Augment(spec(config)) if augment else None
        self.read = cached(lambda number: read_image(samples[number].path), len(samples), config.cache, folder)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, Target]:
        sample, image = self.samples[number], self.read(number)
        if image is None:
            unread.tell(self.folder, sample.path)
            return torch.zeros(3, 32, 32), _target(np.zeros((0, 4)), np.zeros(0, np.int64), self._none(), (32, 32))
        pixels, classes = np.ascontiguousarray(image[..., ::-1]), sample.classes
        corners = np.concatenate([sample.boxes[:, :2], sample.boxes[:, :2] + sample.boxes[:, 2:]], 1)
        masks = _masks(sample, (pixels.shape[1], pixels.shape[0])) if self.masks else None
        if self.augment:
            seed = seeds(self.seed, self.epoch, number)
            changed = self.augment(pixels, seed, masks=masks, corners=corners, classes=classes)
            pixels, masks = changed.image, changed.masks if self.masks else None
            corners, classes = changed.corners, changed.classes
        tensor = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).float() / 255
        return tensor, _target(corners, classes, masks, pixels.shape[:2])

    def collate(self, items: Sequence[tuple[torch.Tensor, Target]]) -> tuple[list[torch.Tensor], list[Target]]:
        """Images differ in size, so a batch is two lists."""
        return [image for image, _ in items], [target for _, target in items]

    def _none(self) -> Array | None:
        return np.zeros((0, 32, 32), np.uint8) if self.masks else None


def _around(centre: float, amount: float) -> tuple[float, float]:
    return centre - amount, centre + amount


def _masks(sample: ObjectImage, size: tuple[int, int]) -> Array:
    made = np.zeros((len(sample.boxes), size[1], size[0]), np.uint8)
    boxes = pixels_of(sample.boxes, size).tolist()
    for number, (left, top, right, bottom) in enumerate(boxes):
        found = of_label(sample, number, size)
        if found is None:
            made[number, top:bottom, left:right] = 1
        else:
            made[number] = found
    return made


def _target(corners: Array, classes: Array, masks: Array | None, size: Sequence[int]) -> Target:
    """Boxes without an area, which torchvision refuses, are left out."""
    height, width = size
    boxes = torch.from_numpy(corners * np.array([width, height, width, height])).float().reshape(-1, 4)
    kept = (boxes[:, 2:] > boxes[:, :2]).all(dim=1)
    target = {"boxes": boxes[kept], "labels": torch.from_numpy(classes)[kept] + 1}
    return target if masks is None else {**target, "masks": torch.from_numpy(masks)[kept]}
