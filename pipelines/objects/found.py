"""What a model found on one image, and its row in the table of predictions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.runs import results

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Found:
    """Predictions of one image: `xywh` (n, 4) relative to the image as shown, `confidences` (n,), `classes` (n,).

    `points` (n, k, 3), if there are any, are key points: x, y, relative, and confidence.
    `masks` (n), if there are any, are (h, w) uint8 of 0 and 255: the pixels of the box, as `pixels_of` places it.
    `cut` says that a limit ended the search: there may be more, which score lower. `without` counts objects that were
    dropped because their mask has no pixel.
    """

    xywh: Array
    confidences: Array
    classes: Array
    masks: tuple[Array, ...] | None = None
    cut: bool = False
    without: int = 0
    points: Array | None = None

    def __len__(self) -> int:
        return len(self.confidences)

    def with_masks(self, masks: Sequence[Array]) -> "Found":
        """The same with a mask for each; those without a single pixel inside are dropped and counted."""
        kept = [row for row, mask in enumerate(masks) if mask.any()]
        return replace(
            self, xywh=self.xywh[kept], confidences=self.confidences[kept], classes=self.classes[kept],
            masks=tuple(masks[row] for row in kept), without=len(masks) - len(kept),
        )  # fmt: skip

    @classmethod
    def none(cls) -> "Found":
        """Nothing found."""
        return cls(np.zeros((0, 4)), np.zeros(0), np.zeros(0, dtype=np.int64))


def from_corners(corners: Array, confidences: Array, classes: Array) -> tuple[Found, Array]:
    """From relative corners (n, 4) x1, y1, x2, y2; clipped to the image, empty ones dropped, best first.

    Also the rows (m,) of the input that were kept, in the order of the result.
    """
    corners = corners.clip(0, 1)
    xywh = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    kept = np.flatnonzero((xywh[:, 2] > 0) & (xywh[:, 3] > 0))
    kept = kept[np.argsort(-confidences[kept], kind="stable")]
    return Found(xywh[kept], confidences[kept], classes[kept]), kept


def pixels_of(xywh: Array, size: tuple[int, int]) -> Array:
    """The pixels (n, 4) that masks of boxes fill in an image of `size` (w, h): left, top, right, bottom; one at least.

    The first pixel is rounded as every reader of masks rounds it, see `datasets.images.outlines.pasted`.
    """
    scale = np.array([*size, *size])
    corners = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    first, last = np.split(np.rint(corners * scale).astype(np.int64), 2, axis=1)
    return np.concatenate([first, np.maximum(last, first + 1)], axis=1)


def table(
    ids: Sequence[str], found: Sequence[Found], classes: Sequence[str], masks: Sequence[str] | None = None
) -> pa.Table:
    """Rows of `predictions.parquet`, one per sample: class names instead of numbers, paths of `masks` if given."""
    whole = [Found.none(), *found]
    points = [one.points for one in found if one.points is not None and len(one)]
    return results.table(
        ids,
        [len(one) for one in found],
        pa.array(list(classes), pa.string()).take(pa.array(np.concatenate([one.classes for one in whole]))),
        boxes=np.concatenate([one.xywh for one in whole]),
        confidences=np.concatenate([one.confidences for one in whole]),
        masks=masks,
        points=np.concatenate(points) if points else None,
    )
