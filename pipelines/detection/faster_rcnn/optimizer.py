"""The optimizer of Faster R-CNN and the course of its learning rate."""

import math
from typing import Any

import torch

from pipelines.detection.config import Config


def make_optimizer(config: Config, parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """auto is SGD at 0.02 per 16 images, as in torchvision's reference training; 1e-4 for the Adam family."""
    name = "SGD" if config.optimizer == "auto" else {"RMSProp": "RMSprop"}.get(config.optimizer, config.optimizer)
    settled = 0.02 * config.batch / 16 if name in ("SGD", "RMSprop") else 1e-4
    given: dict[str, Any] = {"lr": config.learning_rate or settled, "weight_decay": config.weight_decay}
    given |= {"momentum": config.momentum} if name in ("SGD", "RMSprop") else {"betas": (config.momentum, 0.999)}
    made: torch.optim.Optimizer = getattr(torch.optim, name)(parameters, **given)
    return made


def rate(config: Config, step: int, steps: int, warm: int) -> float:
    """The learning rate at a step as a part of the first one."""
    if step < warm:
        return (step + 1) / (warm + 1)
    gone = min((step - warm) / max(steps - warm, 1), 1.0)
    fall = (1 - math.cos(math.pi * gone)) / 2 if config.cosine else gone
    return 1 - fall * (1 - config.final_learning_rate)
