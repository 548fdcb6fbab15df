"""Stores evaluations of semantic masks: figures per sample, and FiftyOne's own results object.

`eval_<run>_accuracy`, `_precision` and `_recall` equal FiftyOne's `evaluate_segmentations`; `_miou` is ours.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from datasets.evaluation import stored
from datasets.evaluation.arrays import Ints
from datasets.evaluation.cards import plain
from datasets.evaluation.samples import Samples, stored_names
from datasets.evaluation.scoring import Asked
from datasets.evaluation.segmentation.figures import foreground
from datasets.evaluation.segmentation.reading import Pixels
from datasets.evaluation.segmentation.report import sample_ious
from datasets.fieldnames import evaluation_key
from datasets.kinds import SEGMENTATION
from datasets.records import Progress
from datasets.storage import collection, evaluations, layout, schemas

KIND = SEGMENTATION.name
_ENDS = ("accuracy", "precision", "recall")


def write_back(asked: Asked, pixels: Pixels, progress: Progress) -> int:
    """Register the evaluation with FiftyOne, then write the figures of every sample. Idempotent.

    Returns how many samples were deleted, or lost their prediction, while they were scored.
    """
    key = evaluation_key(asked.run)
    registered = _register(asked, pixels, key)
    schemas.declare(asked.dataset, {f"{key}_miou": "float"})
    total, names = len(pixels.samples), stored_names(asked, KIND)
    written = collection.update_if(asked.dataset, _changes(key, names[1], pixels), total, progress)
    registered.save()
    return total - written


def save(pixels: Pixels, about: Mapping[str, Any], path: Path) -> None:
    """Write the table: counts of every sample, from which any part of the dataset can be scored."""
    total = len(pixels.samples)
    columns = pixels.samples.columns() | {
        "pairs": _lists(pixels.pairs, total, ("label", "prediction", "pixels")),
        "contours": _lists(pixels.contour, total, ("label", "found", "predicted", "recovered", "labelled")),
    }
    known = {"kind": KIND, "classes": pixels.classes, "values": pixels.values}
    stored.write(pa.table(columns), {**known, **about}, path)


def load(path: Path) -> tuple[Pixels, dict[str, Any]]:
    """The counts of a stored table, without ids of labels, and what is known about them.

    Raises EvaluationError where there is no evaluation of semantic masks.
    """
    kept, about = stored.read(path, KIND)
    texts = {name: kept[name].to_pylist() for name in ("sample_id", "path", "split")}
    pairs, contour = (_rows(kept[name]) for name in ("pairs", "contours"))
    values, classes = tuple(about.pop("values")), tuple(about.pop("classes"))
    return Pixels(Samples(**texts), [], [], values, classes, (), pairs, contour), about


def _rows(column: pa.ChunkedArray) -> Ints:
    lists = column.chunk(0)
    sample = np.repeat(np.arange(len(lists)), np.diff(lists.offsets.to_numpy()))
    return np.column_stack([sample, *(part.to_numpy() for part in lists.flatten().flatten())])


def _lists(rows: Any, samples: int, names: tuple[str, ...]) -> pa.ListArray:
    offsets = np.searchsorted(rows[:, 0], np.arange(samples + 1)).astype(np.int32)
    arrays = [pa.array(rows[:, i + 1], pa.int64()) for i in range(len(names))]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(arrays, list(names)))


def _changes(key: str, field: str, pixels: Pixels) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    count, ious = len(pixels.classes), sample_ious(pixels).tolist()
    background = pixels.values[:1] == (0,)
    offset = np.searchsorted(pixels.pairs[:, 0], np.arange(len(pixels.samples) + 1))
    for row, sample in enumerate(pixels.samples.sample_id):
        rows = pixels.pairs[offset[row] : offset[row + 1], 1:]
        matrix = np.zeros((count, count + 1), np.int64)
        matrix[rows[:, 0], rows[:, 1]] = rows[:, 2]
        known = foreground(matrix[:, :-1], background) or (None,) * 3
        values = {f"{key}_{end}": value for end, value in zip(_ENDS, known, strict=True)}
        yield (
            sample,
            {f"{field}._id": layout.object_id(pixels.prediction_id[row])},
            {
                **values,
                f"{key}_miou": plain(ious[row]),
            },
        )


def _register(asked: Asked, pixels: Pixels, key: str) -> evaluations.Registered:
    inside = np.ones(len(pixels.samples), np.bool_)
    known = pixels.pairs[pixels.pairs[:, 2] < len(pixels.classes)].tolist()  # FiftyOne ignores other predictions
    matches = [
        (pixels.classes[truth], pixels.classes[found], number, pixels.label_id[row], pixels.prediction_id[row])
        for row, truth, found, number in known
    ]
    return evaluations.segmentation(
        evaluations.Scored(asked.dataset, key, (asked.label_field, asked.field), pixels.samples.sample_id),
        pixels.confusion(inside)[:, :-1],
        pixels.classes,
        matches=matches,
        missing=pixels.classes[0] if pixels.values[:1] == (0,) else None,
    )
