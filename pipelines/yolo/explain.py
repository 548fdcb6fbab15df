"""Grad-CAM of YOLO-cls: by the feature map that goes into the mean before its last layer."""

from typing import Any

import numpy as np
import torch
from torch import nn

from pipelines.classification.network.explain import grad_cam, placed
from pipelines.classification.network.preprocess import Preprocess
from pipelines.runs.checkpoints import Checkpoint
from pipelines.training.data import stacked
from pipelines.yolo.model import load

Array = np.ndarray[Any, Any]


class _Logits(nn.Module):
    """The model without the softmax: Ultralytics' models return both."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(images)[1]
        return logits


def explain(checkpoint: Checkpoint, image: Array, number: int) -> Array:
    """The map (h, w) float32 in [0, 1] of class `number` over a BGR image (h, w, 3); see `classification.explain`."""
    model, _ = load(checkpoint.weights, "classify", "cpu", fuse=True)
    preprocess = Preprocess(int(checkpoint.preprocess["image_size"]), mean=(0.0,) * 3, std=(1.0,) * 3)
    pixels = preprocess.normalise(stacked([preprocess.place(preprocess.coloured(image))]))
    head = model.model[-1]
    seen = grad_cam(_Logits(model), pixels, number, head.conv, head.linear.in_features)
    return placed(seen, preprocess, image.shape[0], image.shape[1])
