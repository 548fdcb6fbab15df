"""The history of changes to the labels of a sample, newest first, and how to undo them, entry by entry."""

from collections.abc import Sequence

from datasets import kinds
from datasets.editing import operations, saving
from datasets.editing.saving import Saved, Seen
from datasets.errors import FieldError, LabelsChanged, NotThere
from datasets.storage import edits, journal
from datasets.storage.journal import Change, Entry

MOST = 100  # entries that are returned at once


def history(dataset: str, sample_id: str, field: str, most: int = MOST) -> list[Entry]:
    """Saves of a field of a sample that took effect, newest first. Raises DatasetNotFound and NotThere."""
    place = edits.place(dataset, field)
    saving.seen(place, sample_id)  # finishes a save that was interrupted
    found = journal.history(place.dataset_id, sample_id, field, most)
    return [one for one in found if one.state == "applied"]


def undo(dataset: str, entry_id: str, *, who: str = "") -> Saved:
    """Undo a save; the undo is an entry of its own, which may be undone too. Undoing twice takes effect once.

    Attributes and tags added to its labels later are no obstacle. Raises NotThere when there is no such entry,
    and LabelsChanged, with both versions, when the labels that it changed have changed again since.
    """
    entry = _entry(dataset, entry_id)
    place = edits.place(dataset, entry.field)
    prefix = f"undo:{entry.id}"
    wanted = [f"{prefix}:{number}" for number in range(len(entry.changes))]

    def plan(found: Seen) -> Sequence[Change]:
        if journal.state(entry.id) != "applied":
            raise _unknown(dataset, entry_id)
        items = found.held.items
        changes = operations.taken_back(place.many, items, entry.changes, prefix)
        if changes is None:
            raise _stale(entry, found)
        return changes

    return saving.save(place, entry.sample_id, wanted, plan, who=who, undoes=entry.id)


def _entry(dataset: str, entry_id: str) -> Entry:
    dataset_id = edits.dataset_id(dataset)
    try:
        found = journal.find(dataset_id, entry_id)
    except FieldError as wrong:
        raise NotThere(str(wrong)) from wrong
    if found is None:
        raise _unknown(dataset, entry_id)
    return found


def _unknown(dataset: str, entry_id: str) -> NotThere:
    return NotThere(f"expected an entry of the journal of dataset {dataset!r}, found none with id {entry_id!r}")


def _stale(entry: Entry, found: Seen) -> LabelsChanged:
    """Ours is what the labels were when the entry had been made, as far as it knows them; stored is what they are."""
    touched = {one.label_id for one in entry.changes}
    items = [one for one in found.held.items if str(one["_id"]) in touched]
    known = {str(one["_id"]): one for one in items}
    left = operations.left_by(entry.changes)
    bare = {"_cls": kinds.kind(found.held.place.kind).item_class}
    ours = [{**bare, "_id": key, **known.get(key, {}), **values} for key, values in left.items() if values is not None]
    told = "; ".join(_difference(key, values, known.get(key)) for key, values in left.items())
    return LabelsChanged(
        f"expected the labels of field {entry.field!r} as the change left them, found: {told}; take back the later "
        "change first",
        [edits.label(one) for one in ours],
        [edits.label(one) for one in items],
        found.etag,
    )


def _difference(key: str, left: operations.Item | None, stored: operations.Item | None) -> str:
    if left is None or stored is None:
        return f"label {key} is {'there again' if left is None else 'deleted'}"
    later = {name: stored.get(name) for name, value in left.items() if not operations.agree(left, stored, name)}
    return f"label {key} is now {later or 'as it was left'}"[:300]
