"""The table that carries predictions home, whatever their output and kind. Imports no torch."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.tables import LABEL, PREDICTIONS, filled

Array = np.ndarray[Any, Any]


@contextmanager
def opened(out: Path) -> Iterator[Callable[[pa.Table], None]]:
    """A function that writes row groups of `predictions.parquet`; the file appears once the block has ended well."""
    part = out.with_suffix(out.suffix + ".part")
    try:
        with pq.ParquetWriter(part, PREDICTIONS) as writer:
            yield writer.write_table
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def table(
    ids: Sequence[str],
    counts: Sequence[int],
    labels: Sequence[str] | pa.Array,
    *,
    boxes: Array | None = None,
    confidences: Array | None = None,
    masks: Sequence[str | None] | None = None,
    logits: Array | None = None,
    indexes: Sequence[int | None] | None = None,
    frame_numbers: Sequence[int | None] | None = None,
    points: Array | None = None,
) -> pa.Table:
    """Rows of `predictions.parquet`: one per sample of `ids`, with the next `counts[i]` of the n flat labels.

    `labels` (n,) are class names, in the order of the samples. `boxes` (n, 4) are x, y, width, height, relative to the
    image as shown; `confidences` (n,) lie in [0, 1]; `masks` (n,) are paths of mask files; `logits` (n, classes) are
    the scores of the model's classes, in its order; `points` (n, k, 3) are x, y, relative, and confidence. What a kind
    of label lacks is left out and stays null.
    For labels of frames, `frame_numbers` says for each row which frame it is, counted from 1, and `indexes` (n,) number
    the objects: the same number, in all frames of a sequence, is the same object.
    """
    total = len(labels)
    columns = {
        "id": pa.nulls(total, pa.string()),
        "label": labels if isinstance(labels, pa.Array) else pa.array(labels, pa.string()),
        "box": pa.nulls(total, pa.list_(pa.float64())) if boxes is None else _lists(boxes, pa.float64()),
        "confidence": pa.nulls(total, pa.float64()) if confidences is None else pa.array(confidences, pa.float64()),
        "crowd": pa.array(np.zeros(total, dtype=bool)),
        "mask_path": pa.nulls(total, pa.string()) if masks is None else pa.array(masks, pa.string()),
        "logits": pa.nulls(total, pa.list_(pa.float32())) if logits is None else _lists(logits, pa.float32()),
        "points": pa.nulls(total, pa.list_(pa.float64()))
        if points is None
        else _lists(np.reshape(points, (total, 3 * np.shape(points)[1])), pa.float64()),
        "index": pa.nulls(total, pa.int64()) if indexes is None else pa.array(indexes, pa.int64()),
    }
    struct = pa.StructArray.from_arrays([columns[one.name] for one in LABEL], fields=list(LABEL))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    rows = {"sample_id": pa.array(ids, pa.string()), "labels": pa.ListArray.from_arrays(offsets, struct)}
    if frame_numbers is not None:
        rows["frame_number"] = pa.array(frame_numbers, pa.int32())
    return filled(pa.table(rows), PREDICTIONS)


def images(ids: Sequence[str], paths: Sequence[str | None]) -> pa.Table:
    """Rows of a task that makes an image of each sample: the file of each, None where there is none."""
    return filled(pa.table({"sample_id": pa.array(ids), "image_path": pa.array(paths, pa.string())}), PREDICTIONS)


@dataclass(frozen=True, slots=True)
class NewSample:
    """An image that a model made: the seed and latent vector it began with, and what else it was told (plain JSON)."""

    path: Path
    seed: int | None = None
    latent: Sequence[float] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


def samples(made: Sequence[NewSample]) -> pa.Table:
    """Rows of a task that makes new samples, one for each, without an id yet."""
    rows = [
        {"image_path": str(one.path), "seed": one.seed, "latent": one.latent, "params": json.dumps(dict(one.params))}
        for one in made
    ]
    return pa.Table.from_pylist(rows, PREDICTIONS)


def _lists(rows: Array, of: pa.DataType) -> pa.ListArray:
    """A column of lists, all as long as the rows (n, k) are wide."""
    rows = np.asarray(rows)
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    return pa.ListArray.from_arrays(offsets, pa.array(rows.reshape(-1), of))
