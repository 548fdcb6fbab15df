"""What a detector found, and the table that carries it home."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from datasets.tables import LABEL, PREDICTIONS, write_table

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
    lengths = [len(boxes.confidences) for boxes in found]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    whole = [Boxes.none(), *found]
    xywh = np.concatenate([boxes.xywh for boxes in whole])
    total = len(xywh)
    numbers = np.concatenate([boxes.classes for boxes in whole])
    columns = {
        "id": pa.nulls(total, pa.string()),
        "label": pa.array(list(classes), pa.string()).take(pa.array(numbers)),
        "box": pa.ListArray.from_arrays(np.arange(total + 1, dtype=np.int32) * 4, pa.array(xywh.reshape(-1))),
        "confidence": pa.array(np.concatenate([boxes.confidences for boxes in whole]), pa.float64()),
        "crowd": pa.array(np.zeros(total, dtype=bool)),
        "mask_path": pa.nulls(total, pa.string()),
    }
    labels = pa.StructArray.from_arrays([columns[field.name] for field in LABEL], fields=list(LABEL))
    table = pa.table([pa.array(ids, pa.string()), pa.ListArray.from_arrays(offsets, labels)], names=PREDICTIONS.names)
    write_table(table.cast(PREDICTIONS), path)


def read_image(path: str) -> Array | None:
    """An image as shown (EXIF rotation applied): (height, width, 3) uint8 BGR; None when it cannot be read."""
    import cv2

    try:
        data = np.fromfile(path, np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):
        return None
    if image is not None and image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    return image
