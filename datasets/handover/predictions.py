"""Predictions are stored: from the table of a pipeline into a dataset. Other fields stay as they are.

What a task makes, its output, says how: `labels` of samples, an `image` for each, labels of `frames`, or new `samples`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from datasets.errors import DatasetsError
from datasets.fieldnames import is_prediction, prediction_field
from datasets.handover.outputs import class_names, frames, image, labels, samples
from datasets.handover.outputs.base import Given, Written
from datasets.records import Finding, Progress, no_progress
from datasets.storage import documents
from datasets.storage import store as home
from datasets.tables import PREDICTIONS, read_table


@dataclass(frozen=True)
class Output:
    """How the table of one output is written: `check` all of it, `declare` its fields, `write` it; `remove` it."""

    check: Callable[[Given], list[Finding]]
    declare: Callable[[Given], None]
    write: Callable[[Given, Progress], Written]
    remove: Callable[[str, str], None]


OUTPUTS: Mapping[str, Output] = MappingProxyType(
    {
        "labels": Output(labels.check, labels.declare, labels.write, labels.remove),
        "image": Output(image.check, image.declare, image.write, image.remove),
        "frames": Output(frames.check, frames.declare, frames.write, frames.remove),
        "samples": Output(samples.check, samples.declare, samples.write, samples.remove),
    }
)


@dataclass(frozen=True)
class Stored:
    """What was written: how many rows (samples with nothing on them too), how many things, and what to know about it.

    Things are `labels` for the outputs `labels` and `frames`, else images or samples.
    """

    samples: int
    labels: int
    findings: tuple[Finding, ...]


def store(dataset: str, field: str, path: Path, info: Mapping[str, Any], progress: Progress = no_progress) -> Stored:
    """Write a table of predictions as its output says, in place of what `field` (`pred_<run>`) held for its rows.

    `info` (plain JSON: run, job, output, label_kind, label_field, weights_hash, dataset_revision, splits,
    confidence_floor, classes and `skeleton` of the model, `into` for new samples) is kept with the dataset. `output` is
    one of OUTPUTS, labels unless it says so; `label_kind` is the kind of the labels, detections unless it says so.
    Files of masks and images become the workspace's own: those beside the table move, the table is written again with
    their names. Everything is checked before anything is written, and after a crash the same table may be written
    again. Raises DatasetsError for bad boxes, masks, images, confidences, logits, names and sample ids, ClassMismatch
    when no class is shared, FieldError when the field holds another kind.
    """
    given, output = Given(dataset, field, path, _read(path), info), _output(info)
    _check_field(field)
    findings = output.check(given)
    documents.check_writable(dataset)
    output.declare(given)
    home.set_info(dataset, _key(field), {**info, "field": field, "complete": False})
    written = output.write(given, progress)
    home.set_info(dataset, _key(field), {**info, "field": field, "complete": True})
    return Stored(len(given.table), written.things, (*findings, *written.findings))


def info(dataset: str, field: str) -> dict[str, Any]:
    """The stored info about the predictions in a field; empty when we did not write them."""
    return dict(home.info(dataset).get(_key(field)) or {})


def fields(dataset: str) -> list[str]:
    """Fields of predictions that we wrote, by name."""
    return class_names.predicted_fields(dataset)


def remove(dataset: str, field: str) -> None:
    """Delete the predictions of a field and their info."""
    _check_field(field)
    known = info(dataset, field)
    _output(known).remove(str(known.get("into") or dataset), field)
    home.set_info(dataset, _key(field), None)


def _output(info: Mapping[str, Any]) -> Output:
    name = str(info.get("output") or "labels")
    if name not in OUTPUTS:
        raise DatasetsError(f"expected an output of a task, one of {', '.join(OUTPUTS)}; found {name!r}")
    return OUTPUTS[name]


def _read(path: Path) -> pa.Table:
    try:
        return read_table(path, PREDICTIONS).combine_chunks()
    except (OSError, ValueError, pa.ArrowException) as wrong:
        raise DatasetsError(f"expected a table of predictions, found something else: {wrong}") from wrong


def _check_field(field: str) -> None:
    if not is_prediction(field) or not field.isidentifier():
        raise DatasetsError(
            f"expected a field of predictions, named {prediction_field('<run>')}, found {field!r}; "
            "ground truth is never written to"
        )


def _key(field: str) -> str:
    return f"{class_names.INFO}_{field}"
