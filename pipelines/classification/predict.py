"""Any checkpoint on any manifest: the classes of every image, with confidences."""

import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines import devices, predicting
from pipelines.classification.config import Config
from pipelines.classification.data import MANY, images
from pipelines.memory import guard
from pipelines.runs import checkpoints, results
from pipelines.runs.events import EventWriter

OPTIONS = ("confidence", "predict_batch", "workers", "device")
Array = np.ndarray[Any, Any]


def predict(  # noqa: PLR0917 - the contract of every task
    checkpoint: Path,
    manifest: Path,
    out: Path,
    config: Mapping[str, Any],
    events: EventWriter,
    stop: threading.Event,
) -> None:
    """Write the predictions of a checkpoint folder for every sample of a manifest to `out`.

    Of `config` only the options in OPTIONS matter. A sample whose image cannot be read gets an empty row and a finding.
    Raises CheckpointError, ClassMismatch (no class name in common), OutOfMemory, Stopped.
    """
    found = checkpoints.load(checkpoint)
    options = predicting.options(Config, OPTIONS, config)
    table = images(manifest)
    predicting.compare_classes(found.classes, table.classes)
    family = import_module(f"pipelines.classification.{found.family}.predict")
    paths = [sample.path for sample in table.samples]
    scores: list[Array | None] = [None for _ in table.samples]
    with guard("predict_batch"):
        batches = family.predict(found, paths, options, devices.choose(options.device))
        for number, logits in predicting.each(batches, paths, events, stop):
            scores[number] = logits
    ids = [sample.id for sample in table.samples]
    if found.kind == MANY:
        write_many(out, ids, scores, found.classes, options.confidence)
    else:
        write_one(out, ids, scores, found.classes)


def write_one(out: Path, ids: Sequence[str], scores: Sequence[Array | None], classes: Sequence[str]) -> None:
    """The likeliest class of every sample, by its logits (k,); its confidence is the softmax. None: an empty row."""
    logits = _rows(scores, len(classes))
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    best = logits.argmax(axis=1)
    results.write(
        out, ids, [int(one is not None) for one in scores], pa.array(list(classes), pa.string()).take(pa.array(best)),
        confidences=raised.max(axis=1) / raised.sum(axis=1), logits=logits.astype(np.float32),
    )  # fmt: skip


def write_many(
    out: Path, ids: Sequence[str], scores: Sequence[Array | None], classes: Sequence[str], floor: float
) -> None:
    """Every class of every sample whose confidence, the sigmoid of its logit, is at least `floor`; the surest first."""
    confidences = 1 / (1 + np.exp(-_rows(scores, len(classes))))
    order = np.argsort(-confidences, axis=1, kind="stable")
    ranked = np.take_along_axis(confidences, order, axis=1)
    kept = ranked >= floor
    counts = np.zeros(len(scores), dtype=int)
    counts[[row for row, one in enumerate(scores) if one is not None]] = kept.sum(axis=1)
    names = pa.array(list(classes), pa.string()).take(pa.array(order[kept]))
    results.write(out, ids, counts.tolist(), names, confidences=ranked[kept])


def _rows(scores: Sequence[Array | None], classes: int) -> Array:
    readable = [np.asarray(one, dtype=np.float64) for one in scores if one is not None]
    return np.stack(readable) if readable else np.zeros((0, classes))
