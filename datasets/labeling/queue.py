"""The queue of a label field: which samples of a view are to be labeled, who holds one, and what became of it.

A sample is held by a lease that a person takes and renews; it ends by itself. `session` is the tab of a browser, so
that two tabs of one person get two samples as well. States: unlabeled, draft, done (to be reviewed), rejected
(can't be labeled), accepted, returned (with a comment). A save is never refused for want of a lease: versions of
the labels guard it, and nothing that was drawn is lost.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from datasets.errors import DatasetsError, LeaseTaken, NotThere
from datasets.labeling import queue_states
from datasets.labeling.queue_states import States, key_of
from datasets.storage import collection, edits, handle, layout, queue_records
from datasets.storage.edits import Place
from datasets.storage.queue_records import Key, Lease, Record, State, Work
from datasets.views import resolve
from datasets.viewspec import ViewSpec

SECONDS = 120  # for which a lease holds unless it is renewed
STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("unlabeled", "draft", "returned")
REVIEWED: tuple[State, ...] = ("done", "accepted", "returned", "rejected")
Verb = Literal["lease", "renew", "release", "take_over", "draft", "done", "reject", "accept", "return"]
_MOVES: Mapping[str, State] = {
    "draft": "draft", "done": "done", "reject": "rejected", "accept": "accepted", "return": "returned"
}  # fmt: skip
_OF_REVIEWERS = frozenset({"accept", "return"})


@dataclass(frozen=True, slots=True)
class Row:
    """One sample in the queue. Sizes are pixels as shown; `holder` is who works on it now."""

    id: str
    path: str
    width: int | None
    height: int | None
    state: State
    by: str
    comment: str
    holder: Lease | None


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a queue in the order of its view: `number` counts from 1. `counts` are those of the whole view."""

    total: int
    number: int
    size: int
    counts: Mapping[State, int]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """The next sample, leased; or None, and the samples that others hold and that would be next."""

    row: Row | None
    held: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, and from which tab."""

    who: str
    session: str


def page(spec: ViewSpec, field: str, number: int = 1, size: int = 60, state: State | None = None) -> Page:
    """One page of a queue, the last one for any number beyond; only the samples in a state, if one is given."""
    states, ids = queue_states.of(spec.dataset, field), resolve.ids(spec)
    each = [states.state(key) for key in ids]
    if state is not None:
        ids = [key for key, found in zip(ids, each, strict=True) if found == state]
    number = max(1, min(number, -(-len(ids) // size)))
    some = ids[(number - 1) * size : number * size]
    return Page(len(ids), number, size, _counted(each), _rows(spec.dataset, states, some))


def counts(spec: ViewSpec, field: str) -> dict[State, int]:
    """How many samples of a view are in each state."""
    states = queue_states.of(spec.dataset, field)
    return _counted([states.state(key) for key in resolve.ids(spec)])


def following(
    spec: ViewSpec, field: str, person: Person, after: str | None = None, wanted: Sequence[State] = OPEN
) -> Next:
    """Lease the first free sample behind `after` in one of the states `wanted`; behind the last, go on at the first."""
    states, ids = queue_states.of(spec.dataset, field), resolve.ids(spec)
    start = ids.index(after) + 1 if after in ids else 0
    held = list[str]()
    for key in ids[start:] + ids[: start - 1 if start else 0]:
        if states.state(key) not in wanted:
            continue
        holder = states.holder(key)
        if holder and holder.session != person.session:
            held.append(key)
        elif (made := _leased(states, key, person, wanted)) is not None:
            states.records[key] = made
            if rows := _rows(spec.dataset, states, [key]):
                return Next(rows[0])
    return Next(None, _rows(spec.dataset, states.renew(), held[:20]))


def act(
    dataset: str,
    field: str,
    sample_id: str,
    verb: Verb,
    person: Person,
    *,
    comment: str = "",
    work: Work | None = None,
) -> Row:
    """Lease, renew, release or take over a sample, or set its state, which ends the lease. Returns it as it is then.

    `work` says what was spent; the same work (by its id) counts once. Raises LeaseTaken, which names who holds the
    sample, NotThere without such a sample or field, and DatasetsError where its state allows no such step.
    """
    place = edits.place(dataset, field)
    key = key_of(place, sample_id)
    _ensure(place, key)
    made = _moved(key, verb, person, comment, work) if verb in _MOVES else _held(key, verb, person)
    if made is None:
        raise _refused(key, verb)
    rows = _rows(dataset, States(place, {sample_id: made}, now=queue_records.now()), [sample_id])
    if not rows:
        raise NotThere(f"expected a sample of dataset {dataset!r}, found none with id {sample_id!r}")
    return rows[0]


def new_work() -> str:
    """An id for work that came without one."""
    return layout.new_id()


def begun(dataset: str, field: str, sample_ids: Sequence[str], person: Person) -> None:
    """Call before labels of samples are changed: unlabeled ones become drafts, a lease of this tab is renewed.

    Samples that had labels and were never touched here stay as they are. Raises NotThere without such a field.
    """
    place = edits.place(dataset, field)
    keys, renewed = [key_of(place, one) for one in dict.fromkeys(sample_ids)], (person.session, SECONDS)
    if queue_records.begin(keys, person.who, renewed) == len(keys):
        return
    if len(keys) == 1:
        _ensure(place, keys[0])
    else:
        states = queue_states.of(dataset, field)
        queue_records.ensure_each({key: states.state(key.sample_id) for key in keys})
    queue_records.begin(keys, person.who, renewed)


def _leased(states: States, sample_id: str, person: Person, wanted: Sequence[State]) -> Record | None:
    key = key_of(states.place, sample_id)
    if sample_id not in states.records:
        queue_records.ensure(key, states.state(sample_id))
    return queue_records.take(key, (person.who, person.session), SECONDS, wanted)


def _held(key: Key, verb: Verb, person: Person) -> Record | None:
    if verb == "release":
        return queue_records.release(key, person.session) or queue_records.find(key)
    return queue_records.take(key, (person.who, person.session), SECONDS, over=verb == "take_over")


def _moved(key: Key, verb: Verb, person: Person, comment: str, work: Work | None) -> Record | None:
    if verb == "return" and not comment.strip():
        raise DatasetsError("expected a comment that says what is to be done, found none; write one")
    state = _MOVES[verb]
    spent = work or Work(new_work(), person.who, state)
    note = Work(spent.id, person.who, state, spent.seconds, spent.clicks, spent.labels)
    kept = comment if verb in ("return", "reject", "accept") else ""
    return queue_records.move(key, person.session, note, kept, REVIEWED if verb in _OF_REVIEWERS else ())


def _refused(key: Key, verb: Verb) -> DatasetsError:
    """Why a step was not possible."""
    found, now = queue_records.find(key), queue_records.now()
    if found and found.lease and found.lease.until > now:
        left = round((found.lease.until - now).total_seconds())
        return LeaseTaken(found.lease.who, found.lease.until, left)
    state = found.state if found else "unlabeled"
    return DatasetsError(f"expected labels that are done before {verb}, found {state}; finish them first")


def _ensure(place: Place, key: Key) -> None:
    """Make the record of a sample that nobody touched. Raises NotThere without such a sample."""
    if queue_records.find(key) is None:
        queue_records.ensure(key, "done" if queue_states.has_labels(place, key.sample_id) else "unlabeled")


def _counted(each: Sequence[State]) -> dict[State, int]:
    found = Counter(each)
    return {state: found[state] for state in STATES}


def _rows(dataset: str, states: States, ids: Sequence[str]) -> tuple[Row, ...]:
    wanted = {"filepath": 1, "metadata": 1}
    return tuple(_row(states, raw) for raw in collection.by_ids(handle.of(dataset), ids, wanted))


def _row(states: States, raw: Mapping[str, object]) -> Row:
    key = str(raw["_id"])
    known = states.records.get(key)
    by, comment = (known.by, known.comment) if known else ("", "")
    return Row(key, str(raw["filepath"]), *layout.size_of(raw), states.state(key), by, comment, states.holder(key))
