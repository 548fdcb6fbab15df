"""From images of any size to classes of pixels: whole when they are small enough, else window by window.

Windows overlap and are blended by a Gaussian, as in nnU-Net (Isensee et al. 2021, sigma of 1/8 of the window). Rows
that no later window touches are handed out at once, so memory grows with the width of an image, not with its area.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch.nn import functional

Tensor = torch.Tensor
WHOLE = 2  # images up to so many windows long are seen whole


@dataclass(frozen=True)
class View:
    """How a network looks at images: normalisation of RGB in [0, 1], sides of its input, windows, test-time flips."""

    mean: Sequence[float]
    std: Sequence[float]
    sides: tuple[int, int]  # multiples of, at least; in pixels
    window: int
    overlap: float = 0.5
    flip: bool = False
    batch: int = 8

    def normalised(self, images: Tensor) -> Tensor:
        """Network input (n, 3, h, w) float from uint8 RGB."""
        mean, std = (
            torch.tensor(values, device=images.device).view(1, 3, 1, 1) * 255 for values in (self.mean, self.std)
        )
        return (images.float() - mean) / std


def bands(model: Any, images: Tensor, view: View) -> Iterator[tuple[int, Tensor]]:
    """Logits (n, k, rows, w) of images (n, 3, h, w) uint8, float32, from top to bottom, each with its first row."""
    height, width = images.shape[2:]
    if max(height, width) <= WHOLE * view.window:
        yield 0, _logits(model, view.normalised(images), view)
    else:
        yield from _sliding(model, images, view)


def classes(model: Any, images: Tensor, view: View, size: tuple[int, int] | None = None) -> Tensor:
    """The likeliest class of every pixel (n, height, width) uint8, at `size` (height, width), or that of the images."""
    found = bands(model, images, view)
    if size is None or size == tuple(images.shape[2:]):
        return torch.cat([logits.argmax(1).to(torch.uint8) for _, logits in found], 1)
    return enlarged(torch.cat([logits for _, logits in found], 2), size)


def enlarged(logits: Tensor, size: Sequence[int]) -> Tensor:
    """The class of the highest logit after bilinear enlargement to `size`, one class at a time to save memory."""
    best = found = None
    for number in range(logits.shape[1]):
        layer = functional.interpolate(logits[:, number : number + 1], tuple(size), mode="bilinear")[:, 0]
        if best is None or found is None:
            best, found = layer, torch.zeros_like(layer, dtype=torch.uint8)
            continue
        better = layer > best
        best, found = torch.where(better, layer, best), found.masked_fill(better, number)
    if found is None:
        raise ValueError(f"expected logits of at least one class, found the shape {tuple(logits.shape)}")
    return found


def places(length: int, window: int, overlap: float) -> list[int]:
    """Where windows begin along a side: evenly, the first at 0, the last ending with the side."""
    if length <= window:
        return [0]
    count = ceil((length - window) / max(window * (1 - overlap), 1)) + 1
    return [round(number * (length - window) / (count - 1)) for number in range(count)]


def _sliding(model: Any, images: Tensor, view: View) -> Iterator[tuple[int, Tensor]]:
    many, _, height, width = images.shape
    high, wide = min(view.window, height), min(view.window, width)
    weight = _bump(high, images.device)[:, None] * _bump(wide, images.device)
    tops, lefts = places(height, high, view.overlap), places(width, wide, view.overlap)
    sums = total = torch.zeros(0)
    for top, following in zip(tops, [*tops[1:], height], strict=True):
        for some in _some(lefts, max(view.batch // many, 1)):
            parts = torch.cat([images[..., top : top + high, left : left + wide] for left in some])
            found = _logits(model, view.normalised(parts), view).chunk(len(some))
            if not len(sums):
                sums = found[0].new_zeros(many, found[0].shape[1], high, width)
                total = found[0].new_zeros(high, width)
            for left, logits in zip(some, found, strict=True):
                sums[..., left : left + wide] += logits * weight
                total[:, left : left + wide] += weight
        done = following - top
        yield top, sums[..., :done, :] / total[:done]
        sums, total = (functional.pad(part[..., done:, :], (0, 0, 0, done)) for part in (sums, total))


def _some(values: list[int], count: int) -> Iterator[list[int]]:
    for start in range(0, len(values), count):
        yield values[start : start + count]


def _bump(length: int, device: torch.device) -> Tensor:
    """A Gaussian over a side, 1 in the middle."""
    away = torch.arange(length, device=device) - (length - 1) / 2
    return torch.exp(-0.5 * (away / (length / 8)) ** 2).clamp_min(1e-3)


def _logits(model: Any, inputs: Tensor, view: View) -> Tensor:
    found = _padded(model, inputs, view.sides)
    if view.flip:
        found = (found + _padded(model, inputs.flip(-1), view.sides).flip(-1)) / 2
    return found


def _padded(model: Any, inputs: Tensor, sides: tuple[int, int]) -> Tensor:
    """Logits float32 of inputs whose edges are repeated to the right and below until the sides fit."""
    height, width = inputs.shape[2:]
    multiple, least = sides
    down, right = (max(-(-side // multiple) * multiple, least) - side for side in (height, width))
    if down or right:
        inputs = functional.pad(inputs, (0, right, 0, down), mode="replicate")
    found: Tensor = model(inputs.contiguous(memory_format=torch.channels_last))
    return found[..., :height, :width].float()
