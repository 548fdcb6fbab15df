"""The same made-up boxes for both sides: n images, 8 labels and 8 predictions on each, 10 classes."""

import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image

from datasets.exchange.importing import Preview
from datasets.images.probe import Probe
from datasets.kinds import DETECTIONS
from datasets.records import ImageRecord, Label
from datasets.tables import PREDICTIONS, filled, write_table

CLASSES = tuple(f"class {k}" for k in range(10))
OBJECTS = 8
SIZE = (640, 480)


@dataclass(frozen=True)
class Scene:
    """`box` (n, 8, 4) and `label` (n, 8) of labels; `found`, `guess` and `confidence` of predictions. No ties."""

    box: NDArray[np.float64]
    label: NDArray[np.int64]
    found: NDArray[np.float64]
    guess: NDArray[np.int64]
    confidence: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.box)

    def path(self, row: int) -> str:
        return f"/nowhere/{row:07d}.jpg"


@lru_cache(maxsize=1)
def scene(n: int, seed: int = 5) -> Scene:
    r = np.random.default_rng(seed)
    box, other = _boxes(r, n), _boxes(r, n)
    label, guess = r.integers(0, len(CLASSES), (2, n, OBJECTS))
    hit = r.random((n, OBJECTS)) < 0.7
    slipped = box + r.normal(0, 0.012, box.shape)
    slipped[..., 2:] = np.maximum(slipped[..., 2:], 0.01)
    same = hit & (r.random(hit.shape) < 0.92)
    confidence = np.where(hit, r.beta(5, 2, hit.shape), r.beta(2, 4, hit.shape))
    return Scene(box, label, np.where(hit[..., None], slipped, other), np.where(same, label, guess), confidence)


def _boxes(r: np.random.Generator, n: int) -> NDArray[np.float64]:
    size = r.uniform(0.05, 0.35, (n, OBJECTS, 2))
    return np.concatenate([r.uniform(0, 1, size.shape) * (1 - size), size], axis=2)


def preview(made: Scene) -> Preview:
    """What an importer hands over after reading and probing; images need not exist."""
    Image.init()  # else Pillow knows no MIME types before it has opened an image
    records, probes = [], []
    for row, (boxes, names) in enumerate(zip(made.box.tolist(), made.label.tolist(), strict=True)):
        path = Path(made.path(row))
        objects = tuple(Label(CLASSES[k], tuple(box)) for box, k in zip(boxes, names, strict=True))
        records.append(ImageRecord(path, "val", *SIZE, objects))
        probes.append(Probe(path, *SIZE, "RGB", bytes=100_000, format="JPEG"))
    return Preview(
        Path("/nowhere"), Path("/nowhere"), "coco", "", DETECTIONS, CLASSES, tuple(records), tuple(probes), ()
    )


def predicted(made: Scene, sample_ids: list[str], folder: Path) -> Path:
    """The table that a pipeline hands over."""
    count = made.confidence.size
    text = pa.array([CLASSES[k] for k in made.guess.ravel()])
    box = pa.ListArray.from_arrays(np.arange(0, 4 * count + 1, 4, dtype=np.int32), made.found.ravel())
    given = {
        "label": text,
        "box": box,
        "confidence": pa.array(made.confidence.ravel()),
        "crowd": pa.array(np.zeros(count, bool)),
    }
    fields = list(PREDICTIONS.field("labels").type.value_type)
    columns = [given.get(field.name, pa.nulls(count, field.type)) for field in fields]
    struct = pa.StructArray.from_arrays(columns, fields=fields)
    offsets = np.arange(0, count + 1, OBJECTS, dtype=np.int32)
    path = folder / f"{secrets.token_hex(4)}.parquet"
    rows = pa.table([pa.array(sample_ids), pa.ListArray.from_arrays(offsets, struct)], names=["sample_id", "labels"])
    write_table(filled(rows, PREDICTIONS), path)
    return path
