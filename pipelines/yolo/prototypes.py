"""From the small maps in which YOLO-seg draws to masks at the resolution of the image. Pure functions of arrays."""

from typing import Any

import numpy as np

from pipelines.objects.found import pixels_of
from pipelines.yolo.placing import Placed

Array = np.ndarray[Any, Any]


def drawn(logits: Array, xywh: Array, image: Placed) -> list[Array]:
    """Masks (h, w) uint8, 255 inside, of the boxes `xywh` (n, 4), which are relative to the image.

    `logits` (n, mh, mw) cover the canvas of the image, above 0 inside. They are read bilinearly at the centres of the
    image's pixels, inside the box alone: what Ultralytics' `process_mask_native` does for whole images.
    """
    canvas = image.pixels.shape[1:]
    across = _places(image.shown[0], image.size[0], image.origin[0], canvas[1] / logits.shape[2], logits.shape[2])
    down = _places(image.shown[1], image.size[1], image.origin[1], canvas[0] / logits.shape[1], logits.shape[1])
    boxes = pixels_of(xywh, image.shown).clip(0).tolist()
    return [
        _read(one, across[left:right], down[top:bottom])
        for one, (left, top, right, bottom) in zip(logits, boxes, strict=True)
    ]


def _places(shown: int, size: int, origin: int, stride: float, count: int) -> Array:
    """Where the centres of `shown` pixels lie among the centres of `count` map cells."""
    centres = origin + (np.arange(shown) + 0.5) * size / shown
    return (centres / stride - 0.5).clip(0, count - 1)


def _read(logits: Array, across: Array, down: Array) -> Array:
    """Bilinear interpolation is one product of matrices from each side; 255 where the result is above 0."""
    if not len(across) or not len(down):
        return np.zeros((len(down), len(across)), np.uint8)
    left, top = int(across[0]), int(down[0])
    part = logits[top : int(down[-1]) + 2, left : int(across[-1]) + 2]
    values = _weights(down - top, part.shape[0]) @ part @ _weights(across - left, part.shape[1]).T
    return np.asarray(values > 0, np.uint8) * 255


def _weights(places: Array, count: int) -> Array:
    """(p, count) parts that each of `count` cells has in a value read at a place."""
    return np.asarray(np.maximum(0, 1 - np.abs(places[:, None] - np.arange(count))), np.float32)
