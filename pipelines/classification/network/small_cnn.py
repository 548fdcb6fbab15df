"""A small network for small images, trained from scratch. Plain PyTorch."""

import math
from itertools import pairwise

import torch
from torch import nn

WIDTH = 16  # channels of the first layer; each further stage doubles them
LEAST = 8  # side of the last feature map: images are halved until they are at most this


class SmallCNN(nn.Module):
    """A convolution, then stages of two, each on half the side and with twice the channels; mean; one linear layer.

    For images (n, channels, h, w) of 8 to 64 pixels; returns logits (n, classes). 70,000 weights for 28 x 28 pixels.
    """

    def __init__(self, classes: int, channels: int, side: int, dropout: float = 0.0) -> None:
        super().__init__()
        stages = max(2, math.ceil(math.log2(max(side, 1) / LEAST)))
        self.stem = _convolution(channels, WIDTH)
        widths = [WIDTH * 2**stage for stage in range(stages + 1)]
        self.stages = nn.Sequential(*(_stage(inner, outer) for inner, outer in pairwise(widths)))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes) of images (n, channels, h, w)."""
        features = self.stages(self.stem(images)).mean(dim=(2, 3))
        logits: torch.Tensor = self.head(self.dropout(features))
        return logits

    def get_classifier(self) -> nn.Linear:
        """The last layer, named as in timm's models."""
        return self.head


def _stage(inner: int, outer: int) -> nn.Sequential:
    return nn.Sequential(nn.MaxPool2d(2), _convolution(inner, outer), _convolution(outer, outer))


def _convolution(inner: int, outer: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inner, outer, 3, padding=1, bias=False), nn.BatchNorm2d(outer), nn.ReLU(True))
