"""Images for YOLO, batch by batch, exactly as Ultralytics validates: same resizing, same rectangles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from pipelines.images import read_image

PAD, GREY = 0.5, 114
Array = np.ndarray[Any, Any]


class Sample(Protocol):
    """An image by its path and its size in pixels as shown, 0 when unknown."""

    @property
    def path(self) -> str:
        """Where the image lies."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""


@dataclass(frozen=True)
class Placed:
    """An image on its canvas: `pixels` (3, h, w) uint8 RGB; `size` (w, h) from `origin` (x, y) on are the image.

    `shown` (w, h) is the size of the image itself.
    """

    number: int
    pixels: torch.Tensor
    origin: tuple[int, int]
    size: tuple[int, int]
    shown: tuple[int, int]
    readable: bool


class Images(Dataset[Placed]):
    """Images on canvases (height, width) of their batches, `shapes` (n, 2)."""

    def __init__(self, samples: Sequence[Sample], shapes: Array, image_size: int) -> None:
        self.samples, self.shapes, self.image_size = samples, shapes, image_size

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> Placed:
        height, width = self.shapes[number]
        image = read_image(self.samples[number].path)
        if image is None:
            return Placed(number, torch.zeros(3, height, width, dtype=torch.uint8), (0, 0), (1, 1), (1, 1), False)
        return place(number, image, (int(height), int(width)), self.image_size)


def loader(samples: Sequence[Sample], size: int, batch: int, stride: int, workers: int) -> DataLoader[list[Placed]]:
    """Batches of placed images, alike in aspect ratio."""
    batches, shapes = rectangles(samples, size, batch, stride)
    images: Any = Images(samples, shapes, size)
    return DataLoader(images, batch_sampler=batches, collate_fn=list, num_workers=workers)


def pixels(placed: Sequence[Placed], device: str) -> torch.Tensor:
    """The input of the model (n, 3, h, w), in [0, 1]."""
    return torch.stack([image.pixels for image in placed]).to(device).float() / 255


def rectangles(samples: Sequence[Sample], size: int, batch: int, stride: int = 32) -> tuple[list[list[int]], Array]:
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


def place(number: int, image: Array, canvas: tuple[int, int], size: int) -> Placed:
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
    return Placed(
        number, torch.from_numpy(placed[..., ::-1].transpose(2, 0, 1).copy()), (left, top), (width, height), shown, True
    )
