"""The table that carries predictions home, whatever their kind. Imports no torch."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.tables import LABEL, PREDICTIONS

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
) -> pa.Table:
    """Rows of `predictions.parquet`: one per sample of `ids`, with the next `counts[i]` of the n flat labels.

    `labels` (n,) are class names, in the order of the samples. `boxes` (n, 4) are x, y, width, height, relative to the
    image as shown; `confidences` (n,) lie in [0, 1]; `masks` (n,) are paths of mask files; `logits` (n, classes) are
    the scores of the model's classes, in its order. What a kind of label lacks is left out and stays null.
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
    }
    struct = pa.StructArray.from_arrays([columns[field.name] for field in LABEL], fields=list(LABEL))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    made = pa.table([pa.array(ids, pa.string()), pa.ListArray.from_arrays(offsets, struct)], names=PREDICTIONS.names)
    return made.cast(PREDICTIONS)


def _lists(rows: Array, of: pa.DataType) -> pa.ListArray:
    """A column of lists, all as long as the rows (n, k) are wide."""
    rows = np.asarray(rows)
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    return pa.ListArray.from_arrays(offsets, pa.array(rows.reshape(-1), of))
