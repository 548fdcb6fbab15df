"""Class names connect a model and a dataset: those that both know."""

from collections.abc import Mapping
from typing import Any

from datasets import kinds
from datasets.errors import ClassMismatch
from datasets.kinds import Kind
from datasets.records import Finding
from datasets.storage import documents
from datasets.storage import fields as label_fields
from datasets.storage import store as home

INFO = "predictions"  # key under which the dataset's info describes predictions by field


def check(dataset: str, field: str, info: Mapping[str, Any], found: list[str]) -> list[Finding]:
    """Check the class names of model and dataset. Raises ClassMismatch when they share none; a finding when only some.

    The names of the model are `info["classes"]`, else those that were `found` in its predictions.
    """
    model = list(info.get("classes") or found)
    kind = kind_of(info)
    known = mask_classes(dataset) if kind.whole_mask else label_classes(dataset, kind)
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


def kind_of(info: Mapping[str, Any]) -> Kind:
    """The kind of the labels that a model predicts, from `info`; detections where it does not say."""
    return kinds.kind(str(info["label_kind"])) if info.get("label_kind") else kinds.DETECTIONS


def label_classes(dataset: str, kind: Kind) -> tuple[str, ...]:
    """Class names of the label fields that predictions of this kind are compared with; empty if there is none."""
    summary = home.summary(dataset)
    alike = {key for key, own in summary.label_fields.items() if _share_classes(kinds.kind(own), kind)}
    ours = alike - set(predicted_fields(dataset))
    if not ours:
        return ()
    used = {name for key, counts in summary.class_counts.items() if key in ours for name in counts}
    declared = documents.of(dataset).get("default_classes") or ()
    return tuple(name for name in summary.classes if name in used or name in declared)


def mask_classes(dataset: str) -> tuple[str, ...]:
    """Names that the dataset gives to the values of its semantic masks, in every field except those of predictions."""
    document, ours = documents.of(dataset), set(predicted_fields(dataset))
    named = [name for name in document.get("mask_targets") or {} if name not in ours]
    every = [label_fields.targets(document, name).values() for name in [*named, ""]]
    return tuple(dict.fromkeys(name for names in every for name in names))


def predicted_fields(dataset: str) -> list[str]:
    """Fields of predictions that we wrote, by name."""
    return sorted(str(known["field"]) for key, known in home.info(dataset).items() if key.startswith(f"{INFO}_"))


def _share_classes(one: Kind, other: Kind) -> bool:
    return one == other or (one.of_class and other.of_class)
