"""What a network of classes sees in an image: the features that go into its last layer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from pipelines.classification.config import Config
from pipelines.classification.network.model import linear_head, load
from pipelines.embedding import watched
from pipelines.predicting import Asked, Model
from pipelines.training.data import stacked

Array = np.ndarray[Any, Any]


def embedder(asked: Asked[Config]) -> Model[Array, Array]:
    """The model of a checkpoint; its results are vectors (d,). Raises ConfigError when its last layer is not linear."""
    device = asked.job.device
    network, preprocess = load(asked.checkpoint, device)
    seen = watched(linear_head(network))

    def prepare(_number: int, image: Array) -> Array:
        return preprocess.place(preprocess.coloured(image))

    @torch.inference_mode()
    def infer(images: Sequence[Array]) -> Any:
        network(preprocess.normalise(stacked(images).to(device)))
        return seen.pop().float().cpu().numpy()

    return Model(prepare, infer)
