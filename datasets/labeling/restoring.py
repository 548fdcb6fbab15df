"""Labels put back to a time: one label, all of an image, or a field of a whole view.

A restore is planned from the journal (`rewinding`) and saved like any other change: it has entries of its own and can
be undone. Restoring to the same time again changes nothing, so a restore that was cut off is finished by repeating it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from datasets.editing import journal as undoing
from datasets.editing import labels as editing
from datasets.editing import operations, saving
from datasets.editing.saving import Saved, Seen
from datasets.errors import FieldError, LabelsChanged, NotThere
from datasets.labeling import rewinding
from datasets.labeling.rewinding import Rewinding
from datasets.records import Label, Progress, no_progress
from datasets.storage import edits, journal
from datasets.storage.edits import Place
from datasets.storage.journal import Change, Entry
from datasets.views import resolve
from datasets.viewspec import ViewSpec

AT_ONCE = 500  # samples that one call of `restore_view` writes
BETWEEN = 50  # samples between two reports of progress
MOST = 100_000  # entries of one sample that are read
_PREFIX = "restore"


@dataclass(frozen=True)
class Point:
    """A moment in the history of labels: `time` (UTC, without a zone), or right after an entry, or before it."""

    time: datetime | None = None
    after: str | None = None
    before: str | None = None

    def includes(self, entry: Entry) -> bool:
        """Whether an entry was made by then, as the first of its field that is not newer (read newest first)."""
        if self.time is not None:
            return entry.made <= self.time
        return entry.id == self.after


@dataclass(frozen=True)
class Restored:
    """What a restore would do to a sample: labels as they would be, and how many are added, changed and deleted."""

    sample_id: str
    etag: str
    added: int
    changed: int
    deleted: int
    lost: tuple[str, ...]
    labels: tuple[Label, ...] = field(repr=False, default=())

    @property
    def touches(self) -> bool:
        """Whether anything changes."""
        return bool(self.added or self.changed or self.deleted)


@dataclass(frozen=True)
class Many:
    """A restore of a view: what was done to how many samples, those left for the next call, those that were skipped."""

    done: int
    left: int
    skipped: tuple[tuple[str, str], ...] = ()


def preview(
    dataset: str, sample_id: str, field_name: str, point: Point, label_ids: Collection[str] | None = None
) -> Restored:
    """What `restore` would do. Raises DatasetNotFound, and NotThere without such a sample, field or entry."""
    place = edits.place(dataset, field_name)
    found = saving.seen(place, sample_id)
    return _previewed(found, _planned(found, _newer(place, sample_id, point), label_ids, _PREFIX))


def restore(
    dataset: str,
    sample_id: str,
    field_name: str,
    point: Point,
    label_ids: Collection[str] | None = None,
    *,
    if_match: str,
    who: str = "",
    name: str = "",
) -> Saved:
    """Put labels (those named, or all) back to what they were. `name` is that of the restore, new for each.

    Raises LabelsChanged when the labels no longer match the ETag, and NotThere for what does not exist.
    """
    place, fits = edits.place(dataset, field_name), lambda found: if_match in (editing.ANY, found.etag)
    return _restore(place, sample_id, point, label_ids, name=name or edits.new_id(), fits=fits, who=who)


def preview_view(spec: ViewSpec, field_name: str, time: datetime) -> Iterator[Restored]:
    """What `restore_view` would do, sample by sample; samples that stay as they are left out."""
    place = edits.place(spec.dataset, field_name)
    for sample_id, newer in _of_view(spec, place, time):
        found = _seen(place, sample_id)
        if found is not None:
            one = _previewed(found, _planned(found, newer, None, _PREFIX))
            if one.touches or one.lost:
                yield one


def restore_view(
    spec: ViewSpec, field_name: str, time: datetime, *, name: str, seen: datetime, who: str = "", most: int = AT_ONCE
) -> Many:
    """Put the labels of a view back to a time, at most so many samples; call it until nothing is left.

    Samples that were changed after `seen` (the time of the preview) by others than this restore are skipped.
    """
    place, done, skipped, left = edits.place(spec.dataset, field_name), 0, list[tuple[str, str]](), 0
    for sample_id, newer in _of_view(spec, place, time):
        if newer[0].operations[0].startswith(_of(name)):
            continue  # restored by an earlier call
        if done >= most:
            left += 1
            continue
        if newer[0].made > seen:
            skipped.append((sample_id, f"changed by {newer[0].who} since the preview"))
            continue
        fits = _is(newer[0].number)
        why = _attempt(_restore, place, sample_id, Point(time), None, name=name, fits=fits, who=who)
        done += why is None
        skipped += [(sample_id, why)] if why is not None else []
    return Many(done, left, tuple(skipped))


def restore_all(
    spec: ViewSpec,
    field_name: str,
    time: datetime,
    *,
    name: str,
    seen: datetime,
    who: str = "",
    progress: Progress = no_progress,
) -> Many:
    """`restore_view` until nothing is left; stopped by `progress`, it has done the samples before."""
    return _all(lambda: restore_view(spec, field_name, time, name=name, seen=seen, who=who, most=BETWEEN), progress)


def undo_all(dataset: str, name: str, *, who: str = "", progress: Progress = no_progress) -> Many:
    """`undo_view` until nothing is left."""
    return _all(lambda: undo_view(dataset, name, who=who, most=BETWEEN), progress)


def _all(step: Callable[[], Many], progress: Progress) -> Many:
    done, skipped = 0, dict[str, str]()
    while True:
        found = step()
        done += found.done
        skipped.update(found.skipped)
        progress(done, done + found.left)
        if not found.left or not found.done:
            return Many(done, found.left, tuple(skipped.items()))


def undo_view(dataset: str, name: str, *, who: str = "", most: int = AT_ONCE) -> Many:
    """Undo a restore of a view, at most so many samples; those whose labels changed since are skipped."""
    entries = [one for one in journal.having_prefix(edits.dataset_id(dataset), _of(name)) if one.state == "applied"]
    undone = journal.undone(edits.dataset_id(dataset), [one.id for one in entries])
    waiting, done, skipped = [one for one in entries if one.id not in undone], 0, list[tuple[str, str]]()
    for entry in waiting[:most]:
        why = _attempt(undoing.undo, dataset, entry.id, who=who)
        done += why is None
        skipped += [(entry.sample_id, why)] if why is not None else []
    return Many(done, len(waiting[most:]), tuple(skipped))


def _of(name: str) -> str:
    return f"{_PREFIX}:{name}:"


def _is(number: int) -> Callable[[Seen], bool]:
    """Whether no entry was made after one with this number."""
    return lambda found: found.number == number


def _restore(
    place: Place,
    sample_id: str,
    point: Point,
    label_ids: Collection[str] | None,
    *,
    name: str,
    fits: Callable[[Seen], bool],
    who: str,
) -> Saved:
    def plan(found: Seen) -> Sequence[Change]:
        prefix = f"{_of(name)}{sample_id}:{found.number}"
        changes = _planned(found, _newer(place, sample_id, point), label_ids, prefix).changes
        if changes and not fits(found):
            raise _stale(found, changes)
        return changes

    return saving.save(place, sample_id, (), plan, who=who)


def _attempt(save: Callable[..., Saved], *given: Any, **more: Any) -> str | None:
    """Why a save was not possible; None after it was done."""
    try:
        save(*given, **more)
    except (LabelsChanged, FieldError) as refused:
        return str(refused)
    return None


def _seen(place: Place, sample_id: str) -> Seen | None:
    try:
        return saving.seen(place, sample_id)
    except NotThere:
        return None


def _of_view(spec: ViewSpec, place: Place, time: datetime) -> Iterator[tuple[str, list[Entry]]]:
    """Samples of a view with entries that are newer than a time, and these, newest first."""
    inside = set(resolve.ids(spec))
    found = journal.since(place.dataset_id, place.field, time)
    for sample_id, entries in groupby(found, key=lambda one: one.sample_id):
        applied = [one for one in entries if one.state == "applied"]
        if sample_id in inside and applied:
            yield sample_id, applied


def _newer(place: Place, sample_id: str, point: Point) -> list[Entry]:
    """The entries of a field of a sample that are newer than a point, newest first."""
    made = list[Entry]()
    for entry in islice(journal.each(place.dataset_id, sample_id, place.field), MOST):
        if point.includes(entry):
            return made
        if entry.state == "applied":
            made.append(entry)
        if point.before == entry.id:
            return made
    if point.after or point.before:
        raise NotThere(f"expected an entry of this history, found none with id {(point.after or point.before)!r}")
    return made


def _planned(found: Seen, newer: Sequence[Entry], label_ids: Collection[str] | None, prefix: str) -> Rewinding:
    wanted = rewinding.earlier(newer)
    if label_ids is not None:
        wanted = {key: one for key, one in wanted.items() if key in label_ids}
    return rewinding.back(found.held.items, found.held.place.many, wanted, prefix)


def _previewed(found: Seen, planned: Rewinding) -> Restored:
    counts = Counter(one.action for one in planned.changes)
    items = operations.applied(found.held.items, planned.changes)
    return Restored(found.held.sample_id, found.etag, counts["add"], counts["change"], counts["delete"], planned.lost,
                    tuple(edits.label(one) for one in items))  # fmt: skip


def _stale(found: Seen, changes: Sequence[Change]) -> LabelsChanged:
    items = found.held.items
    return LabelsChanged(
        "expected the labels as they were read, found that they changed since; look at them, then restore again",
        [edits.label(one) for one in operations.applied(items, changes)],
        [edits.label(one) for one in items],
        found.etag,
    )
