"""torchvision's Faster R-CNN."""

from pathlib import Path
from typing import Any

from torchvision.models import detection

from pipelines.rcnn import model
from pipelines.rcnn.model import Kind

KIND = Kind(
    "detection",
    "faster_rcnn",
    {
        "fasterrcnn_resnet50_fpn_v2": detection.fasterrcnn_resnet50_fpn_v2,
        "fasterrcnn_mobilenet_v3_large_320_fpn": detection.fasterrcnn_mobilenet_v3_large_320_fpn,
    },
    masks=False,
)


def adopt(weights: Path, checkpoint: Path) -> dict[str, Any]:
    """Make a checkpoint folder from our safetensors or torchvision's `.pth`; see `pipelines.detection.model.adopt`."""
    return model.adopt(KIND, weights, checkpoint)
