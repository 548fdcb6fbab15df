"""A network on any images, batch by batch."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from pipelines.classification.config import Config
from pipelines.classification.network.model import load
from pipelines.classification.predict import OneClass, output
from pipelines.predicting import Asked, Model
from pipelines.training.data import stacked

Array = np.ndarray[Any, Any]


def predictor(asked: Asked[Config]) -> tuple[Model[Array, Array], OneClass]:
    """The model of a checkpoint, which gives logits (k,), and what becomes of them."""
    device = asked.job.device
    network, preprocess = load(asked.checkpoint, device)
    network = network.to(memory_format=torch.channels_last)

    def prepare(_number: int, image: Array) -> Array:
        return preprocess.place(preprocess.coloured(image))

    @torch.inference_mode()
    def infer(images: Sequence[Array]) -> Any:
        logits: torch.Tensor = network(preprocess.normalise(stacked(images).to(device)))
        return logits.float().cpu().numpy()

    return Model(prepare, infer), output(asked)
