"""From outputs of YOLO to detections: non-maximum suppression, boxes relative to the image."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from pipelines.objects.found import Found, from_corners
from pipelines.objects.options import ObjectsConfig
from pipelines.yolo.placing import Placed

COMPARED = 30_000  # candidates of an image, the best ones, as in Ultralytics


@dataclass(frozen=True)
class Rows:
    """Of an image, (n, 6 + more): corners in canvas pixels, confidence, class, and what else the model says.

    `cut` says that a limit ended the search, see `Found`.
    """

    values: torch.Tensor
    cut: bool


def suppress(output: Any, config: ObjectsConfig, classes: int) -> list[Rows]:
    """The rows of every image.

    Several classes per box, as Ultralytics validates; its predictor allows one, which lowers mAP. It has no time
    limit (`yolo.model.quiet`): with Ultralytics' limit a busy machine would leave images without predictions.
    """
    from ultralytics.utils.nms import non_max_suppression

    scores = (output[0] if isinstance(output, tuple | list) else output)[:, 4 : 4 + classes]
    candidates = (scores > config.confidence).flatten(1).sum(1).tolist()
    found = non_max_suppression(
        output, config.confidence, config.nms_iou, multi_label=True, max_det=config.max_detections, nc=classes,
        max_time_img=math.inf, max_nms=COMPARED,
    )  # fmt: skip
    return [
        Rows(rows, len(rows) >= config.max_detections or count > COMPARED)
        for rows, count in zip(found, candidates, strict=True)
    ]


def placed_boxes(rows: Rows, image: Placed) -> tuple[Found, np.ndarray[Any, Any]]:
    """From rows of `suppress` to relative boxes, and which of the rows these are."""
    values = rows.values[:, :6].cpu().double().numpy()
    corners = (values[:, :4].reshape(-1, 2, 2) - np.array(image.origin)) / np.array(image.size)
    found, kept = from_corners(corners.reshape(-1, 4), values[:, 4], values[:, 5].astype(np.int64))
    return replace(found, cut=rows.cut), kept
