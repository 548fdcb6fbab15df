"""How a save reaches the database: the journal first, then the labels, in an order that a kill cannot break.

1. The newest entry of the field is finished, whoever began it. 2. The labels are read and the changes
planned. 3. An entry with the next number is stored, `pending`. 4. The labels are stored, if they are still those that
were read. 5. The entry becomes `applied`, and only then is the save acknowledged. Two concurrent writers cannot both
take the number, so the second plans again, based on what the first left.

A process may die anywhere. Before 3 nothing happened. After 3 the next one finishes the entry: `_brought_home` reads
the labels *before* it reads that the entry is still pending, so nothing of ours can lie between the two, and then
stores them only over what it read. So an entry takes effect once, however many try.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from datasets.editing import etags, operations
from datasets.editing.operations import Item
from datasets.errors import DatabaseError, FieldError, LabelsChanged
from datasets.storage import edits, journal
from datasets.storage.edits import Held, Place
from datasets.storage.journal import Change, Entry

TRIES = 200  # each time another writer was quicker, so there is always progress


@dataclass(frozen=True)
class Saved:
    """The result of a save: the ETag of the labels after it, its entry, and the operations that had been done before.

    `entry` is None when there was nothing to do.
    """

    etag: str
    entry: str | None
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """The labels of a field at one moment, with nothing pending; `number` is that of the newest entry.

    `left` are the operations still to be done; `own` is the ETag after those that had been done before.
    """

    held: Held
    etag: str
    number: int
    left: frozenset[str] = frozenset()
    own: str | None = None


Plan = Callable[[Seen], Sequence[Change]]


def seen(place: Place, sample_id: str) -> Seen:
    """The labels as they are stored. A save that was interrupted is finished first. Raises NotThere."""
    for _ in range(TRIES):
        newest = journal.last(place.dataset_id, sample_id, place.field)
        if newest is None or newest.state != "pending":
            held = edits.read(place, sample_id)
            return Seen(held, etags.of(held.items), newest.number if newest else 0)
        _brought_home(newest, place)
    raise _busy(place, sample_id)


def save(
    place: Place, sample_id: str, wanted: Sequence[str], plan: Plan, *, who: str = "", undoes: str | None = None
) -> Saved:
    """Store the changes that `plan` derives from the labels, each of the operations `wanted` once."""
    for attempt in range(TRIES):
        found = seen(place, sample_id)
        known = _known(place, sample_id, wanted) if attempt else []
        done = {one for entry in known for one in entry.operations}
        repeated, left = tuple(one for one in wanted if one in done), frozenset(wanted) - done
        if wanted and not left:
            return Saved(known[-1].after, known[-1].id, repeated)
        try:
            changes = plan(replace(found, left=left, own=known[-1].after if known else None))
        except (LabelsChanged, FieldError):
            if attempt or not wanted:
                raise
            continue  # they may have been done before
        if not changes:
            return Saved(found.etag, None, repeated)
        items = operations.applied(found.held.items, changes)
        made = _entry(found, changes, etags.of(items), who, undoes)
        if journal.add(made) and (_stored(made, found.held, items) or _brought_home(made, place)):
            return Saved(made.after, made.id, repeated)
    raise _busy(place, sample_id)


def _entry(found: Seen, changes: Sequence[Change], after: str, who: str, undoes: str | None) -> Entry:
    place = found.held.place
    field = (place.dataset_id, found.held.sample_id, place.field)
    return journal.entry(field, found.number + 1, (found.etag, after), changes, who=who, undoes=undoes)


def _brought_home(entry: Entry, place: Place) -> bool:
    """Store the labels of a pending entry, and mark it applied. False where it was refused."""
    for _ in range(TRIES):
        held = edits.read(place, entry.sample_id)  # read before its state: see the top of this module
        state = journal.state(entry.id)
        if state != "pending":
            return state == "applied"
        items = held.items
        etag = etags.of(items)
        if etag != entry.before or etag == entry.after:
            stored = etag == entry.after or operations.are_done(items, entry.changes)
            (journal.settle if stored else journal.refuse)(entry.id)
            return stored
        if _stored(entry, held, operations.applied(items, entry.changes)):
            return True
    raise _busy(place, entry.sample_id)


def _stored(entry: Entry, held: Held, items: Sequence[Item]) -> bool:
    """Store the labels of an entry in place of those that were read. False when these have changed."""
    if entry.before != entry.after and not edits.swap(held, items):
        return False
    journal.settle(entry.id)
    return True


def _known(place: Place, sample_id: str, wanted: Sequence[str]) -> list[Entry]:
    """Entries that hold some of these operations. Raises FieldError where they changed something else."""
    found = journal.having(place.dataset_id, wanted) if wanted else []
    for one in found:
        if (one.sample_id, one.field) != (sample_id, place.field):
            taken = next(key for key in one.operations if key in wanted)
            raise FieldError(
                f"expected a new id for each operation, found {taken!r}, which changed field {one.field!r} of sample "
                f"{one.sample_id!r}; send it with another id"
            )
    return found


def _busy(place: Place, sample_id: str) -> DatabaseError:
    return DatabaseError(
        f"expected sample {sample_id!r} of {place.dataset!r} to hold still for a save, found others writing it all the "
        "time; try again"
    )
