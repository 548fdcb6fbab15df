"""Verdicts: what a person decided about a label, a prediction or an image. Applied at once, stored permanently.

A verdict is recorded, with what it replaces, before it is applied; and applying may be repeated: what a crash cut off
is finished before the next verdict is given. A relabel is an operation named after its verdict, so it is done once, and
is undone through its entry in the journal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from datasets.editing import journal, tags
from datasets.editing import labels as editing
from datasets.editing.operations import Operation
from datasets.errors import DatasetsError, FieldError
from datasets.records import Label
from datasets.storage import collection, documents, edits, layout
from datasets.storage import verdict_records as records
from datasets.viewspec import Filter, ViewSpec

Choice = Literal["relabel", "confirm", "wrong", "ignore"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
_TAGS = {"confirm": "confirmed", "wrong": "wrong label", "ignore": "ignored"}


@dataclass(frozen=True)
class Verdict:
    """One decision. `label_id` is None for one about the whole sample.

    `before` is the class that `label` replaced; for a prediction that became ground truth `added` is the
    id of the new label, and `before` None. `undone` is the time at which it was undone.
    """

    id: str
    sample_id: str
    field: str
    label_id: str | None
    verdict: Choice
    label: str | None
    before: str | None
    added: str | None
    run: str | None
    given: datetime
    undone: datetime | None


def give(
    dataset: str,
    sample_id: str,
    field: str,
    label_id: str | None,
    verdict: Choice,
    *,
    label: str | None = None,
    run: str | None = None,
    label_field: str = "ground_truth",
    who: str = "",
) -> Verdict:
    """Record a verdict about one label (or sample) and apply it; the journal names `who` changed a label by it.

    relabel: a label of `label_field` gets the class `label`; a prediction is added to `label_field` as ground truth,
    of class `label`, by default its own. confirm, wrong (to be redrawn) and ignore: the label, or the sample, is
    tagged `confirmed`, `wrong label` or `ignored`. Raises DatasetsError for an unknown verdict or a relabel without
    label, FieldError when label or sample does not exist, or when the field holds only one label and is occupied.
    """
    found = documents.of(dataset)
    _check(verdict, label_id, label, is_prediction=field != label_field)
    finish(dataset)
    current = _current(dataset, sample_id, field, label_id)
    relabels = verdict == "relabel"
    adds = relabels and field != label_field
    added = _added_before(found["_id"], field, label_id) if adds else None
    if adds and not added:
        _check_room(dataset, sample_id, label_field)
    replaced = _find(dataset, sample_id, label_field, added) if added else None if adds else current
    record = records.add({
        "dataset_id": found["_id"], "sample_id": sample_id, "field": field, "label_id": label_id,
        "verdict": verdict, "label": (label or (current.label if current else None)) if relabels else None,
        "before": replaced.label if relabels and replaced else None,
        "added": (added or edits.new_id()) if adds else None, "label_field": label_field, "run": run, "entry": None,
        "who": who,
    })  # fmt: skip
    _apply(dataset, record)
    return _verdict(record)


def given(dataset: str, *, undone: bool = False) -> list[Verdict]:
    """Verdicts on a dataset, newest first; undone ones only on request."""
    match: dict[str, Any] = {"dataset_id": documents.of(dataset)["_id"], **({} if undone else {"undone": None})}
    return [_verdict(record) for record in reversed(records.find(match))]


def undo(dataset: str, verdict_id: str, *, who: str = "") -> Verdict:
    """Undo a verdict: the earlier class is restored, added label and tags are removed. Undoing twice changes nothing.

    Raises DatasetsError when there is no such verdict, or the label has been changed since.
    """
    found = documents.of(dataset)
    record = records.one(found["_id"], verdict_id)
    if record is None:
        raise DatasetsError(f"expected a verdict on dataset {dataset!r}, found none with id {verdict_id!r}")
    if record["undone"] is None:
        if record["verdict"] == "relabel":
            _take_back(dataset, record, who)
        records.change(record, undone=layout.now())
        _untag(dataset, found["_id"], record)
    return _verdict(record)


def view(dataset: str, *choices: Choice) -> ViewSpec:
    """The samples with one of these verdicts; with any verdict by default."""
    names = tuple(_sample_tag(choice) for choice in choices or CHOICES)
    return ViewSpec.model_validate({"dataset": dataset, "filters": (Filter(field="tags", op="any_of", values=names),)})


def finish(dataset: str) -> int:
    """Apply verdicts that were recorded but whose application was interrupted. Returns how many."""
    found = documents.of(dataset)
    left = records.find({"dataset_id": found["_id"], "applied": False, "undone": None})
    for record in left:
        try:
            _apply(dataset, record)
        except FieldError:  # its label, field or sample was deleted since: nothing is left to be done
            records.change(record, applied=True)
    return len(left)


def _check(verdict: str, label_id: str | None, label: str | None, *, is_prediction: bool) -> None:
    if verdict not in CHOICES:
        raise DatasetsError(f"expected a verdict of {', '.join(CHOICES)}, found {verdict!r}")
    if verdict == "relabel" and (label_id is None or not (label or is_prediction)):
        raise DatasetsError(
            f"expected a label and its new class for the verdict relabel, found label {label_id!r}, class {label!r}"
        )


def _check_room(dataset: str, sample_id: str, label_field: str) -> None:
    """Raises FieldError where the field holds at most one label and the sample already has one."""
    held = editing.read(dataset, sample_id, label_field).labels
    if held and not edits.place(dataset, label_field).many:
        raise FieldError(
            f"expected no label in field {label_field!r} of sample {sample_id!r}, which holds one at most, found "
            f"{held[0].label!r}; relabel that one"
        )


def _apply(dataset: str, record: dict[str, Any]) -> None:
    verdict, sample, key = record["verdict"], record["sample_id"], record["label_id"]
    if verdict == "relabel":
        _relabel(dataset, record)
    elif key is not None:
        tags.add_to_labels(dataset, record["field"], [key], _TAGS[verdict])
    else:
        tags.add(dataset, [sample], _TAGS[verdict])
    tags.add(dataset, [sample], _sample_tag(verdict))
    records.change(record, applied=True)


def _relabel(dataset: str, record: dict[str, Any]) -> None:
    """Set the class of a label, or add a prediction to the ground truth. Takes effect once, even if repeated."""
    sample, field, key = _target(record)
    operation = Operation(f"verdict:{record['_id']}", "change", key, {"label": record["label"]})
    if record["added"] and _find(dataset, sample, field, key) is None:
        source = _find(dataset, sample, record["field"], record["label_id"])
        if source is None:
            return  # its predictions were removed before a cut-off verdict could be finished
        place = {"box": source.box} if source.box else {}
        operation = Operation(operation.id, "add", key, {"label": record["label"], **place})
    saved = editing.change(dataset, sample, field, [operation], if_match=editing.ANY, who=record.get("who") or "")
    records.change(record, entry=saved.entry)


def _take_back(dataset: str, record: Mapping[str, Any], who: str) -> None:
    sample, field, key = _target(record)
    current = _find(dataset, sample, field, key)
    if record["added"] and current is None:
        return
    if record.get("entry"):
        journal.undo(dataset, record["entry"], who=who)
        return
    if current is None or current.label != record["label"]:  # a verdict from before there was a journal
        state = "deleted" if current is None else f"made {current.label!r}"
        raise DatasetsError(
            f"expected label {key} to be {record['label']!r}, as the verdict left it, found that it was {state} "
            "since; take back the later change first"
        )
    drops = record["added"] and record["before"] is None
    values = {} if drops else {"label": record["before"]}
    operation = Operation(f"verdict:{record['_id']}:undo", "delete" if drops else "change", key, values)
    editing.change(dataset, sample, field, [operation], if_match=editing.ANY, who=who)


def _target(record: Mapping[str, Any]) -> tuple[str, str, str]:
    """The sample, field and label that a relabel changes or adds."""
    field = record["label_field"] if record["added"] else record["field"]
    return record["sample_id"], field, record["added"] or record["label_id"]


def _untag(dataset: str, dataset_id: Any, record: Mapping[str, Any]) -> None:
    """Remove the tags of an undone verdict, unless another valid verdict set the same ones."""
    verdict, sample, key = record["verdict"], record["sample_id"], record["label_id"]
    alike = {"dataset_id": dataset_id, "sample_id": sample, "verdict": verdict, "undone": None}
    if not records.find(alike):
        tags.remove(dataset, [sample], _sample_tag(verdict))
    if verdict in _TAGS and not records.find({**alike, "field": record["field"], "label_id": key}):
        if key is not None:
            tags.remove_from_labels(dataset, record["field"], [key], _TAGS[verdict])
        else:
            tags.remove(dataset, [sample], _TAGS[verdict])


def _current(dataset: str, sample_id: str, field: str, label_id: str | None) -> Label | None:
    if label_id is None:
        if not list(collection.by_ids(dataset, [sample_id], {"_id": 1})):
            raise FieldError(f"expected a sample of dataset {dataset!r}, found none with id {sample_id!r}")
        return None
    current = _find(dataset, sample_id, field, label_id)
    if current is None:
        raise FieldError(
            f"expected label {label_id!r} in field {field!r} of sample {sample_id!r}, found none; "
            "it may have been deleted"
        )
    return current


def _find(dataset: str, sample_id: str, field: str, label_id: str) -> Label | None:
    found = editing.read(dataset, sample_id, field).labels
    return next((one for one in found if one.id == label_id), None)


def _added_before(dataset_id: Any, field: str, label_id: str | None) -> str | None:
    match = {"dataset_id": dataset_id, "field": field, "label_id": label_id, "added": {"$ne": None}, "undone": None}
    earlier = records.find(match)
    return str(earlier[0]["added"]) if earlier else None


def _verdict(record: Mapping[str, Any]) -> Verdict:
    kept = {name: record[name] for name in Verdict.__dataclass_fields__ if name != "id"}
    return Verdict(id=str(record["_id"]), **kept)


def _sample_tag(verdict: str) -> str:
    return f"verdict:{verdict}"
