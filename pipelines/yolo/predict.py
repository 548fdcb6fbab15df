"""YOLO on any images, batch by batch, exactly as Ultralytics validates: same resizing, same rectangles, same NMS."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

from pipelines.classification.config import Config
from pipelines.classification.predict import OneClass
from pipelines.objects.found import Found
from pipelines.objects.options import ObjectsConfig
from pipelines.objects.predict import Objects
from pipelines.predicting import Asked, Model, Output
from pipelines.yolo import pointed
from pipelines.yolo.detecting import Rows, placed_boxes, suppress
from pipelines.yolo.model import load
from pipelines.yolo.placing import Placed, batch, placing
from pipelines.yolo.prototypes import drawn

Array = np.ndarray[Any, Any]
Predictor = tuple[Model[Any, Any], Output[Any, Any]]


def predictor(asked: Asked[Any]) -> Predictor:
    """The model of a checkpoint with its head, and what becomes of its results."""
    return PREDICTORS[asked.family.part](asked)


def boxes(asked: Asked[ObjectsConfig]) -> Predictor:
    """Boxes of the objects on each image."""
    network, classes = _network(asked), len(asked.checkpoint.classes)

    @torch.inference_mode()
    def infer(placed: Sequence[Placed]) -> list[Found]:
        rows = suppress(network(batch(placed, asked.job.device)), asked.config, classes)
        return [placed_boxes(one, image)[0] for image, one in zip(placed, rows, strict=True)]

    return _placed(asked, network, infer), Objects(asked, masks=False)


def masks(asked: Asked[ObjectsConfig]) -> Predictor:
    """Boxes with masks at the resolution of the images."""
    network, classes = _network(asked), len(asked.checkpoint.classes)

    @torch.inference_mode()
    def infer(placed: Sequence[Placed]) -> list[Found]:
        output = network(batch(placed, asked.job.device))
        rows = suppress(output[0], asked.config, classes)
        return [_masked(*each) for each in zip(placed, rows, _prototypes(output), strict=True)]

    return _placed(asked, network, infer), Objects(asked, masks=True)


def points(asked: Asked[ObjectsConfig]) -> Predictor:
    """Boxes with the key points of their objects."""
    network, classes = _network(asked), len(asked.checkpoint.classes)
    shape = tuple(int(number) for number in network.model[-1].kpt_shape)

    @torch.inference_mode()
    def infer(placed: Sequence[Placed]) -> list[Found]:
        rows = suppress(network(batch(placed, asked.job.device)), asked.config, classes)
        return [pointed.placed(*each, shape) for each in zip(rows, placed, strict=True)]

    return _placed(asked, network, infer), Objects(asked, masks=False)


def classes(asked: Asked[Config]) -> Predictor:
    """Logits (k,) of each image, placed as Ultralytics places it."""
    network = _network(asked)
    from ultralytics.data.augment import classify_transforms

    place = classify_transforms(int(asked.checkpoint.preprocess["image_size"]))

    def prepare(_number: int, image: Array) -> torch.Tensor:
        pixels: torch.Tensor = place(Image.fromarray(image[..., ::-1]))
        return pixels

    @torch.inference_mode()
    def infer(images: Sequence[torch.Tensor]) -> Array:
        logits: torch.Tensor = network(torch.stack(list(images)).to(asked.job.device))[1]  # before the softmax
        return logits.float().cpu().numpy()

    return Model(prepare, infer), OneClass(asked.checkpoint.classes)  # type: ignore[arg-type]


PREDICTORS: Mapping[str, Callable[[Asked[Any]], Predictor]] = {
    "detect": boxes, "segment": masks, "pose": points, "classify": classes
}  # fmt: skip


def _network(asked: Asked[Any]) -> Any:
    return load(asked.checkpoint.weights, asked.family.part, asked.job.device, fuse=True)[0]


def _placed(
    asked: Asked[ObjectsConfig], network: Any, infer: Callable[[Sequence[Placed]], list[Found]]
) -> Model[Placed, Found]:
    size, stride = int(asked.checkpoint.preprocess["image_size"]), max(int(network.stride.max()), 32)
    batches, prepare = placing(asked.manifest.rows, size, asked.config.predict_batch, stride)
    return Model(prepare, infer, batches)


def _prototypes(output: Any) -> torch.Tensor:
    """Where Ultralytics' `SegmentationValidator.postprocess` finds them."""
    found: torch.Tensor = output[0][1] if isinstance(output[0], tuple) else output[1]
    return found


def _masked(image: Placed, rows: Rows, prototypes: torch.Tensor) -> Found:
    boxes, kept = placed_boxes(rows, image)
    logits = torch.einsum("nc,chw->nhw", rows.values[kept.tolist(), 6:].float(), prototypes.float())
    return boxes.with_masks(drawn(logits.cpu().numpy(), boxes.xywh, image))
