"""The outcome table: one parquet file per evaluation that every figure, at any threshold, can be computed from.

One row per scored sample with its labels and predictions; classes, card and the report of every split in the metadata.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datasets.evaluation import stored
from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.figures import OBJECTS, POSES, Limits
from datasets.evaluation.objects.overlaps import Overlaps
from datasets.evaluation.scoring import known_splits
from datasets.kinds import DETECTIONS, Kind, kind

_OBJECT = {
    "id": pa.string(),
    "class": pa.int32(),
    **dict.fromkeys(("x", "y", "width", "height", "confidence", "area"), pa.float64()),
    "crowd": pa.bool_(),
}
_POSE = {"once": pa.bool_(), "points": pa.list_(pa.float32())}
_OVERLAP = {"prediction": pa.int32(), "label": pa.int32(), "iou": pa.float64()}


@dataclass(frozen=True)
class Table:
    """Scored samples (s) and their boxes; `Boxes.image` is the row of the sample, boxes are relative to the image.

    `overlaps` holds the IoU of masks, and areas are then those of masks, or the OKS of poses, labels of another `kind`;
    None where boxes are compared. `about` is JSON: run, field, label_field, card, reports (by split, "" for all), and
    of poses their `skeleton`.
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
    kind: Kind = DETECTIONS

    @property
    def compared(self) -> str:
        """What is compared, in words."""
        return "key points" if self.kind.posed else "boxes" if self.overlaps is None else "masks"

    @property
    def measure(self) -> str:
        """The short name of how much two objects agree."""
        return "OKS" if self.kind.posed else "IoU"

    @property
    def masked(self) -> bool:
        """Whether objects are compared by their masks."""
        return self.overlaps is not None and not self.kind.posed

    @property
    def limits(self) -> Limits:
        """At which numbers of predictions and ranges of areas these objects are measured."""
        return POSES if self.kind.posed else OBJECTS

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
    stored.write(pa.table(columns), {"kind": table.kind.name, "classes": table.classes, **table.about}, path)


def read(path: Path) -> Table:
    """Read a table. Raises EvaluationError where there is none, or one of another kind."""
    held = kind(stored.read_about(path)["kind"])
    kept, about = stored.read(path, held.name if held.posed else DETECTIONS.name)
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
        kind=held,
    )


def _column(rows: Boxes, samples: int) -> pa.ListArray:
    box = rows.box.T
    values = [rows.id, rows.label, *box, rows.confidence, rows.area, rows.crowd]
    arrays = [pa.array(value, kind) for value, kind in zip(values, _OBJECT.values(), strict=True)]
    names = list(_OBJECT)
    if rows.points is not None and rows.once is not None:
        names += _POSE
        arrays += [pa.array(rows.once, _POSE["once"]), _point_column(rows.points)]
    offsets = np.searchsorted(rows.image, np.arange(samples + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(arrays, names))


def _point_column(points: NDArray[Any]) -> pa.ListArray:
    offsets = np.cumsum([0, *(one.size for one in points)]).astype(np.int32)
    values = np.concatenate([np.empty(0), *(one.reshape(-1) for one in points)])
    return pa.ListArray.from_arrays(offsets, pa.array(values, pa.float32()))


def _points(column: pa.ListArray) -> NDArray[Any]:
    values, ends = column.flatten().to_numpy(), np.cumsum(pc.list_value_length(column).to_numpy()).tolist()
    made = np.empty(len(column), object)
    for row, (first, last) in enumerate(zip([0, *ends], ends, strict=False)):
        made[row] = values[first:last].reshape(-1, 3)
    return made


def _boxes(column: pa.ChunkedArray) -> Boxes:
    lists = column.chunk(0) if column.num_chunks else pa.array([], pa.list_(pa.struct(list(_OBJECT.items()))))
    objects = lists.flatten()
    counts = np.diff(lists.offsets.to_numpy())

    def of(name: str) -> Floats:
        values: Floats = objects.field(name).to_numpy(zero_copy_only=False)
        return values

    posed = objects.type.get_field_index("points") >= 0
    return Boxes(
        once=of("once").astype(np.bool_) if posed else None,
        points=_points(objects.field("points")) if posed else None,
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
