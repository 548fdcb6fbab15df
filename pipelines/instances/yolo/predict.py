"""YOLO-seg on any images, batch by batch, with masks at the resolution of the images."""

from collections.abc import Sequence
from typing import Any

import torch

from pipelines.instances.config import Config
from pipelines.instances.yolo.prototypes import drawn
from pipelines.objects.data import Sample
from pipelines.objects.found import Found
from pipelines.objects.predict import Batches
from pipelines.runs.checkpoints import Checkpoint
from pipelines.yolo.detecting import Rows, placed_boxes, suppress
from pipelines.yolo.model import load
from pipelines.yolo.placing import Placed, loader, pixels


def predict(checkpoint: Checkpoint, samples: Sequence[Sample], config: Config, device: str) -> Batches:
    """Yield batches of (number of the sample, its boxes with masks); None for an image that cannot be read."""
    model, _ = load(checkpoint.weights, "segment", device, fuse=True)
    size, stride = int(checkpoint.preprocess["image_size"]), max(int(model.stride.max()), 32)
    for placed in loader(samples, size, config.predict_batch, stride, 0 if device == "cpu" else config.workers):
        with torch.inference_mode():
            output = model(pixels(placed, device))
            prototypes = _prototypes(output)
            rows = suppress(output[0], config, len(checkpoint.classes))
            found = [_found(*each) for each in zip(placed, rows, prototypes, strict=True)]
        yield [(image.number, one) for image, one in zip(placed, found, strict=True)]


def _prototypes(output: Any) -> torch.Tensor:
    """Where Ultralytics' `SegmentationValidator.postprocess` finds them."""
    found: torch.Tensor = output[0][1] if isinstance(output[0], tuple) else output[1]
    return found


def _found(image: Placed, rows: Rows, prototypes: torch.Tensor) -> Found | None:
    if not image.readable:
        return None
    boxes, kept = placed_boxes(rows, image)
    logits = torch.einsum("nc,chw->nhw", rows.values[kept.tolist(), 6:].float(), prototypes.float())
    return boxes.with_masks(drawn(logits.cpu().numpy(), boxes.xywh, image))
