"""YOLO on any images, batch by batch, exactly as Ultralytics validates: same resizing, same rectangles, same NMS."""

from collections.abc import Sequence

import torch

from pipelines.detection.config import Config
from pipelines.objects.data import Sample
from pipelines.objects.predict import Batches
from pipelines.runs.checkpoints import Checkpoint
from pipelines.yolo.detecting import placed_boxes, suppress
from pipelines.yolo.model import load
from pipelines.yolo.placing import loader, pixels


def predict(checkpoint: Checkpoint, samples: Sequence[Sample], config: Config, device: str) -> Batches:
    """Yield batches of (number of the sample, its boxes); None for an image that cannot be read."""
    model, _ = load(checkpoint.weights, "detect", device, fuse=True)
    size, stride = int(checkpoint.preprocess["image_size"]), max(int(model.stride.max()), 32)
    for placed in loader(samples, size, config.predict_batch, stride, 0 if device == "cpu" else config.workers):
        with torch.inference_mode():
            found = suppress(model(pixels(placed, device)), config, len(checkpoint.classes))
        yield [
            (image.number, placed_boxes(rows, image)[0] if image.readable else None)
            for image, rows in zip(placed, found, strict=True)
        ]
