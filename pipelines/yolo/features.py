"""What YOLO sees in an image: the maps that go into its head, each averaged over the image."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

from pipelines.embedding import watched
from pipelines.predicting import Asked, Model
from pipelines.yolo.model import load
from pipelines.yolo.placing import Placed, batch, placing

Array = np.ndarray[Any, Any]


def embedder(asked: Asked[Any]) -> Model[Any, Array]:
    """The model of a checkpoint; its results are vectors (d,)."""
    network = load(asked.checkpoint.weights, asked.family.part, asked.job.device, fuse=True)[0]
    made: Model[Any, Array] = (
        PARTS[asked.family.part](asked, network) if asked.family.part in PARTS else _objects(asked, network)
    )
    return made


def _objects(asked: Asked[Any], network: Any) -> Model[Placed, Array]:
    size, stride = int(asked.checkpoint.preprocess["image_size"]), max(int(network.stride.max()), 32)
    batches, prepare = placing(asked.manifest.rows, size, asked.config.predict_batch, stride)
    seen = watched(network.model[-1])

    @torch.inference_mode()
    def infer(placed: Sequence[Placed]) -> Any:
        network(batch(placed, asked.job.device))
        means = [level.float().mean((2, 3)) for level in seen.pop()]
        return torch.cat(means, 1).cpu().numpy()

    return Model(prepare, infer, batches)


def _classes(asked: Asked[Any], network: Any) -> Model[torch.Tensor, Array]:
    from ultralytics.data.augment import classify_transforms

    place = classify_transforms(int(asked.checkpoint.preprocess["image_size"]))
    seen = watched(network.model[-1].linear)

    def prepare(_number: int, image: Array) -> torch.Tensor:
        pixels: torch.Tensor = place(Image.fromarray(image[..., ::-1]))
        return pixels

    @torch.inference_mode()
    def infer(images: Sequence[torch.Tensor]) -> Any:
        network(torch.stack(list(images)).to(asked.job.device))
        return seen.pop().float().cpu().numpy()

    return Model(prepare, infer)


PARTS: Mapping[str, Callable[[Asked[Any], Any], Model[Any, Array]]] = {"classify": _classes}
