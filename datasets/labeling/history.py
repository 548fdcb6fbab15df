"""Who changed what when: saves of a sample label by label, and the newest saves of a dataset."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from datasets import kinds
from datasets.editing import saving
from datasets.editing.operations import Item
from datasets.errors import NotThere
from datasets.images import masks
from datasets.labeling import rewinding
from datasets.labeling.rewinding import Version
from datasets.records import Label
from datasets.storage import edits, journal
from datasets.storage.edits import Place
from datasets.storage.journal import Entry

_HIDDEN = {"_id", "_cls"}


@dataclass(frozen=True)
class Changed:
    """One change to a label: the label before and after, None where it did not exist; `parts` are keys that differ."""

    label_id: str
    action: str
    before: Label | None
    after: Label | None
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Saving:
    """One save of a sample that took effect. `etag` is that of the labels after it."""

    id: str
    sample_id: str
    number: int
    who: str
    made: datetime
    etag: str
    undoes: str | None
    changes: tuple[Changed, ...]


def of_sample(
    dataset: str,
    sample_id: str,
    field: str,
    label_id: str | None = None,
    *,
    most: int = 100,
    before: int | None = None,
) -> list[Saving]:
    """The newest saves of a field of a sample, newest first; with `label_id` those that changed this label.

    `before` is the number of a save, to go on behind it. Raises DatasetNotFound, and NotThere without such a sample or
    field.
    """
    place = edits.place(dataset, field)
    items = saving.seen(place, sample_id).held.items
    entries = (one for one in _applied(place, sample_id) if label_id is None or _touches(one, label_id))
    found = (pair for pair in rewinding.versions(items, entries) if before is None or pair[0].number < before)
    return [_saving(place, one, made, label_id) for one, made in islice(found, most)]


def of_dataset(dataset: str, field: str, most: int = 100, before: datetime | None = None) -> list[Entry]:
    """The newest saves of a field of all samples, newest first; with `before` those made until then."""
    place = edits.place(dataset, field)
    return journal.newest(place.dataset_id, place.field, most, before)


def mask(dataset: str, sample_id: str, field: str, entry_id: str, label_id: str) -> Any:
    """The mask (h, w) of a label as a save left it; as it was before, where the save deleted the label.

    Raises NotThere without such a save, or where the label had no mask.
    """
    place = edits.place(dataset, field)
    items = saving.seen(place, sample_id).held.items
    for entry, made in rewinding.versions(items, _applied(place, sample_id)):
        if entry.id == entry_id:
            shown = [one.after or one.before or {} for one in made if one.change.label_id == label_id]
            if shown and masks.has_mask(shown[-1]) and not _is_link(shown[-1]):
                return masks.read(shown[-1])
            break
    raise NotThere(f"expected a label with a mask in entry {entry_id!r}, found none with id {label_id!r}")


def _is_link(item: Item) -> bool:
    """Masks are stored with links resolved, so a link in the place of one was put there later."""
    return Path(str(item.get("mask_path") or "")).is_symlink()


def _applied(place: Place, sample_id: str) -> Iterator[Entry]:
    return (one for one in journal.each(place.dataset_id, sample_id, place.field) if one.state == "applied")


def _touches(entry: Entry, label_id: str) -> bool:
    return any(one.label_id == label_id for one in entry.changes)


def _saving(place: Place, entry: Entry, made: Sequence[Version], label_id: str | None) -> Saving:
    bare = {"_cls": kinds.kind(place.kind).item_class}
    shown = [one for one in made if label_id is None or one.change.label_id == label_id]
    changes = tuple(_changed(one, bare) for one in shown)
    return Saving(entry.id, entry.sample_id, entry.number, entry.who, entry.made, entry.after, entry.undoes, changes)


def _changed(one: Version, bare: dict[str, Any]) -> Changed:
    sides = [None if item is None else edits.label({**bare, **item}) for item in (one.before, one.after)]
    keys = {**(one.change.before or {}), **(one.change.after or {})}.keys() - _HIDDEN
    return Changed(one.change.label_id, one.change.action, sides[0], sides[1], tuple(sorted(keys)))
