"""The outcome table: one parquet file per evaluation that every figure, at any threshold, can be computed from.

One row per scored sample with its labels and predictions; classes, card and the report of every split in the metadata.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from datasets.evaluation import stored
from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.overlaps import Overlaps
from datasets.evaluation.scoring import known_splits
from datasets.kinds import DETECTIONS

_OBJECT = {
    "id": pa.string(),
    "class": pa.int32(),
    **dict.fromkeys(("x", "y", "width", "height", "confidence", "area"), pa.float64()),
    "crowd": pa.bool_(),
}
_OVERLAP = {"prediction": pa.int32(), "label": pa.int32(), "iou": pa.float64()}


@dataclass(frozen=True)
class Table:
    """Scored samples (s) and their boxes; `Boxes.image` is the row of the sample, boxes are relative to the image.

    `overlaps` holds the IoU of masks, and areas are then those of masks; None where boxes are compared. `about` is
    JSON: run, field, label_field, card, reports (by split, "" for all).
    """

    sample_id: Sequence[str]
    path: Sequence[str]
    split: Sequence[str]
    size: Ints
    classes: tuple[str, ...]
    labels: Boxes
    predictions: Boxes
    overlaps: Overlaps | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def splits(self) -> list[str]:
        """Splits that occur, in the order train, val, test, others."""
        return known_splits(self.split)

    def of_split(self, split: str | None) -> tuple[Boxes, Boxes]:
        """Labels and predictions of the samples of one split; all for None. Sample rows keep their numbers."""
        if split is None:
            return self.labels, self.predictions
        inside = np.array([name == split for name in self.split], np.bool_)
        return self.labels.take(inside[self.labels.image]), self.predictions.take(inside[self.predictions.image])


def write(table: Table, path: Path) -> None:
    """Write the table atomically: a reader never sees half of it."""
    count = len(table.sample_id)
    columns = {
        "sample_id": pa.array(table.sample_id, pa.string()),
        "path": pa.array(table.path, pa.string()),
        "split": pa.array(table.split, pa.string()),
        "width": pa.array(table.size[:, 0], pa.int32()),
        "height": pa.array(table.size[:, 1], pa.int32()),
        "labels": _column(table.labels, count),
        "predictions": _column(table.predictions, count),
    }
    if table.overlaps is not None:
        columns["overlaps"] = _overlap_column(table.overlaps, count)
    stored.write(pa.table(columns), {"kind": DETECTIONS.name, "classes": table.classes, **table.about}, path)


def read(path: Path) -> Table:
    """Read a table. Raises EvaluationError where there is none, or one of another kind."""
    kept, about = stored.read(path, DETECTIONS.name)
    return Table(
        sample_id=kept["sample_id"].to_pylist(),
        path=kept["path"].to_pylist(),
        split=kept["split"].to_pylist(),
        size=np.stack([kept["width"].to_numpy(), kept["height"].to_numpy()], axis=1).astype(np.int64),
        classes=tuple(about.pop("classes")),
        labels=_boxes(kept["labels"]),
        predictions=_boxes(kept["predictions"]),
        overlaps=_overlaps(kept["overlaps"]) if "overlaps" in kept.column_names else None,
        about=about,
    )


def _column(rows: Boxes, samples: int) -> pa.ListArray:
    box = rows.box.T
    values = [rows.id, rows.label, *box, rows.confidence, rows.area, rows.crowd]
    arrays = [pa.array(value, kind) for value, kind in zip(values, _OBJECT.values(), strict=True)]
    offsets = np.searchsorted(rows.image, np.arange(samples + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(arrays, list(_OBJECT)))


def _boxes(column: pa.ChunkedArray) -> Boxes:
    lists = column.chunk(0) if column.num_chunks else pa.array([], pa.list_(pa.struct(list(_OBJECT.items()))))
    objects = lists.flatten()
    counts = np.diff(lists.offsets.to_numpy())

    def of(name: str) -> Floats:
        values: Floats = objects.field(name).to_numpy(zero_copy_only=False)
        return values

    return Boxes(
        image=np.repeat(np.arange(len(counts)), counts),
        label=of("class").astype(np.int64),
        box=np.stack([of(name) for name in ("x", "y", "width", "height")], axis=1),
        area=of("area"),
        confidence=of("confidence").astype(np.float64),
        crowd=of("crowd").astype(np.bool_),
        id=of("id"),
    )


def _overlap_column(found: Overlaps, samples: int) -> pa.ListArray:
    order = np.argsort(found.image, kind="stable")
    values = [column[order] for column in (found.prediction, found.label, found.iou)]
    arrays = [pa.array(value, kind) for value, kind in zip(values, _OVERLAP.values(), strict=True)]
    offsets = np.searchsorted(found.image[order], np.arange(samples + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(arrays, list(_OVERLAP)))


def _overlaps(column: pa.ChunkedArray) -> Overlaps:
    lists = column.chunk(0) if column.num_chunks else pa.array([], pa.list_(pa.struct(list(_OVERLAP.items()))))
    pairs, counts = lists.flatten(), np.diff(lists.offsets.to_numpy())
    prediction, label, iou = (pairs.field(name).to_numpy() for name in _OVERLAP)
    image = np.repeat(np.arange(len(counts)), counts)
    return Overlaps(image, prediction.astype(np.int64), label.astype(np.int64), iou)
