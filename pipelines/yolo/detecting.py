"""What the YOLO models that find objects share: their options in training, what they say of an image."""

from typing import Any

import numpy as np
import torch

from pipelines.augment import transforms
from pipelines.objects.found import Found, from_corners
from pipelines.objects.options import ObjectsConfig
from pipelines.yolo.placing import Placed


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


def suppress(output: Any, config: ObjectsConfig, classes: int) -> list[torch.Tensor]:
    """Rows (n, 6 + more) of every image: corners in canvas pixels, confidence, class, and what else the model says.

    Several classes per box, as Ultralytics validates; its predictor allows one, which lowers mAP.
    """
    from ultralytics.utils.nms import non_max_suppression

    found: list[torch.Tensor] = non_max_suppression(
        output, config.confidence, config.nms_iou, multi_label=True, max_det=config.max_detections, nc=classes
    )
    return found


def placed_boxes(rows: torch.Tensor, image: Placed) -> tuple[Found, np.ndarray[Any, Any]]:
    """From rows of `suppress` to relative boxes, and which of the rows these are."""
    values = rows[:, :6].cpu().double().numpy()
    corners = (values[:, :4].reshape(-1, 2, 2) - np.array(image.origin)) / np.array(image.size)
    return from_corners(corners.reshape(-1, 4), values[:, 4], values[:, 5].astype(np.int64))
