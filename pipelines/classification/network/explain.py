"""Grad-CAM of a network: convolutional ones by their last feature map, transformers by the tokens of the last block."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum.attr import LayerGradCam
from torch import nn
from torch.nn import functional

from pipelines.classification.network.model import load
from pipelines.classification.network.preprocess import Preprocess
from pipelines.errors import CheckpointError
from pipelines.runs import checkpoints
from pipelines.training.data import stacked

Array = np.ndarray[Any, Any]
PREFIX = 8  # tokens before those of the image, at most: class and registers


def explain(checkpoint: checkpoints.Checkpoint, image: Array, number: int) -> Array:
    """The map (h, w) float32 in [0, 1] of class `number` over a BGR image (h, w, 3); see `classification.explain`."""
    model, preprocess = _loaded(checkpoint.folder, checkpoint.sha256)
    square = preprocess.place(preprocess.coloured(image))
    seen = grad_cam(model, preprocess.normalise(stacked([square])), number, *last(model))
    return placed(seen, preprocess, image.shape[0], image.shape[1])


def grad_cam(model: nn.Module, images: torch.Tensor, number: int, layer: nn.Module, channels: int) -> torch.Tensor:
    """The map (s, s) of class `number` for one image (1, c, s, s): not scaled, at least 0.

    `layer` gives the last features, with so many `channels`. Raises CheckpointError when they are no map.
    """
    grid = nn.Identity()
    with _watched(layer, channels, grid):
        found = LayerGradCam(model, grid).attribute(images.requires_grad_(), number, relu_attributions=True)
    if found.ndim != 4:
        raise CheckpointError(
            f"expected a network with a map of features, found features of shape {tuple(found.shape)}"
        )
    return functional.interpolate(found, images.shape[2:], mode="bilinear", align_corners=False)[0, 0].detach()


def last(model: Any) -> tuple[nn.Module, int]:
    """The layer that gives the last features, and their channels.

    Of a transformer it is what goes into its last block: behind that, only the class token matters to the answer.
    """
    if not hasattr(model, "feature_info"):
        return model.stages, model.head.in_features
    told = list(model.feature_info)[-1]
    layer = model.get_submodule(told["module"])
    if hasattr(layer, "norm1") and hasattr(layer, "attn"):
        layer = layer.norm1
    return layer, int(told["num_chs"])


def placed(seen: torch.Tensor, preprocess: Preprocess, height: int, width: int) -> Array:
    """The map (s, s) over the image (height, width) that its square was cut from, scaled to [0, 1]."""
    left, top, right, bottom = preprocess.part(width, height)
    scaled = functional.interpolate(seen[None, None], (bottom - top, right - left), mode="bilinear")[0, 0].numpy()
    made = np.zeros((height, width), dtype=np.float32)
    y, x = max(top, 0), max(left, 0)
    part = scaled[y - top : height - top, x - left : width - left]
    made[y : y + part.shape[0], x : x + part.shape[1]] = part
    return made / made.max() if made.max() > 0 else made


@contextmanager
def _watched(layer: nn.Module, channels: int, grid: nn.Module) -> Iterator[None]:
    """While this lasts, what the layer gives passes through `grid` as maps (n, c, h, w)."""

    def pass_through(_module: nn.Module, _given: Any, output: torch.Tensor) -> torch.Tensor:
        return _through(grid, output, channels)

    hook = layer.register_forward_hook(pass_through)
    try:
        yield
    finally:
        hook.remove()


def _through(grid: nn.Module, output: torch.Tensor, channels: int) -> torch.Tensor:
    if output.ndim == 4 and output.shape[1] == channels:
        passed: torch.Tensor = grid(output)
        return passed
    if output.ndim == 4:  # (n, h, w, c)
        return grid(output.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)  # type: ignore[no-any-return]
    side = math.isqrt(output.shape[1])  # (n, tokens, c), those of the image last
    before = output.shape[1] - side**2
    if output.ndim != 3 or before > PREFIX:
        raise CheckpointError(f"expected a network with a map of features, found features of {tuple(output.shape)}")
    tokens = grid(output[:, before:].transpose(1, 2).reshape(len(output), -1, side, side))
    return torch.cat([output[:, :before], tokens.flatten(2).transpose(1, 2)], dim=1)


@lru_cache(maxsize=2)
def _loaded(folder: Path, sha256: str) -> tuple[nn.Module, Preprocess]:  # noqa: ARG001 - the checksum is the cache's key
    """The model of a checkpoint, kept for the next image."""
    return load(checkpoints.load(folder), "cpu")
