"""YOLO detectors as Ultralytics has them."""

from pathlib import Path
from typing import Any

from pipelines.yolo import model
from pipelines.yolo.detecting import preprocess
from pipelines.yolo.kinds import Kind

KIND = Kind(
    "detect",
    "detection",
    "detections",
    {
        "metrics/mAP50-95(B)": "map",
        "metrics/mAP50(B)": "map50",
        "metrics/precision(B)": "precision",
        "metrics/recall(B)": "recall",
    },
    preprocess,
)


def adopt(weights: Path, checkpoint: Path) -> dict[str, Any]:
    """Make a checkpoint folder from a weights file trained elsewhere; see `pipelines.detection.model.adopt`."""
    return model.adopt(weights, checkpoint, KIND)
