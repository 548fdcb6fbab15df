"""Masks of labels as lines of Ultralytics' label files: one ring per object."""

import cv2
import numpy as np

from datasets.images import outlines
from pipelines.images import read_image
from pipelines.objects.data import ObjectImage
from pipelines.objects.masks import of_label


def lines(sample: ObjectImage) -> str:
    """`class x y x y ...` for every object, relative corners of the edges of its mask; of its box where it has none.

    Several parts, and holes, are joined to one ring by bridges of no width, as in Ultralytics' `merge_multi_segment`.
    An object whose mask has no pixel is left out.
    """
    size = sample.width, sample.height
    if not all(size):
        image = read_image(sample.path)
        if image is None:
            return ""
        size = image.shape[1], image.shape[0]
    return "".join(_line(sample, number, size) for number in range(len(sample.boxes)))


def _line(sample: ObjectImage, number: int, size: tuple[int, int]) -> str:
    mask = of_label(sample, number, size)
    if mask is None:
        x, y, w, h = sample.boxes[number].tolist()
        ring = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
    elif not mask.any():
        return ""
    else:
        x, y, w, h = cv2.boundingRect(mask)
        corner = np.array([x, y])
        ring = (outlines.joined(outlines.rings(mask[y : y + h, x : x + w])) + corner) / np.array(size)
    numbers = " ".join(f"{value:.6f}" for value in ring.reshape(-1))
    return f"{int(sample.classes[number])} {numbers}\n"
