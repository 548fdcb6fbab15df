"""YOLO-cls as Ultralytics has it."""

from pathlib import Path
from typing import Any

from pipelines.yolo import model
from pipelines.yolo.kinds import Kind

SIZE = 224  # px, of Ultralytics' weights


def preprocess(image_size: int) -> dict[str, Any]:
    """How an image becomes the model's input."""
    return {
        "image_size": image_size, "resize": "shortest side, bilinear", "crop": "the middle square",
        "channels": "RGB", "range": [0, 1],
    }  # fmt: skip


KIND = Kind(
    "classify",
    "classification",
    "classification",
    {"metrics/accuracy_top1": "accuracy", "metrics/accuracy_top5": "top5"},
    preprocess,
    image_size=SIZE,
)


def adopt(weights: Path, checkpoint: Path) -> dict[str, Any]:
    """Make a checkpoint folder from a weights file trained elsewhere; see `pipelines.classification.model.adopt`."""
    return model.adopt(weights, checkpoint, KIND)
