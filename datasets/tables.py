"""The tables that cross from `datasets` to `pipelines` and back: manifest and predictions, as parquet.

Both hold one row per sample, or per frame of a video, and the same label struct, so that predictions and labels compare
column by column. Columns that came later are null in files from before.
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
        ),  # of an object: a mask of its box, or of the whole image; otherwise a semantic mask
        ("logits", pa.list_(pa.float32())),  # scores of the model's classes, in its order; null for ground truth
        ("index", pa.int64()),  # identity: the number of the object, the same in all frames of its sequence
        # Of a pose: x, y (relative; NaN for none) and a third number for each point, the visibility of a label as COCO
        # has it (0, 1, 2), the confidence of a prediction.
        ("points", pa.list_(pa.float64())),
    ]
)

MANIFEST = pa.schema(
    [
        ("sample_id", pa.string()),
        ("path", pa.string()),  # of the image; for a frame of a video sample, of the video
        ("split", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("labels", pa.list_(LABEL)),
        ("sequence", pa.string()),  # which video a frame belongs to; null for single images
        ("frame_number", pa.int32()),  # from 1
    ]
)

PREDICTIONS = pa.schema(
    [
        ("sample_id", pa.string()),  # null for a new sample, until it is stored
        ("labels", pa.list_(LABEL)),
        ("frame_number", pa.int32()),  # from 1; output `frames` alone
        ("image_path", pa.string()),  # outputs `image` and `samples`
        ("seed", pa.int64()),  # this and what follows: output `samples` alone
        ("latent", pa.list_(pa.float32())),  # the latent vector that the sample was made from
        ("params", pa.string()),  # further numbers and words that it was made with, as a JSON object
    ]
)
_LATER = {"sequence", "frame_number", "image_path", "seed", "latent", "params"}


def write_table(table: pa.Table, path: Path) -> None:
    """Write to a temporary name, then rename: a reader never sees half a file."""
    part = path.with_suffix(path.suffix + ".part")
    pq.write_table(table, part)
    part.replace(path)


def read_table(path: Path, schema: pa.Schema) -> pa.Table:
    """Read and check the columns; later ones may be absent. Raises ValueError that lists the expected and found."""
    table = pq.read_table(path)
    names = table.schema.names
    if [name for name in schema.names if name in names or name not in _LATER] != names:
        raise ValueError(f"{path}: expected columns {schema.names}, found {names}")
    return filled(table, schema)


def filled(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with all columns of a schema; missing ones are filled with nulls."""
    for field in schema:
        if field.name not in table.schema.names:
            table = table.append_column(field.name, pa.nulls(len(table), field.type))
    return table.select(schema.names).cast(schema)
