"""How far a queue is, and how quickly people work: by person and altogether."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from datasets.labeling import queue
from datasets.storage import edits, queue_records
from datasets.storage.queue_records import State, Work
from datasets.views import resolve
from datasets.viewspec import ViewSpec

_LABELED: frozenset[State] = frozenset({"done", "rejected"})
_REVIEWED: frozenset[State] = frozenset({"accepted", "returned"})


@dataclass(frozen=True)
class Share:
    """The work of one person, or of all (`who` is empty).

    `done` counts samples that were finished or rejected, `reviewed` those accepted or returned, each once;
    `recent` those finished or rejected in the last hour. `seconds` and `clicks` are what the page measured.
    """

    who: str
    done: int = 0
    reviewed: int = 0
    recent: int = 0
    seconds: float = 0
    clicks: int = 0
    labels: int = 0

    @property
    def per_hour(self) -> float | None:
        """Samples finished in an hour of work; None before time was measured."""
        return _ratio(3600 * self.done, self.seconds)

    @property
    def seconds_per_label(self) -> float | None:
        """Seconds of work for each label made; None before the first one."""
        return _ratio(self.seconds, self.labels)

    @property
    def clicks_per_label(self) -> float | None:
        """Clicks for each label made; None before the first one."""
        return _ratio(self.clicks, self.labels)


@dataclass(frozen=True)
class Progress:
    """How far a view is. `left` are samples to be labeled still; `seconds_left` is None before time was measured."""

    counts: Mapping[State, int]
    left: int
    whole: Share
    people: tuple[Share, ...]

    @property
    def seconds_left(self) -> float | None:
        """Seconds of work that the samples which are left will take at the rate so far."""
        rate = self.whole.per_hour
        return None if rate is None else _ratio(3600 * self.left, rate)


def of(spec: ViewSpec, field: str) -> Progress:
    """The progress on a label field in a view. Raises DatasetNotFound, and NotThere without such a field."""
    place, counts = edits.place(spec.dataset, field), queue.counts(spec, field)
    inside = set(resolve.ids(spec))
    works = [one for one in queue_records.works(place.dataset_id, field) if one.sample_id in inside]
    since = queue_records.now() - timedelta(hours=1)
    people = sorted({one.who for one in works})
    shares = (shared([one for one in works if one.who == who], since, who) for who in people)
    return Progress(counts, sum(counts[state] for state in queue.OPEN), shared(works, since), tuple(shares))


def shared(works: Iterable[Work], since: datetime, who: str = "") -> Share:
    """The sum of some work; `recent` counts what was done since a time (UTC)."""
    some = list(works)
    done = [one for one in some if one.state in _LABELED]
    return Share(
        who=who,
        done=_samples(done),
        reviewed=_samples(one for one in some if one.state in _REVIEWED),
        recent=_samples(one for one in done if one.when is not None and one.when >= since),
        seconds=sum(one.seconds for one in some),
        clicks=sum(one.clicks for one in some),
        labels=sum(one.labels for one in some),
    )


def _samples(works: Iterable[Work]) -> int:
    return len({one.sample_id for one in works})


def _ratio(of: float, to: float) -> float | None:
    return of / to if to else None
