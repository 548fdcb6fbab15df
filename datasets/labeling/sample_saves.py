"""Many samples saved in batches, each as a save of its own; those that others are quicker with are saved one by one."""

from collections.abc import Callable, Mapping, Sequence

from datasets.editing import etags, operations, saving
from datasets.editing.operations import Item
from datasets.editing.saving import Seen
from datasets.storage import edits, journal, label_batches, layout
from datasets.storage.edits import Held, Place
from datasets.storage.journal import Change, Entry

Plan = Callable[[str, list[Item]], Sequence[Change]]  # of a sample's id and its labels


def save_all(place: Place, batch: Sequence[Held], plan: Plan, *, who: str, undoes: Mapping[str, str]) -> int:
    """Save what `plan` makes of the labels of each sample, as they are when it is saved. Returns the changed labels.

    `undoes`: the entry that is taken back, by sample.
    """
    known = label_batches.newest(place, [one.sample_id for one in batch])
    quiet = [one for one in batch if known.get(one.sample_id, (0, "applied"))[1] != "pending"]
    slow = [one for one in batch if known.get(one.sample_id, (0, "applied"))[1] == "pending"]
    planned: dict[str, tuple[Held, list[Item], Entry]] = {}
    for one in quiet:
        items = one.items
        changes = plan(one.sample_id, items)
        if changes:
            after = operations.applied(items, changes)
            number = known.get(one.sample_id, (0, ""))[0] + 1
            where, tags = (place.dataset_id, one.sample_id, place.field), (etags.of(items), etags.of(after))
            entry = journal.entry(where, number, tags, changes, who=who, undoes=undoes.get(one.sample_id))
            planned[one.sample_id] = one, after, entry
    count = _stored(planned, slow)
    return count + sum(_slowly(place, one.sample_id, plan, who, undoes.get(one.sample_id)) for one in slow)


def taken_back(place: Place, entries: Sequence[Entry], *, who: str) -> int:
    """Take entries of different samples back, label by label. Returns how many labels have changed since, and stay."""
    by_sample, again, left = dict[str, Entry](), list[Entry](), dict[str, int]()
    for one in entries:
        if by_sample.setdefault(one.sample_id, one) is not one:
            again.append(one)

    def plan(sample_id: str, items: list[Item]) -> list[Change]:
        made, left[sample_id] = _back(place, items, by_sample[sample_id])
        return made

    match = {"_id": {"$in": layout.object_ids(by_sample)}}
    for batch in label_batches.held(place, match):
        save_all(place, batch, plan, who=who, undoes={key: one.id for key, one in by_sample.items()})
    return sum(left.values()) + (taken_back(place, again, who=who) if again else 0)


def _back(place: Place, items: list[Item], entry: Entry) -> tuple[list[Change], int]:
    """The changes that take an entry back as far as its labels are as it left them, and how many are not."""
    prefix = f"undo:{entry.id}"
    whole = operations.taken_back(place.many, items, entry.changes, prefix)
    if whole is not None:
        return list(whole), 0
    made, left = list[Change](), 0
    for number, one in enumerate(entry.changes):
        now = operations.applied(items, made)
        back = operations.taken_back(place.many, now, [one], f"{prefix}:{number}")
        made += back or ()
        is_back = Change("", "change", one.label_id, one.at, one.after, one.before)
        left += back is None and not operations.are_done(now, [is_back])
    return made, left


def _stored(planned: dict[str, tuple[Held, list[Item], Entry]], slow: list[Held]) -> int:
    """Journal and store; what somebody else was quicker with is added to `slow`."""
    entries = label_batches.journalled([entry for _, _, entry in planned.values()]) if planned else []
    held = {one.sample_id for one in entries}
    slow += [one for key, (one, _, _) in planned.items() if key not in held]
    if not entries:
        return 0
    pairs = [(planned[one.sample_id][0], planned[one.sample_id][1]) for one in entries]
    done = label_batches.swapped(pairs)
    label_batches.settle([one for one in entries if one.sample_id in done])
    slow += [planned[one.sample_id][0] for one in entries if one.sample_id not in done]
    return sum(len(one.changes) for one in entries if one.sample_id in done)


def _slowly(place: Place, sample_id: str, plan: Plan, who: str, undoes: str | None) -> int:
    """One sample by the usual way: finishes what is pending first (an entry of ours too), then plans again."""
    count = 0

    def counted(found: Seen) -> Sequence[Change]:
        nonlocal count
        changes = plan(sample_id, found.held.items)
        known = {
            key for entry in journal.having(place.dataset_id, [one.id for one in changes]) for key in entry.operations
        }
        changes = [one for one in changes if one.id not in known]
        count = len(changes)
        return changes

    before = edits.read(place, sample_id).items
    saving.save(place, sample_id, (), counted, who=who, undoes=undoes)
    return count or _difference(before, edits.read(place, sample_id).items)


def _difference(before: Sequence[Item], after: Sequence[Item]) -> int:
    """Labels that another process, or an entry that was left pending, changed meanwhile."""
    known = {str(one["_id"]): one for one in after}
    return sum(not etags.same(one, known.get(str(one["_id"]))) for one in before)
