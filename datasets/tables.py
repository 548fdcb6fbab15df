"""The tables that cross from `datasets` to `pipelines` and back: manifest and predictions, as parquet.

Both hold one row per sample and the same label struct, so that predictions and labels compare column by column.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

LABEL = pa.struct(
    [
        ("id", pa.string()),
        ("label", pa.string()),
        ("box", pa.list_(pa.float64())),  # x, y, width, height; relative, as shown; null for a whole image
        ("confidence", pa.float64()),
        ("crowd", pa.bool_()),
        (
            "mask_path",
            pa.string(),
        ),  # of an object: the mask of its box crop, or of the whole image; else a semantic one
        ("logits", pa.list_(pa.float32())),  # scores of the model's classes, in its order; null for ground truth
    ]
)

MANIFEST = pa.schema(
    [
        ("sample_id", pa.string()),
        ("path", pa.string()),
        ("split", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("labels", pa.list_(LABEL)),
    ]
)

PREDICTIONS = pa.schema([("sample_id", pa.string()), ("labels", pa.list_(LABEL))])


def write_table(table: pa.Table, path: Path) -> None:
    """Write to a temporary name, then rename: a reader never sees half a file."""
    part = path.with_suffix(path.suffix + ".part")
    pq.write_table(table, part)
    part.replace(path)


def read_table(path: Path, schema: pa.Schema) -> pa.Table:
    """Read and check the columns. Raises ValueError that lists what was expected and found."""
    table = pq.read_table(path)
    if table.schema.names != schema.names:
        raise ValueError(f"{path}: expected columns {schema.names}, found {table.schema.names}")
    return table.cast(schema)
