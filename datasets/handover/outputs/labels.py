"""Output `labels`: the labels of each sample, in the field of the run."""

import pyarrow.compute as pc

from datasets.handover.outputs import class_names, predicted
from datasets.handover.outputs.base import Given, Written, check_once, check_samples
from datasets.records import Finding, Progress
from datasets.skeleton import Skeleton, guessed
from datasets.storage import collection, documents, schemas, skeletons


def check(given: Given) -> list[Finding]:
    """Findings about a table that can be written. Raises DatasetsError, ClassMismatch."""
    check_labels(given)
    check_once(given, "sample_id")
    check_samples(given)
    return check_names(given)


def declare(given: Given) -> None:
    """Add the field to the schema. Raises FieldError when it holds another kind."""
    schemas.declare(given.dataset, {given.field: given.kind})


def write(given: Given, progress: Progress) -> Written:
    """Put the labels on their samples, in place of what the field held there."""
    table = predicted.adopt_masks(given.path, given.table)
    changes = predicted.changes(table, given.field, given.kind)
    collection.update(given.dataset, changes, len(table), progress)
    if class_names.kind_of(given.info).whole_mask:
        _name_values(given)
    if class_names.kind_of(given.info).posed:
        _join_points(given)
    return Written(len(given.labels))


def remove(dataset: str, field: str) -> None:
    """Take the field away, with its labels."""
    schemas.undeclare(dataset, [field])
    documents.unset(dataset, f"mask_targets.{field}")
    skeletons.declare(dataset, field, None)


def check_labels(given: Given) -> None:
    """Raises DatasetsError for the first label that is invalid for its kind."""
    predicted.check(given.path, given.table, given.kind, given.info.get("classes") or ())


def check_names(given: Given) -> list[Finding]:
    """A finding when only some class names are those of the dataset. Raises ClassMismatch when none are."""
    found = pc.unique(pc.struct_field(given.labels, "label")).to_pylist()
    return class_names.check(given.dataset, given.field, given.info, found)


def _join_points(given: Given) -> None:
    """Declare the skeleton of the model, else that of the labels, so that every viewer joins points by lines."""
    count = pc.max(pc.list_value_length(pc.struct_field(given.labels, "points"))).as_py() or 0
    field = str(given.info.get("label_field") or "")
    known = Skeleton.read(given.info.get("skeleton")) or skeletons.of(documents.of(given.dataset), field)
    if known is None or (known.points and len(known.points) != count // 3):
        known = guessed(count // 3)
    if known:
        skeletons.declare(given.dataset, given.field, known)


def _name_values(given: Given) -> None:
    """Give the values of predicted masks the names of the ground truth's, so that every viewer shows both alike."""
    named = documents.of(given.dataset).get("mask_targets") or {}
    if declared := named.get(given.info.get("label_field")):
        documents.update(given.dataset, {f"mask_targets.{given.field}": declared})
