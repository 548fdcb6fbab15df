"""What a detector found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines import results

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Boxes:
    """Predictions of one image: `xywh` (n, 4) relative to the image as shown, `confidences` (n,), `classes` (n,)."""

    xywh: Array
    confidences: Array
    classes: Array

    @classmethod
    def from_corners(cls, corners: Array, confidences: Array, classes: Array) -> "Boxes":
        """From relative corners (n, 4) x1, y1, x2, y2; clipped to the image, empty ones dropped, best first."""
        corners = corners.clip(0, 1)
        xywh = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
        kept = np.flatnonzero((xywh[:, 2] > 0) & (xywh[:, 3] > 0))
        kept = kept[np.argsort(-confidences[kept], kind="stable")]
        return cls(xywh[kept], confidences[kept], classes[kept])

    @classmethod
    def none(cls) -> "Boxes":
        """Nothing found."""
        return cls(np.zeros((0, 4)), np.zeros(0), np.zeros(0, dtype=np.int64))


def write(path: Path, ids: Sequence[str], found: Sequence[Boxes], classes: Sequence[str]) -> None:
    """Write `predictions.parquet`: one row per sample, class names instead of numbers."""
    whole = [Boxes.none(), *found]
    numbers = np.concatenate([boxes.classes for boxes in whole])
    results.write(
        path,
        ids,
        [len(boxes.confidences) for boxes in found],
        pa.array(list(classes), pa.string()).take(pa.array(numbers)),
        boxes=np.concatenate([boxes.xywh for boxes in whole]),
        confidences=np.concatenate([boxes.confidences for boxes in whole]),
    )
