"""The table of embeddings: what a model sees in each sample, as one vector. No number of it becomes a Python object."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.tables import write_table

Array = np.ndarray[Any, Any]
SCHEMA = pa.schema([("sample_id", pa.string()), ("embedding", pa.list_(pa.float32()))])


def write(path: Path, ids: Sequence[str], vectors: Sequence[Array | None]) -> None:
    """One row for each sample: its vector (d,), null for None, whose image could not be read."""
    known = [np.asarray(one, dtype=np.float32) for one in vectors if one is not None]
    lengths = np.array([0 if one is None else len(one) for one in vectors], dtype=np.int64)
    flat = pa.array(np.concatenate(known) if known else np.zeros(0, dtype=np.float32))
    missing = pa.array([one is None for one in vectors], pa.bool_())
    offsets = pa.array(np.concatenate([[0], lengths.cumsum()]), pa.int32())
    rows = pa.ListArray.from_arrays(offsets, flat, mask=missing)
    write_table(pa.table({"sample_id": pa.array(ids, pa.string()), "embedding": rows}, schema=SCHEMA), path)


def read(path: Path) -> Mapping[str, Array]:
    """Vectors (d,) float32 by sample id; samples whose image could not be read are left out."""
    table = pq.read_table(path, schema=SCHEMA)
    known = table.filter(table["embedding"].is_valid())
    rows = known["embedding"].combine_chunks().flatten().to_numpy().reshape(len(known), -1) if len(known) else []
    return dict(zip(known["sample_id"].to_pylist(), rows, strict=True))
