"""Proposals of a view are taken over into a field of labels, sample by sample, each save journalled as any other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from datasets import kinds
from datasets.editing import etags, labels
from datasets.editing.operations import Operation
from datasets.errors import FieldError, LabelsChanged
from datasets.labeling import proposals, queue
from datasets.labeling.proposals import Fate, Tally, Wanted
from datasets.labeling.queue import Person
from datasets.records import Label, Progress, no_progress
from datasets.storage import collection, edits, handle
from datasets.storage import labels as stored
from datasets.storage.edits import Place
from datasets.views import resolve
from datasets.viewspec import ViewSpec

TRIES = 5  # when somebody else changes the labels of a sample meanwhile
BATCH = 200  # samples that are read at once


@dataclass(frozen=True)
class Sheet:
    """The proposals and the labels of one sample, and the ETag of these labels."""

    sample_id: str
    proposals: tuple[Label, ...]
    held: tuple[Label, ...]
    etag: str

    def into(self, field: str) -> str:
        """The place that proposals are taken over into."""
        return f"{field} {self.sample_id}"


def preview(spec: ViewSpec, field: str, wanted: Wanted, progress: Progress = no_progress) -> Tally:
    """What `accept` would do with the proposals of a view. Raises FieldError for fields that do not fit."""
    source, target = _places(spec.dataset, field, wanted)
    kind, ids, each = kinds.kind(target.kind), resolve.ids(spec), list[list[Fate]]()
    for number, sheet in enumerate(_sheets(source, target, ids)):
        if number % BATCH == 0:
            progress(number, len(ids))
        each.append(proposals.fates(sheet.proposals, sheet.held, wanted, kind, sheet.into(field)))
    return proposals.tallied(each)


def accept(
    spec: ViewSpec, field: str, wanted: Wanted, person: Person, *, request: str, progress: Progress = no_progress
) -> Tally:
    """Take over proposals of a view into a field.

    `request`, such as a UUID, is the same when the request is sent again: what was taken over then, and maybe deleted
    since, is not taken over again. Stopped by `progress`, it has done the samples before. Raises FieldError for fields
    that do not fit.
    """
    source, target = _places(spec.dataset, field, wanted)
    ids, each = resolve.ids(spec), list[list[Fate]]()
    for number, sheet in enumerate(_sheets(source, target, ids)):
        progress(number, len(ids))
        each.append(_accepted(target, sheet, wanted, person, request))
    progress(len(ids), len(ids))
    return proposals.tallied(each)


def _places(dataset: str, field: str, wanted: Wanted) -> tuple[Place, Place]:
    source, target = edits.place(dataset, wanted.source), edits.place(dataset, field)
    ours, theirs = kinds.kind(target.kind), kinds.kind(source.kind)
    if source.field == target.field or ours.item_class != theirs.item_class:
        raise FieldError(
            f"expected proposals in another field of the kind of {field!r}, {ours.word}; found {wanted.source!r}, "
            f"{theirs.word}; choose another field"
        )
    return source, target


def _sheets(source: Place, target: Place, ids: list[str]) -> Iterator[Sheet]:
    """The samples of a view that have proposals, or an empty sheet; in the order of the view."""
    wanted = {source.stored: 1, target.stored: 1}
    for document in collection.by_ids(handle.of(target.dataset), ids, wanted):
        held = tuple(dict(one) for one in stored.items(document.get(target.stored)))
        yield Sheet(
            str(document["_id"]),
            stored.from_document(document.get(source.stored)),
            tuple(edits.label(one) for one in held),
            etags.of(held),
        )


def _accepted(target: Place, sheet: Sheet, wanted: Wanted, person: Person, request: str) -> list[Fate]:
    """Take over the proposals of one sample; what became of each. Others may change its labels meanwhile."""
    for _ in range(TRIES):
        try:
            return _once(target, sheet, wanted, person, request)
        except LabelsChanged:
            now = labels.read(target.dataset, sheet.sample_id, target.field)
            sheet = replace(sheet, held=now.labels, etag=now.etag)
    return _once(target, sheet, wanted, person, request)


def _once(target: Place, sheet: Sheet, wanted: Wanted, person: Person, request: str) -> list[Fate]:
    field, into = target.field, sheet.into(target.field)
    found = proposals.fates(sheet.proposals, sheet.held, wanted, kinds.kind(target.kind), into)
    taken = [one for one, fate in zip(sheet.proposals, found, strict=True) if fate == "taken"]
    if not taken:
        return found
    made = [_operation(one, into, wanted.source, request) for one in taken]
    queue.begun(target.dataset, field, [sheet.sample_id], person)
    saved = labels.change(target.dataset, sheet.sample_id, field, made, if_match=sheet.etag, who=person.who)
    done = {one.label_id for one in made if one.id in saved.repeated}
    return [
        "taken before" if fate == "taken" and proposals.label_id(one, into) in done else fate
        for one, fate in zip(sheet.proposals, found, strict=True)
    ]


def _operation(one: Label, into: str, source: str, request: str) -> Operation:
    key = proposals.label_id(one, into)
    return Operation(f"accept:{request}:{key}", "add", key, proposals.values(one, source))
