"""Verdicts: what a person decided about a label, a prediction or an image. Applied at once, kept for good.

A verdict is recorded, with what it replaces, before it is applied; and applying may be repeated: what a crash cut off
is finished before the next verdict is given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from bson import ObjectId
from pymongo.collection import Collection

from datasets.editing import tags
from datasets.errors import DatasetsError, FieldError
from datasets.records import Label
from datasets.storage import collection, database, documents, fields, labels, layout
from datasets.viewspec import Filter, ViewSpec

Kind = Literal["relabel", "confirm", "wrong", "ignore"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_TAGS = {"confirm": "confirmed", "wrong": "wrong label", "ignore": "ignored"}


@dataclass(frozen=True)
class Verdict:
    """One decision. `label_id` is None for one about the whole sample.

    `before` is the class that `label` took the place of; for a prediction that became ground truth `added` is the
    id of the new label, and `before` None. `undone` is when it was taken back.
    """

    id: str
    sample_id: str
    field: str
    label_id: str | None
    verdict: Kind
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
    verdict: Kind,
    *,
    label: str | None = None,
    run: str | None = None,
    label_field: str = "ground_truth",
) -> Verdict:
    """Decide about one label (or sample) and apply it.

    relabel: a label of `label_field` takes the class `label`; a prediction is added to `label_field` as ground truth,
    of class `label`, by default its own. confirm, wrong (to be drawn anew) and ignore: the label, or the sample, is
    tagged `confirmed`, `wrong label` or `ignored`. Raises DatasetsError for an unknown verdict or a relabel without
    label, FieldError when label or sample is not there, or when there may be but one label and the sample has it.
    """
    found = documents.of(dataset)
    _check(verdict, label_id, label, is_prediction=field != label_field)
    finish(dataset)
    current = _current(found, dataset, sample_id, field, label_id)
    relabels = verdict == "relabel"
    adds = relabels and field != label_field
    added = _added_before(found["_id"], field, label_id) if adds else None
    if adds and not added:
        _check_room(found, dataset, sample_id, label_field)
    replaced = _find(found, dataset, sample_id, label_field, added) if added else None if adds else current
    record: dict[str, Any] = {
        "_id": ObjectId(), "dataset_id": found["_id"], "sample_id": sample_id, "field": field, "label_id": label_id,
        "verdict": verdict, "label": (label or (current or {}).get("label")) if relabels else None,
        "before": (replaced or {}).get("label") if relabels else None,
        "added": (added or str(ObjectId())) if adds else None,
        "label_field": label_field, "run": run, "given": layout.now(), "undone": None, "applied": False,
    }  # fmt: skip
    _records().insert_one(record)
    _apply(dataset, found, record)
    return _verdict(record)


def given(dataset: str, *, undone: bool = False) -> list[Verdict]:
    """Verdicts on a dataset, newest first; those taken back only when asked for."""
    match: dict[str, Any] = {"dataset_id": documents.of(dataset)["_id"], **({} if undone else {"undone": None})}
    return [_verdict(record) for record in _records().find(match).sort("_id", -1)]


def undo(dataset: str, verdict_id: str) -> Verdict:
    """Take a verdict back: the earlier class returns, an added label goes, tags go. Taking back twice changes nothing.

    Raises DatasetsError when there is no such verdict, or the label was changed since.
    """
    found = documents.of(dataset)
    record = _records().find_one({"_id": layout.object_id(verdict_id), "dataset_id": found["_id"]})
    if record is None:
        raise DatasetsError(f"expected a verdict on dataset {dataset!r}, found none with id {verdict_id!r}")
    if record["undone"] is None:
        if record["verdict"] == "relabel":
            _take_back(dataset, found, record)
        stamp = layout.now()
        _records().update_one({"_id": record["_id"]}, {"$set": {"undone": stamp}})
        record["undone"] = stamp
        _untag(dataset, found["_id"], record)
    return _verdict(record)


def view(dataset: str, *kinds: Kind) -> ViewSpec:
    """The samples with a verdict of these kinds; of any kind by default."""
    names = tuple(_sample_tag(kind) for kind in kinds or KINDS)
    return ViewSpec.model_validate({"dataset": dataset, "filters": (Filter(field="tags", op="any_of", values=names),)})


def finish(dataset: str) -> int:
    """Apply verdicts that were recorded but cut off. Returns how many."""
    found = documents.of(dataset)
    left = list(_records().find({"dataset_id": found["_id"], "applied": False, "undone": None}).sort("_id", 1))
    for record in left:
        _apply(dataset, found, record)
    return len(left)


def _check(verdict: str, label_id: str | None, label: str | None, *, is_prediction: bool) -> None:
    if verdict not in KINDS:
        raise DatasetsError(f"expected a verdict of {', '.join(KINDS)}, found {verdict!r}")
    if verdict == "relabel" and (label_id is None or not (label or is_prediction)):
        raise DatasetsError(
            f"expected a label and its new class for the verdict relabel, found label {label_id!r}, class {label!r}"
        )


def _check_room(found: Mapping[str, Any], dataset: str, sample_id: str, label_field: str) -> None:
    """Raises FieldError where the field holds one label at most and the sample has it."""
    target = fields.label_field(dict(found), label_field)
    held = next(collection.by_ids(dataset, [sample_id], {target.stored: 1}), {}).get(target.stored)
    if held and not labels.is_list(str(target.label_kind)):
        raise FieldError(
            f"expected no label in field {label_field!r} of sample {sample_id!r}, which holds one at most, found "
            f"{held.get('label')!r}; relabel that one"
        )


def _apply(dataset: str, found: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    verdict, sample, key = record["verdict"], record["sample_id"], record["label_id"]
    if verdict == "relabel" and record["added"]:
        _add(dataset, found, record)
    elif verdict == "relabel":
        _set_class(dataset, found, (sample, record["field"], key), record["label"])
    elif key is not None:
        tags.add_to_labels(dataset, record["field"], [key], _TAGS[verdict])
    else:
        tags.add(dataset, [sample], _TAGS[verdict])
    tags.add(dataset, [sample], _sample_tag(verdict))
    _records().update_one({"_id": record["_id"]}, {"$set": {"applied": True}})


def _add(dataset: str, found: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """The prediction as a label of the ground truth. A second time only its class is set."""
    where = (record["sample_id"], record["label_field"], record["added"])
    if _find(found, dataset, *where) is not None:
        _set_class(dataset, found, where, record["label"])
        return
    source = _find(found, dataset, record["sample_id"], record["field"], record["label_id"])
    if source is None:
        return  # its predictions were removed before a cut-off verdict could be finished
    box = source.get("bounding_box")
    made = Label(label=record["label"], box=tuple(box) if box else None, id=record["added"])
    target = fields.label_field(dict(found), record["label_field"])
    kind, path = str(target.label_kind), labels.list_path(target.stored, str(target.label_kind))
    document = labels.to_document(kind, [made])
    match = {"_id": layout.object_id(record["sample_id"])}
    held = next(collection.by_ids(dataset, [record["sample_id"]], {target.stored: 1}))
    if held.get(target.stored):
        collection.update_where(dataset, match, {"$push": {path: labels.to_item(kind, made)}})
    else:
        collection.update_where(dataset, match, {"$set": {target.stored: document}})


def _take_back(dataset: str, found: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    field = record["label_field"] if record["added"] else record["field"]
    where = (record["sample_id"], field, record["added"] or record["label_id"])
    current = _find(found, dataset, *where)
    if current is None and record["added"]:
        return
    if current is None or current.get("label") != record["label"]:
        state = "deleted" if current is None else f"made {current.get('label')!r}"
        raise DatasetsError(
            f"expected label {where[2]} to be {record['label']!r}, as the verdict left it, found that it was {state} "
            "since; take back the later change first"
        )
    if record["added"] and record["before"] is None:
        target = fields.label_field(dict(found), field)
        path, many = labels.list_path(target.stored, str(target.label_kind)), labels.is_list(str(target.label_kind))
        match = {"_id": layout.object_id(record["sample_id"])}
        change = {"$pull": {path: {"_id": layout.object_id(where[2])}}} if many else {"$set": {path: None}}
        collection.update_where(dataset, match, change)
    else:
        _set_class(dataset, found, where, record["before"])


def _untag(dataset: str, dataset_id: Any, record: Mapping[str, Any]) -> None:
    """Remove the tags of a verdict that was taken back, unless another one that stands left the same."""
    verdict, sample, key = record["verdict"], record["sample_id"], record["label_id"]
    alike = {"dataset_id": dataset_id, "sample_id": sample, "verdict": verdict, "undone": None}
    if not _records().find_one(alike):
        tags.remove(dataset, [sample], _sample_tag(verdict))
    if verdict in _TAGS and not _records().find_one({**alike, "field": record["field"], "label_id": key}):
        if key is not None:
            tags.remove_from_labels(dataset, record["field"], [key], _TAGS[verdict])
        else:
            tags.remove(dataset, [sample], _TAGS[verdict])


def _set_class(dataset: str, found: Mapping[str, Any], where: tuple[str, str, str], label: str) -> None:
    sample, field, key = where
    target = fields.label_field(dict(found), field)
    path, kind = labels.list_path(target.stored, str(target.label_kind)), str(target.label_kind)
    wanted = layout.object_id(key)
    match = {"_id": layout.object_id(sample), f"{path}._id": wanted}
    many = labels.is_list(kind)
    change = {"$set": {f"{path}.$[one].label" if many else f"{path}.label": label}}
    collection.update_where(dataset, match, change, [{"one._id": wanted}] if many else None)


def _current(
    found: Mapping[str, Any], dataset: str, sample_id: str, field: str, label_id: str | None
) -> Mapping[str, Any] | None:
    if label_id is None:
        if not list(collection.by_ids(dataset, [sample_id], {"_id": 1})):
            raise FieldError(f"expected a sample of dataset {dataset!r}, found none with id {sample_id!r}")
        return None
    current = _find(found, dataset, sample_id, field, label_id)
    if current is None:
        raise FieldError(
            f"expected label {label_id!r} in field {field!r} of sample {sample_id!r}, found none; "
            "it may have been deleted"
        )
    return current


def _find(
    found: Mapping[str, Any], dataset: str, sample_id: str, field: str, label_id: str
) -> Mapping[str, Any] | None:
    stored = fields.label_field(dict(found), field).stored
    for document in collection.by_ids(dataset, [sample_id], {stored: 1}):
        for item in labels.items(document.get(stored)):
            if str(item.get("_id")) == label_id:
                return item
    return None


def _added_before(dataset_id: Any, field: str, label_id: str | None) -> str | None:
    match = {"dataset_id": dataset_id, "field": field, "label_id": label_id, "added": {"$ne": None}, "undone": None}
    earlier = _records().find_one(match)
    return earlier["added"] if earlier else None


def _verdict(record: Mapping[str, Any]) -> Verdict:
    kept = {name: record[name] for name in Verdict.__dataclass_fields__ if name != "id"}
    return Verdict(id=str(record["_id"]), **kept)


def _sample_tag(verdict: str) -> str:
    return f"verdict:{verdict}"


def _records() -> Collection:
    return database.connect()["foveal_verdicts"]
