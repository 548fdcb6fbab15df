"""R-CNN on any images, batch by batch."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from pipelines.objects.found import Found, from_corners, pixels_of
from pipelines.objects.options import ObjectsConfig
from pipelines.objects.predict import Objects
from pipelines.predicting import Asked, Model, Refused
from pipelines.rcnn.data import refuses
from pipelines.rcnn.model import NETWORKS, load

Array = np.ndarray[Any, Any]


def predictor(asked: Asked[ObjectsConfig]) -> tuple[Model[torch.Tensor, Found], Objects]:
    """The model of a checkpoint, and what becomes of its results."""
    networks, config, device = NETWORKS[asked.family.part], asked.config, asked.job.device
    model = load(networks, asked.checkpoint, device)
    heads = model.roi_heads
    heads.score_thresh, heads.nms_thresh = config.confidence, config.nms_iou
    heads.detections_per_img = config.max_detections

    @torch.inference_mode()
    def infer(images: Sequence[torch.Tensor]) -> list[Found]:
        outputs = model([image.to(device).float() / 255 for image in images])
        return [_found(output, image, config.max_detections) for output, image in zip(outputs, images, strict=True)]

    why = refuses(int(asked.checkpoint.preprocess["image_size"]))

    def sized(number: int, image: Array) -> torch.Tensor | Refused:
        said = why(image.shape[1], image.shape[0])
        return Refused(said) if said else prepare(number, image)

    return Model(sized, infer), Objects(asked, masks=networks.masks)


def prepare(_number: int, image: Array) -> torch.Tensor:
    """Pixels (3, h, w) uint8 RGB of an image (h, w, 3) uint8 BGR."""
    return torch.from_numpy(np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1)))


def _found(output: dict[str, torch.Tensor], image: torch.Tensor, most: int) -> Found:
    height, width = image.shape[1:]
    values = {name: output[name].cpu().double().numpy() for name in ("boxes", "scores", "labels")}
    corners = values["boxes"] / np.array([width, height, width, height])
    found, rows = from_corners(corners, values["scores"], values["labels"].astype(np.int64) - 1)
    found = replace(found, cut=len(values["scores"]) >= most)
    if "masks" not in output:
        return found
    drawn = (output["masks"][:, 0] > 0.5).cpu().numpy()  # torchvision's threshold for masks in its examples
    places = pixels_of(found.xywh, (width, height)).clip(0).tolist()
    masks = [
        np.asarray(drawn[row, top:bottom, left:right], np.uint8) * 255
        for row, (left, top, right, bottom) in zip(rows.tolist(), places, strict=True)
    ]
    return found.with_masks(masks)
