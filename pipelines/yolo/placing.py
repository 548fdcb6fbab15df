"""Images for YOLO, batch by batch, exactly as Ultralytics validates: same resizing, same rectangles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from pipelines.images import SizedImage

PAD, GREY = 0.5, 114
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Placed:
    """An image on its canvas: `pixels` (3, h, w) uint8 RGB; `size` (w, h) from `origin` (x, y) on are the image.

    `shown` (w, h) is the size of the image itself.
    """

    pixels: torch.Tensor
    origin: tuple[int, int]
    size: tuple[int, int]
    shown: tuple[int, int]


def placing(
    samples: Sequence[SizedImage], size: int, count: int, stride: int
) -> tuple[list[list[int]], Callable[[int, Array], Placed]]:
    """Batches of `count` numbers of samples, alike in aspect ratio, and what places the image of a number.

    Images are `size` pixels long at most, their canvases multiples of the `stride`; see `rectangles`.
    """
    batches, shapes = rectangles(samples, size, count, stride)

    def prepare(number: int, image: Array) -> Placed:
        height, width = shapes[number]
        return place(image, (int(height), int(width)), size)

    return batches, prepare


def batch(placed: Sequence[Placed], device: str) -> torch.Tensor:
    """The input of the model (n, 3, h, w), in [0, 1]."""
    return torch.stack([image.pixels for image in placed]).to(device).float() / 255


def rectangles(samples: Sequence[SizedImage], size: int, batch: int, stride: int = 32) -> tuple[list[list[int]], Array]:
    """Batches of sample numbers, alike in aspect ratio, and the canvas (height, width) of every sample, by number.

    As in Ultralytics' `BaseDataset.set_rectangle`: a batch shares the smallest canvas of multiples of the stride, plus
    half a stride, that holds all its images.
    """
    aspects = np.array([sample.height / sample.width if sample.width and sample.height else 1.0 for sample in samples])
    order = aspects.argsort()  # not stable, as in Ultralytics: ties decide who shares a batch
    batches = [order[start : start + batch].tolist() for start in range(0, len(order), batch)]
    shapes = np.zeros((len(samples), 2), dtype=int)
    for numbers in batches:
        low, high = aspects[numbers].min(), aspects[numbers].max()
        shape = (high, 1.0) if high < 1 else (1.0, 1 / low) if low > 1 else (1.0, 1.0)
        shapes[numbers] = np.ceil(np.array(shape) * size / stride + PAD).astype(int) * stride
    return batches, shapes


def place(image: Array, canvas: tuple[int, int], size: int) -> Placed:
    """Resize a BGR image (h, w, 3) so that its longest side is `size`, and centre it on a grey canvas (height, width).

    Rounding as in Ultralytics' `BaseDataset.load_image` and `LetterBox`, which decides about single pixels.
    """
    import cv2

    height, width = image.shape[:2]
    shown = width, height
    ratio = size / max(height, width)
    if ratio != 1:
        target = min(int(np.ceil(width * ratio)), size), min(int(np.ceil(height * ratio)), size)
        image = cv2.resize(image, target, interpolation=cv2.INTER_LINEAR)
    height, width = image.shape[:2]
    fit = min(canvas[0] / height, canvas[1] / width, 1.0)
    if fit < 1:  # the manifest's size was not that of the image
        width, height = max(round(width * fit), 1), max(round(height * fit), 1)
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    top, left = round((canvas[0] - height) / 2 - 0.1), round((canvas[1] - width) / 2 - 0.1)
    placed = np.full((*canvas, 3), GREY, dtype=np.uint8)
    placed[top : top + height, left : left + width] = image
    pixels = torch.from_numpy(placed[..., ::-1].transpose(2, 0, 1).copy())
    return Placed(pixels, (left, top), (width, height), shown)
