"""What the YOLO models that find objects share: their options in training, what they say of an image."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from pipelines.augment import transforms
from pipelines.objects.found import Found, from_corners
from pipelines.objects.options import ObjectsConfig
from pipelines.yolo.placing import Placed

COMPARED = 30_000  # candidates of an image, the best ones, as in Ultralytics


def arguments(config: ObjectsConfig) -> dict[str, Any]:
    """Options of tasks that find objects as Ultralytics' arguments.

    With those of `yolo.train.arguments`, `yolo train` gives the same model. Chosen steps take the place of the few
    that Ultralytics would take from albumentations, between mosaic and the options for colour and flips.
    """
    chosen = {"augmentations": transforms(config.augment, config.image_size)} if config.augment else {}
    return {
        "imgsz": config.image_size, "freeze": config.freeze or None,
        "mosaic": config.mosaic, "close_mosaic": config.close_mosaic,
        "mixup": config.mixup, "fliplr": config.flip_horizontal, "flipud": config.flip_vertical,
        "degrees": config.rotate, "translate": config.translate, "scale": config.scale,
        "hsv_h": config.hue, "hsv_s": config.saturation, "hsv_v": config.brightness,
        "iou": config.nms_iou, "max_det": config.max_detections, **chosen,
    }  # fmt: skip


def preprocess(image_size: int) -> dict[str, Any]:
    """How an image becomes the model's input."""
    return {
        "image_size": image_size, "resize": "longest side, bilinear", "pad": "rectangle of the batch, value 114",
        "stride": 32, "channels": "RGB", "range": [0, 1],
    }  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """Of an image, (n, 6 + more): corners in canvas pixels, confidence, class, and what else the model says.

    `cut` says that a limit ended the search, see `Found`.
    """

    values: torch.Tensor
    cut: bool


def suppress(output: Any, config: ObjectsConfig, classes: int) -> list[Rows]:
    """The rows of every image.

    Several classes per box, as Ultralytics validates; its predictor allows one, which lowers mAP. It takes as long as
    it takes (`yolo.model.quiet`): with Ultralytics' limit a busy machine would leave images without predictions.
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
