"""Predictions come home: from the table of a pipeline into a field of their own. Other fields stay as they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets import collection, labels
from datasets import store as home
from datasets.errors import ClassMismatch, DatasetsError
from datasets.records import Finding, Progress, no_progress
from datasets.tables import PREDICTIONS, read_table

_PREFIX = "pred_"
_INFO = "predictions"
_KIND = "detections"
_CHUNK = 2000


@dataclass(frozen=True)
class Stored:
    """What was written: how many samples (those with nothing on them too) and labels, and what to know about it."""

    samples: int
    labels: int
    findings: tuple[Finding, ...]


def store(dataset: str, field: str, path: Path, info: Mapping[str, Any], progress: Progress = no_progress) -> Stored:
    """Write the predictions of a table into `field` (`pred_<run>`), in place of what it held for these samples.

    `info` (plain JSON: run, weights_hash, dataset_revision, splits, confidence_floor, classes of the model) is kept
    with the dataset. Everything is checked before anything is written, and after a crash the same table may be written
    again. Raises DatasetsError for bad boxes, confidences, names and sample ids, ClassMismatch when no class is shared.
    """
    table = _read(path)
    _check_field(field)
    flat = pc.list_flatten(table["labels"])
    _check_values(path, flat)
    _check_samples(dataset, path, table)
    findings = check_classes(dataset, field, info, pc.unique(pc.struct_field(flat, "label")).to_pylist())
    collection.check_writable(dataset)
    collection.declare(dataset, {field: _KIND})
    home.set_info(dataset, _key(field), {**info, "field": field, "complete": False})
    collection.update(dataset, _changes(table, field), len(table), progress)
    home.set_info(dataset, _key(field), {**info, "field": field, "complete": True})
    return Stored(len(table), len(flat), tuple(findings))


def info(dataset: str, field: str) -> dict[str, Any]:
    """What is known about the predictions in a field; empty when we did not write them."""
    return dict(home.info(dataset).get(_key(field)) or {})


def fields(dataset: str) -> list[str]:
    """Fields of predictions that we wrote, by name."""
    return sorted(str(known["field"]) for key, known in home.info(dataset).items() if key.startswith(f"{_INFO}_"))


def remove(dataset: str, field: str) -> None:
    """Delete the predictions of a field, and what is known about them."""
    _check_field(field)
    collection.undeclare(dataset, [field])
    home.set_info(dataset, _key(field), None)


def check_classes(dataset: str, field: str, info: Mapping[str, Any], found: list[str]) -> list[Finding]:
    """Class names join model and dataset. Raises ClassMismatch when they share none; a finding when only some.

    The names of the model are `info["classes"]`, else those that were `found` in its predictions.
    """
    model = list(info.get("classes") or found)
    known = label_classes(dataset)
    if not model or not known:
        return []
    unknown = [name for name in model if name not in set(known)]
    if len(unknown) == len(model):
        raise ClassMismatch(model, known)
    if not unknown:
        return []
    return [
        Finding(
            "warning",
            "classes-partly-known",
            field,
            "class names of the dataset",
            f"{len(unknown)} of {len(model)} that it lacks: {', '.join(unknown[:10])}",
            "predictions of these classes count as false positives; filter them, or rename the classes",
        )
    ]


def label_classes(dataset: str) -> tuple[str, ...]:
    """Class names of the dataset without those that only predictions use."""
    summary = home.summary(dataset)
    predicted = set(fields(dataset))
    used = {name for key, counts in summary.class_counts.items() if key not in predicted for name in counts}
    declared = collection.document(dataset).get("default_classes") or ()
    return tuple(name for name in summary.classes if name in used or name in declared)


def _read(path: Path) -> pa.Table:
    try:
        return read_table(path, PREDICTIONS).combine_chunks()
    except (OSError, ValueError, pa.ArrowException) as wrong:
        raise DatasetsError(f"expected a table of predictions, found something else: {wrong}") from wrong


def _check_field(field: str) -> None:
    if not field.startswith(_PREFIX) or not field.isidentifier():
        raise DatasetsError(
            f"expected a field of predictions, named {_PREFIX}<run>, found {field!r}; ground truth is never written to"
        )


def _check_values(path: Path, flat: pa.Array) -> None:
    box = pc.struct_field(flat, "box")
    lengths = pc.fill_null(pc.list_value_length(box), 0).to_numpy(zero_copy_only=False)
    _none_bad(path, flat, lengths != 4, "a box of four numbers")
    numbers = pc.fill_null(pc.list_flatten(box), np.nan).to_numpy(zero_copy_only=False).reshape(-1, 4)
    bad = ~np.isfinite(numbers).all(axis=1) | (numbers[:, 2:] <= 0).any(axis=1)
    _none_bad(path, flat, bad, "finite boxes of positive width and height")
    confidence = pc.struct_field(flat, "confidence")
    sure = pc.fill_null(confidence, 1.0).to_numpy(zero_copy_only=False)
    _none_bad(path, flat, ~((sure >= 0) & (sure <= 1)), "confidences in [0, 1]")
    named = pc.fill_null(pc.struct_field(flat, "label"), "").to_numpy(zero_copy_only=False)
    _none_bad(path, flat, named == "", "a class name for every label")


def _none_bad(path: Path, flat: pa.Array, bad: Any, expected: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        raise DatasetsError(
            f"{path}: expected {expected}, found {flat[int(rows[0])].as_py()} and {len(rows) - 1} more; "
            "nothing was written; predict again"
        )


def _check_samples(dataset: str, path: Path, table: pa.Table) -> None:
    ids = table["sample_id"].to_pylist()
    if len(set(ids)) < len(ids):
        raise DatasetsError(f"{path}: expected every sample once, found {len(ids) - len(set(ids))} again")
    known = {str(found["_id"]) for found in collection.by_ids(dataset, ids, {"_id": 1})}
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise DatasetsError(
            f"{path}: expected samples of dataset {dataset!r}, found {len(unknown)} that it does not hold, "
            f"such as {unknown[0]}; nothing was written; predict again, the dataset has changed"
        )


def _changes(table: pa.Table, field: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for start in range(0, len(table), _CHUNK):
        some = table.slice(start, _CHUNK)
        lists = some["labels"].combine_chunks()
        made = _documents(pc.list_flatten(lists))
        counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
        stop = np.cumsum(counts).tolist()
        for sample, first, last in zip(some["sample_id"].to_pylist(), [0, *stop], stop, strict=False):
            yield sample, {field: {"_cls": labels.document_class(_KIND), "detections": made[first:last]}}


def _documents(flat: pa.Array) -> list[dict[str, Any]]:
    """The documents of a column of labels, by columns: `labels.to_item` for one at a time costs five times as much."""

    def of(name: str) -> list[Any]:
        values: list[Any] = pc.struct_field(flat, name).to_pylist()
        return values

    boxes = pc.list_flatten(pc.struct_field(flat, "box")).to_numpy().reshape(-1, 4).tolist()
    made = labels.detections(of("label"), boxes, of("confidence"))
    for row, crowd in enumerate(of("crowd")):
        if crowd:
            made[row]["iscrowd"] = 1
    for row, mask in enumerate(of("mask_path")):
        if mask is not None:
            made[row]["mask_path"] = mask
    return made


def _key(field: str) -> str:
    return f"{_INFO}_{field}"
