"""Predictions come home: from the table of a pipeline into a field of their own. Other fields stay as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datasets import kinds
from datasets.errors import ClassMismatch, DatasetsError
from datasets.fieldnames import is_prediction, prediction_field
from datasets.handover import predicted
from datasets.kinds import Kind
from datasets.records import Finding, Progress, no_progress
from datasets.storage import collection, documents, schemas
from datasets.storage import fields as label_fields
from datasets.storage import store as home
from datasets.tables import PREDICTIONS, read_table

_INFO = "predictions"


@dataclass(frozen=True)
class Stored:
    """What was written: how many samples (those with nothing on them too) and labels, and what to know about it."""

    samples: int
    labels: int
    findings: tuple[Finding, ...]


def store(dataset: str, field: str, path: Path, info: Mapping[str, Any], progress: Progress = no_progress) -> Stored:
    """Write the predictions of a table into `field` (`pred_<run>`), in place of what it held for these samples.

    `info` (plain JSON: run, label_kind, label_field, weights_hash, dataset_revision, splits, confidence_floor, classes
    of the model) is kept with the dataset; `label_kind` is the kind of the predictions, detections unless it says so.
    Mask files become the workspace's own: those beside the table move, the table is written again with their names.
    Everything is checked before anything is written, and after a crash the same table may be written again.
    Raises DatasetsError for bad boxes, masks, confidences, logits, names and sample ids, ClassMismatch when no class is
    shared, FieldError when the field holds another kind.
    """
    table, kind = _read(path), _kind(info)
    _check_field(field)
    predicted.check(path, table, kind.name, info.get("classes") or ())
    _check_samples(dataset, path, table)
    flat = pc.list_flatten(table["labels"])
    findings = check_classes(dataset, field, info, pc.unique(pc.struct_field(flat, "label")).to_pylist())
    documents.check_writable(dataset)
    schemas.declare(dataset, {field: kind.name})
    table = predicted.adopt_masks(path, table)
    home.set_info(dataset, _key(field), {**info, "field": field, "complete": False})
    collection.update(dataset, predicted.changes(table, field, kind.name), len(table), progress)
    if kind.whole_mask:
        _name_values(dataset, field, info.get("label_field"))
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
    schemas.undeclare(dataset, [field])
    documents.unset(dataset, f"mask_targets.{field}")
    home.set_info(dataset, _key(field), None)


def check_classes(dataset: str, field: str, info: Mapping[str, Any], found: list[str]) -> list[Finding]:
    """Class names join model and dataset. Raises ClassMismatch when they share none; a finding when only some.

    The names of the model are `info["classes"]`, else those that were `found` in its predictions.
    """
    model = list(info.get("classes") or found)
    kind = _kind(info)
    known = mask_classes(dataset) if kind.whole_mask else label_classes(dataset, kind.name)
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


def label_classes(dataset: str, kind: str) -> tuple[str, ...]:
    """Class names of the label fields that predictions of this kind compare with; none where there is no such field."""
    summary, wanted = home.summary(dataset), kinds.kind(kind)
    alike = {key for key, own in summary.label_fields.items() if _share_classes(kinds.kind(own), wanted)}
    ours = alike - set(fields(dataset))
    if not ours:
        return ()
    used = {name for key, counts in summary.class_counts.items() if key in ours for name in counts}
    declared = documents.of(dataset).get("default_classes") or ()
    return tuple(name for name in summary.classes if name in used or name in declared)


def mask_classes(dataset: str) -> tuple[str, ...]:
    """Names that the dataset gives to the values of its semantic masks, in every field but those of predictions."""
    document, ours = documents.of(dataset), set(fields(dataset))
    named = [name for name in document.get("mask_targets") or {} if name not in ours]
    every = [label_fields.targets(document, name).values() for name in [*named, ""]]
    return tuple(dict.fromkeys(name for names in every for name in names))


def _read(path: Path) -> pa.Table:
    try:
        return read_table(path, PREDICTIONS).combine_chunks()
    except (OSError, ValueError, pa.ArrowException) as wrong:
        raise DatasetsError(f"expected a table of predictions, found something else: {wrong}") from wrong


def _kind(info: Mapping[str, Any]) -> Kind:
    return kinds.kind(str(info["label_kind"])) if info.get("label_kind") else kinds.DETECTIONS


def _share_classes(one: Kind, other: Kind) -> bool:
    return one == other or (one.of_class and other.of_class)


def _check_field(field: str) -> None:
    if not is_prediction(field) or not field.isidentifier():
        raise DatasetsError(
            f"expected a field of predictions, named {prediction_field('<run>')}, found {field!r}; "
            "ground truth is never written to"
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


def _name_values(dataset: str, field: str, label_field: str | None) -> None:
    """The values of predicted masks have the names of the labels', so that every viewer shows them alike."""
    declared = (documents.of(dataset).get("mask_targets") or {}).get(label_field)
    if declared:
        documents.update(dataset, {f"mask_targets.{field}": declared})


def _key(field: str) -> str:
    return f"{_INFO}_{field}"
