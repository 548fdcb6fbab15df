"""Reading and changing the labels of a sample, so that nobody overwrites the work of somebody else.

`read` gives the labels of a field with their ETag. A write names the ETag that it is based on and is refused with both
versions when the labels have changed since; `ANY` writes regardless of the version. Every write has its entry in the
journal before it is acknowledged (`datasets/editing/saving.py`), and undone by it (`datasets/editing/journal.py`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple, get_args

from datasets import kinds
from datasets.editing import differences, operations, saving, values
from datasets.editing.differences import Given
from datasets.editing.operations import Item, Operation
from datasets.editing.saving import Saved, Seen
from datasets.errors import FieldError, LabelsChanged
from datasets.records import Label
from datasets.storage import edits
from datasets.storage.edits import Held
from datasets.storage.journal import Change

ANY = "*"


class Labels(NamedTuple):
    """The labels of a field, in order, and their ETag."""

    labels: tuple[Label, ...]
    etag: str


def read(dataset: str, sample_id: str, field: str) -> Labels:
    """The labels of a field. Raises DatasetNotFound, and NotThere without such a sample or label field."""
    found = saving.seen(edits.place(dataset, field), sample_id)
    return Labels(tuple(edits.label(one) for one in found.held.items), found.etag)


def change(
    dataset: str, sample_id: str, field: str, wanted: Sequence[Operation], *, if_match: str, who: str = ""
) -> Saved:
    """Apply operations in order, all of them or none; each takes effect once, however often it is sent.

    Raises LabelsChanged when the labels no longer match the ETag `if_match`, NotThere for a label, sample or
    field that does not exist, and FieldError for invalid values or where there is no room for another label.
    """
    place = edits.place(dataset, field)
    ready = [_checked(place.kind, one) for one in wanted]
    ids = [one.id for one in ready]
    _check_once(ids, "operation")

    def plan(found: Seen) -> Sequence[Change]:
        asked = [one for one in ready if one.id in found.left]
        _check_etag(found, {if_match, found.own}, lambda: _as_far_as_they_fit(found.held, asked))
        drawn = [_drawn(found.held, one) for one in asked]
        return operations.resolved(place.kind, place.many, found.held.items, drawn)

    return saving.save(place, sample_id, ids, plan, who=who)


def write(dataset: str, sample_id: str, field: str, given: Sequence[Given], *, if_match: str, who: str = "") -> Saved:
    """Make these the labels of a field: all others are deleted, those without an id, or with a new id, are added.

    Of an existing label only what differs is changed: parts that are not named, and attributes that we do
    not know, stay. Nothing is written where nothing differs. Raises the same errors as `change`.
    """
    place = edits.place(dataset, field)
    parts = [differences.parts(one) for one in given]
    ids = [key for key, _ in parts if key]
    _check_once(ids, "label")

    def plan(found: Seen) -> Sequence[Change]:
        drawn = [_drawn(found.held, one) for one in differences.between(found.held, parts)]
        changes = operations.resolved(place.kind, place.many, found.held.items, drawn)
        changes = tuple(one for one in changes if one.before != one.after)
        if changes:
            _check_etag(found, {if_match}, lambda: operations.applied(found.held.items, changes))
        return changes

    return saving.save(place, sample_id, (), plan, who=who)


def _checked(kind: str, one: Operation) -> Operation:
    if one.action not in get_args(operations.Action):
        raise FieldError(f"expected an action of {', '.join(get_args(operations.Action))}, found {one.action!r}")
    values.operation_id(one.id)
    if one.label_id or one.action != "add":
        values.label_id(one.label_id)
    kept = {} if one.action == "delete" else values.checked(kind, one.values, new=one.action == "add")
    return operations.named(replace(one, values=kept))


def _check_once(ids: Sequence[str], what: str) -> None:
    twice = [key for key, count in Counter(ids).items() if count > 1]
    if twice:
        raise FieldError(f"expected a new id for each {what}, found {twice[0]!r} more than once")


def _check_etag(found: Seen, accepted: Collection[str | None], ours: Callable[[], Sequence[Item]]) -> None:
    """Raises LabelsChanged unless the labels are those that a write is based on."""
    if ANY in accepted or found.etag in accepted:
        return
    place, items = found.held.place, found.held.items
    raise LabelsChanged(
        f"expected the labels of field {place.field!r} of sample {found.held.sample_id!r} as they were read, found "
        "that they changed since; look at both versions, then save again on the stored one",
        [edits.label(one) for one in ours()],
        [edits.label(one) for one in items],
        found.etag,
    )


def _as_far_as_they_fit(held: Held, asked: Sequence[Operation]) -> list[Item]:
    """The stored labels after those operations that can still be applied."""
    items = held.items
    for one in asked:
        with suppress(FieldError):
            changes = operations.resolved(held.place.kind, held.place.many, items, [_drawn(held, one)])
            items = operations.applied(items, changes)
    return items


def _drawn(held: Held, one: Operation) -> Operation:
    """The operation after its mask's image file, if it came with one, was stored in the workspace."""
    if "png" not in one.values:
        return one
    given = {name: value for name, value in one.values.items() if name != "png"}
    if kinds.kind(held.place.kind).whole_mask:
        if held.size is None:
            raise FieldError("expected the size of the image to be known, found none; compute the dataset's metadata")
        return replace(one, values={**given, "mask_path": values.drawn(one.values["png"], None, held.size)})
    stored = (edits.label(item).box for item in held.items if str(item["_id"]) == one.label_id)
    box = given.get("box") or next(stored, None)
    if box is None:
        raise FieldError("expected a mask inside a box, found no box; send both")
    return replace(one, values={**given, "mask_path": values.drawn(one.values["png"], box, held.size)})
