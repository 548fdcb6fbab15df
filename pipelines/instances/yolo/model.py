"""YOLO-seg as Ultralytics has it."""

from pathlib import Path
from typing import Any

from pipelines.yolo import model
from pipelines.yolo.detecting import preprocess
from pipelines.yolo.kinds import Kind

KIND = Kind(
    "segment",
    "instances",
    "detections",
    {
        "metrics/mAP50-95(M)": "map",
        "metrics/mAP50(M)": "map50",
        "metrics/precision(M)": "precision",
        "metrics/recall(M)": "recall",
        "metrics/mAP50-95(B)": "box_map",
        "metrics/mAP50(B)": "box_map50",
    },
    preprocess,
)


def adopt(weights: Path, checkpoint: Path) -> dict[str, Any]:
    """Make a checkpoint folder from a weights file trained elsewhere; see `pipelines.instances.model.adopt`."""
    return model.adopt(weights, checkpoint, KIND)
