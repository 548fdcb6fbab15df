"""YOLO on any images, batch by batch, exactly as Ultralytics validates: same resizing, same rectangles, same NMS."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from pipelines.checkpoints import Checkpoint
from pipelines.detection.config import Config
from pipelines.detection.data import Sample
from pipelines.detection.results import Boxes
from pipelines.detection.yolo.model import load
from pipelines.images import read_image

PAD, GREY = 0.5, 114


@dataclass(frozen=True)
class Placed:
    """An image on its canvas: `pixels` (3, h, w) uint8 RGB; `size` (w, h) from `origin` (x, y) on are the image."""

    number: int
    pixels: torch.Tensor
    origin: tuple[int, int]
    size: tuple[int, int]
    readable: bool


class _Images(Dataset[Placed]):
    def __init__(self, samples: Sequence[Sample], shapes: np.ndarray[Any, Any], image_size: int) -> None:
        self.samples, self.shapes, self.image_size = samples, shapes, image_size

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> Placed:
        height, width = self.shapes[number]
        image = read_image(self.samples[number].path)
        if image is None:
            return Placed(number, torch.zeros(3, height, width, dtype=torch.uint8), (0, 0), (1, 1), False)
        return place(number, image, (int(height), int(width)), self.image_size)


def predict(
    checkpoint: Checkpoint, samples: Sequence[Sample], config: Config, device: str
) -> Iterator[list[tuple[int, Boxes | None]]]:
    """Yield batches of (number of the sample, its boxes); None for an image that cannot be read."""
    model, _ = load(checkpoint.weights, device, fuse=True)
    size = int(checkpoint.preprocess["image_size"])
    stride = max(int(model.stride.max()), 32)
    batches, shapes = rectangles(samples, size, config.predict_batch, stride)
    loader = DataLoader(
        _Images(samples, shapes, size), batch_sampler=batches, collate_fn=list,
        num_workers=0 if device == "cpu" else config.workers,
    )  # fmt: skip
    for placed in loader:
        pixels = torch.stack([image.pixels for image in placed]).to(device).float() / 255
        with torch.inference_mode():
            found = _suppress(model(pixels), config)
        yield [(image.number, _boxes(rows, image)) for image, rows in zip(placed, found, strict=True)]


def rectangles(
    samples: Sequence[Sample], size: int, batch: int, stride: int = 32
) -> tuple[list[list[int]], np.ndarray[Any, Any]]:
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


def place(number: int, image: np.ndarray[Any, Any], canvas: tuple[int, int], size: int) -> Placed:
    """Resize a BGR image (h, w, 3) so that its longest side is `size`, and centre it on a grey canvas (height, width).

    Rounding as in Ultralytics' `BaseDataset.load_image` and `LetterBox`, which decides about single pixels.
    """
    import cv2

    height, width = image.shape[:2]
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
    pixels = np.full((*canvas, 3), GREY, dtype=np.uint8)
    pixels[top : top + height, left : left + width] = image
    return Placed(
        number, torch.from_numpy(pixels[..., ::-1].transpose(2, 0, 1).copy()), (left, top), (width, height), True
    )


def _suppress(output: Any, config: Config) -> list[torch.Tensor]:
    """Several classes per box, as Ultralytics validates; its predictor allows one, which lowers mAP."""
    from ultralytics.utils.nms import non_max_suppression

    found: list[torch.Tensor] = non_max_suppression(
        output, config.confidence, config.nms_iou, multi_label=True, max_det=config.max_detections
    )
    return found


def _boxes(rows: torch.Tensor, image: Placed) -> Boxes | None:
    """From (n, 6) corners in canvas pixels, confidence, class to relative boxes."""
    if not image.readable:
        return None
    values = rows.cpu().double().numpy()
    corners = (values[:, :4].reshape(-1, 2, 2) - np.array(image.origin)) / np.array(image.size)
    return Boxes.from_corners(corners.reshape(-1, 4), values[:, 4], values[:, 5].astype(np.int64))
