"""Classes changed over a whole label field: renamed, merged, split, deleted, with a preview and one undo.

Every sample gets a save of its own in the journal, as if a person had changed its labels: whoever edits meanwhile is
neither overwritten nor stopped. A change is recorded before it begins and goes on where it was cut off (`finish`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datasets import kinds
from datasets.editing import saving
from datasets.editing.operations import Item
from datasets.errors import DatabaseError, FieldError, NotThere
from datasets.fieldnames import is_prediction
from datasets.labeling import class_changes, schemas
from datasets.labeling.class_changes import ClassChange
from datasets.labeling.sample_saves import save_all, taken_back
from datasets.labelschema import Schema
from datasets.records import Progress, no_progress
from datasets.storage import class_edits, documents, edits, fields, journal, label_batches, label_schemas, layout, store
from datasets.storage.class_edits import Record
from datasets.storage.edits import Place
from datasets.storage.journal import Change
from datasets.views import resolve

MOST = 50  # changes that are listed


@dataclass(frozen=True)
class Extent:
    """What a change would do: labels by class, and in how many samples (counted once for each class)."""

    labels: Mapping[str, int]
    samples: int

    @property
    def total(self) -> int:
        """Labels that change."""
        return sum(self.labels.values())


@dataclass(frozen=True)
class Done:
    """A change that was made. `labels` and `samples` changed; `left` labels were not taken back: changed since."""

    id: str
    words: str
    who: str
    made: datetime
    state: str
    labels: int
    samples: int
    left: int = 0


def preview(dataset: str, field: str, change: ClassChange) -> Extent:
    """How many labels of which class a change would touch; nothing is changed. Raises FieldError, NotThere."""
    place = edits.place(dataset, field)
    _check(dataset, field, place, change)
    return Extent({}, 0) if _whole(place) else _extent(place, change)


def apply(dataset: str, field: str, change: ClassChange, *, who: str = "", progress: Progress = no_progress) -> Done:
    """Make a change, and tell what it did. Raises FieldError for classes that are not there or a name that is taken."""
    finish(dataset)
    place = edits.place(dataset, field)
    _check(dataset, field, place, change)
    before = schemas.read(dataset, field).schema
    targets = fields.targets(documents.of(dataset), field) if _whole(place) else {}
    record = class_edits.add({
        "dataset_id": place.dataset_id, "field": field, "change": change.model_dump_json(),
        "who": who or journal.someone(), "before": before.model_dump_json(), "after": None,
        "labels": 0, "samples": 0, "left": 0, "targets": {str(value): name for value, name in targets.items()},
        "defaults": list(documents.of(dataset).get("default_classes") or ()),
    })  # fmt: skip
    return _run(dataset, record, progress)


def undo(dataset: str, edit_id: str, *, who: str = "", progress: Progress = no_progress) -> Done:
    """Take a change back: labels that were changed since stay as they are and are counted. Twice takes effect once."""
    record = class_edits.one(edits.dataset_id(dataset), edit_id)
    if record is None:
        raise NotThere(f"expected a change of classes of dataset {dataset!r}, found none with id {edit_id!r}")
    if record["state"] == "running":
        _run(dataset, record, progress)
    if record["state"] in ("done", "undoing"):
        class_edits.change(record, state="undoing", undone_by=who or journal.someone())
        _undo(dataset, record, progress)
    return _told(record)


def history(dataset: str, field: str) -> list[Done]:
    """The changes of a field, newest first."""
    found = class_edits.find({"dataset_id": edits.dataset_id(dataset), "field": field})
    return [_told(record) for record in found[:MOST]]


def finish(dataset: str) -> int:
    """Go on with changes that were cut off. Returns how many."""
    left = class_edits.find({"dataset_id": edits.dataset_id(dataset), "state": {"$in": ["running", "undoing"]}})
    for record in left:
        (_run if record["state"] == "running" else _undo)(dataset, record, no_progress)
    return len(left)


def _extent(place: Place, change: ClassChange) -> Extent:
    found = label_batches.tally(place, _match(place, change), change.conditions())
    return Extent({name: labels for name, (labels, _) in found.items()}, sum(each for _, each in found.values()))


def _run(dataset: str, record: Record, progress: Progress) -> Done:
    change, field = ClassChange.model_validate_json(record["change"]), record["field"]
    place = edits.place(dataset, field)
    if _whole(place):
        _reschema(
            dataset, field, lambda schema: class_changes.shrunk(class_changes.grown(schema, change), change), change
        )
    else:
        _reschema(dataset, field, lambda schema: class_changes.grown(schema, change), None)
        labels, samples = _relabel(place, change, record, progress)
        class_edits.change(record, labels=labels, samples=samples)
        _reschema(dataset, field, lambda schema: class_changes.shrunk(schema, change), change)
    after = schemas.read(dataset, field).schema.model_dump_json()
    class_edits.change(record, state="done", after=after, finished=layout.now())
    return _told(record)


def _relabel(place: Place, change: ClassChange, record: Record, progress: Progress) -> tuple[int, int]:
    """Change the labels, until none of the old classes is left: others may add some meanwhile."""
    prefix, done = f"class:{record['_id']}", 0
    total = _extent(place, change).samples

    def plan(_: str, items: list[Item]) -> list[Change]:
        return list(_changes(items, change, prefix))

    for _ in range(10):
        changed = 0
        for batch in label_batches.held(place, _match(place, change)):
            changed += save_all(place, batch, plan, who=record["who"], undoes={})
            done += len(batch)
            progress(min(done, total), total)
        if not changed:
            break
    for sample in label_batches.pending(place.dataset_id, f"{prefix}:"):
        saving.seen(place, sample)  # finishes what was cut off
    return label_batches.made(place.dataset_id, f"{prefix}:")


def _changes(items: Sequence[Item], change: ClassChange, prefix: str) -> Iterator[Change]:
    """The changes of the labels of one sample."""
    gone, moved = 0, frozenset(change.moved)
    for at, item in enumerate(items):
        if item.get("label") not in moved or not change.touches(item):
            continue
        key = str(item["_id"])
        if change.into is None:
            yield Change(f"{prefix}:{key}", "delete", key, at - gone, item, None)
            gone += 1
        else:
            yield Change(f"{prefix}:{key}", "change", key, at, {"label": item["label"]}, {"label": change.into})


def _undo(dataset: str, record: Record, progress: Progress) -> None:
    place = edits.place(dataset, record["field"])
    before, left, done = Schema.model_validate_json(record["before"]), 0, 0
    after = Schema.model_validate_json(record["after"])
    _reschema(dataset, place.field, lambda now: _both(class_changes.back(now, before, after), now), None)
    for entries in label_batches.entries(place.dataset_id, f"class:{record['_id']}:"):
        left += taken_back(place, entries, who=record.get("undone_by") or record["who"])
        done += len(entries)
        progress(done, max(record["samples"], done))
    if _whole(place):
        held = schemas.read(dataset, place.field)
        targets = {int(value): name for value, name in record["targets"].items()}
        label_schemas.swap(held, place.field, class_changes.back(held.schema, before, after), targets=targets)
    else:
        _reschema(dataset, place.field, lambda now: _used(place, class_changes.back(now, before, after), now), None)
    if record.get("defaults"):
        documents.update(dataset, {"default_classes": record["defaults"]})
    class_edits.change(record, state="undone", left=left, undone=layout.now())


def _reschema(dataset: str, field: str, change: Callable[[Schema], Schema], made: ClassChange | None) -> None:
    """Change the schema of a field; where `made` is given, the dataset's classes and the names of mask values too."""
    for _ in range(schemas.TRIES):
        held = schemas.read(dataset, field)
        targets = defaults = None
        if made is not None:
            old = fields.targets(held.document, field) if held.kind.whole_mask else None
            targets = None if old is None else class_changes.retargeted(old, made)
            defaults = _defaults(dataset, field, made)
        if label_schemas.swap(held, field, change(held.schema), targets=targets, defaults=defaults) is not None:
            return
    raise DatabaseError(
        f"expected the schema of field {field!r} to hold still for a change, found others changing it; try again"
    )


def _defaults(dataset: str, field: str, change: ClassChange) -> list[str] | None:
    """The classes of the dataset after the change, where no other label field can mean the old ones."""
    about, declared = store.summary(dataset), list(documents.of(dataset).get("default_classes") or ())
    others = [one for one in about.label_fields if one != field and not is_prediction(one)]
    if change.action == "split" or others or not set(declared) & set(change.moved):
        return None
    first = min(declared.index(name) for name in change.moved if name in declared)
    new = [change.into] if change.into and change.into not in declared else []
    kept = [name for name in declared[:first] if name not in change.moved]
    return [*kept, *new, *(name for name in declared[first:] if name not in change.moved)]


def _match(place: Place, change: ClassChange) -> dict[str, Any]:
    found = label_batches.matching(place, change.conditions())
    if change.view is None:
        return found
    return {"$and": [found, {"_id": {"$in": layout.object_ids(resolve.ids(change.view))}}]}


def _check(dataset: str, field: str, place: Place, change: ClassChange) -> None:
    names = schemas.read(dataset, field).schema.names
    used = set() if _whole(place) else set(store.summary(dataset).class_counts.get(field, {}))
    unknown = [name for name in change.names if name not in names and name not in used]
    if unknown:
        raise FieldError(f"expected classes of field {field!r}, one of {', '.join(names)[:300]}; found {unknown[0]!r}")
    if change.action == "rename" and change.into in (*names, *used):
        raise FieldError(f"expected a new name, found {change.into!r}, which is a class already; merge the two instead")
    if change.view and change.view.dataset != dataset:
        raise FieldError(f"expected a view of dataset {dataset!r}, found one of {change.view.dataset!r}")
    if _whole(place) and change.action == "split":
        raise FieldError("expected labels to split a class of, found masks of pixels; paint the new class instead")


def _both(wanted: Schema, now: Schema) -> Schema:
    """The schema while a change is taken back: the classes of before and of now."""
    taken = {one.hotkey for one in wanted.classes} | {one.value for one in wanted.classes}
    more = []
    for one in now.classes:
        if one.name not in wanted.names:
            meets = {one.hotkey, one.value} & taken - {None}
            more.append(one.model_copy(update={"hotkey": None, "value": None}) if meets else one)
    return wanted.model_copy(update={"classes": (*wanted.classes, *more)})


def _used(place: Place, wanted: Schema, now: Schema) -> Schema:
    """What a change is taken back to, with the classes that labels still have since they were changed meanwhile."""
    gone = [name for name in now.names if name not in wanted.names]
    match = label_batches.matching(place, {"label": {"$in": gone}}) if gone else {}
    kept = label_batches.tally(place, match, {"label": {"$in": gone}}) if gone else {}
    more = [one for one in _both(wanted, now).classes if one.name in kept]
    return wanted.model_copy(update={"classes": (*wanted.classes, *more)})


def _whole(place: Place) -> bool:
    return kinds.kind(place.kind).whole_mask


def _told(record: Record) -> Done:
    change = ClassChange.model_validate_json(record["change"])
    return Done(str(record["_id"]), change.words, record["who"], record["made"], record["state"], record["labels"],
                record["samples"], record["left"])  # fmt: skip
