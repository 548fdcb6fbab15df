"""What R-CNN sees in an image: the coarsest map of its feature pyramid, averaged over the image."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from pipelines.objects.options import ObjectsConfig
from pipelines.predicting import Asked, Model
from pipelines.rcnn.model import NETWORKS, load
from pipelines.rcnn.predict import prepare

Array = np.ndarray[Any, Any]


def embedder(asked: Asked[ObjectsConfig]) -> Model[torch.Tensor, Array]:
    """The model of a checkpoint; its results are vectors (d,)."""
    device = asked.job.device
    model = load(NETWORKS[asked.family.part], asked.checkpoint, device)

    @torch.inference_mode()
    def one(image: torch.Tensor) -> Any:
        """Images go one by one, so that no padding is averaged."""
        placed, _ = model.transform([image.to(device).float() / 255])
        maps = model.backbone(placed.tensors)
        coarsest = min(maps.values(), key=lambda level: level.shape[-1] * level.shape[-2])
        return coarsest.float().mean((2, 3))[0].cpu().numpy()

    def infer(images: Sequence[torch.Tensor]) -> list[Any]:
        return [one(image) for image in images]

    return Model(prepare, infer)
