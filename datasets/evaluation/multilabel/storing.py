"""Stores evaluations of many classes per image: counts per sample, and the table.

FiftyOne has no evaluation of this kind, so none is registered with it; its App filters by the fields `eval_<run>` (all
classes right), `eval_<run>_tp`, `_fp` and `_fn`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from datasets.evaluation import stored
from datasets.evaluation.multilabel.reading import Tags
from datasets.evaluation.multilabel.report import counted
from datasets.evaluation.samples import Samples, stored_names
from datasets.evaluation.scoring import Asked
from datasets.evaluation.thresholds import PRESENT
from datasets.fieldnames import evaluation_key
from datasets.kinds import CLASSIFICATIONS
from datasets.records import Progress
from datasets.storage import collection, schemas

KIND = CLASSIFICATIONS.name


def write_back(asked: Asked, tags: Tags, progress: Progress) -> int:
    """Write the counts of every sample at the default confidence. Idempotent.

    Returns how many samples lost their labels or predictions while they were scored.
    """
    key, total = evaluation_key(asked.run), len(tags.samples)
    schemas.declare(asked.dataset, {key: "bool", **{f"{key}_{end}": "int" for end in ("tp", "fp", "fn")}})
    names = stored_names(asked, KIND)
    written = collection.update_if(asked.dataset, _changes(key, names, tags), total, progress)
    return total - written


def save(tags: Tags, about: Mapping[str, Any], path: Path) -> None:
    """Write the table that figures at any confidence are computed from."""
    total = len(tags.samples)
    columns: dict[str, Any] = dict(tags.samples.columns())
    columns["labels"] = _lists(tags.truth, total, {"id": tags.label_id} if tags.label_id else {})
    ids = {"id": tags.prediction_id} if tags.prediction_id else {}
    columns["predictions"] = _lists(tags.found, total, {"confidence": tags.confidence, **ids})
    known: dict[str, Any] = {"kind": KIND, "classes": tags.classes}
    known |= {"missing": tags.samples.missing, "unlabelled": tags.samples.unlabelled}
    stored.write(pa.table(columns), {**known, **about}, path)


def load(path: Path) -> tuple[Tags, dict[str, Any]]:
    """The table, and what is known about it. Raises EvaluationError where there is none."""
    kept, about = stored.read(path, KIND)
    lists = {name: kept[name].to_pylist() for name in ("sample_id", "path", "split")}
    samples = Samples(**lists, missing=about["missing"], unlabelled=about["unlabelled"])
    truth, labels = _pairs(kept["labels"])
    found, flat = _pairs(kept["predictions"])
    confidence = flat.field("confidence").to_numpy(zero_copy_only=False).astype(np.float64)
    return Tags(samples, tuple(about["classes"]), truth, found, confidence, _ids(labels), _ids(flat)), about


def _lists(pairs: Any, samples: int, more: Mapping[str, Any]) -> pa.ListArray:
    offsets = np.searchsorted(pairs[:, 0], np.arange(samples + 1)).astype(np.int32)
    values = {"class": pairs[:, 1], **more}
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.StructArray.from_arrays([pa.array(one) for one in values.values()], list(values))
    )


def _pairs(column: pa.ChunkedArray) -> tuple[Any, pa.StructArray]:
    lists = column.chunk(0)
    flat, number = lists.flatten(), np.diff(lists.offsets.to_numpy())
    return np.column_stack([np.repeat(np.arange(len(number)), number), flat.field("class").to_numpy()]), flat


def _ids(flat: pa.StructArray) -> list[str]:
    """Ids of labels; none in tables that were written before they were kept."""
    return flat.field("id").to_pylist() if flat.type.get_field_index("id") >= 0 else []


def _changes(key: str, names: tuple[str, str], tags: Tags) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    _, found = counted(tags, tags.samples.inside(None), PRESENT)
    rows = zip(tags.samples.sample_id, found.tp.tolist(), found.fp.tolist(), found.fn.tolist(), strict=True)
    still = {name: {"$ne": None} for name in names}
    for sample, tp, fp, fn in rows:
        yield sample, still, {key: fp + fn == 0, f"{key}_tp": tp, f"{key}_fp": fp, f"{key}_fn": fn}
