"""How far a queue is, and what a label costs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from datasets.labeling import progress, queue
from datasets.labeling.queue import Person
from datasets.storage import collection, store
from datasets.storage.queue_records import Work
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

NOON = datetime(2026, 11, 30, 12)
NAME = "measured"


def work(sample: str, state: queue.State, seconds: float = 0, clicks: int = 0, labels: int = 0, ago: int = 0) -> Work:
    return Work(
        f"{sample}-{state}-{ago}", "Anna", state, seconds, clicks, labels, sample, NOON - timedelta(minutes=ago)
    )


def test_a_share_counts_samples_once_and_sums_what_was_spent() -> None:
    works = [work("a", "draft", 10, 5, 2), work("a", "done", 20, 10, 3, ago=70), work("a", "done", 0, 0, 0, ago=65),
             work("b", "rejected", 6), work("c", "accepted", ago=2), work("c", "returned"),
             work("d", "returned")]  # fmt: skip
    found = progress.shared(works, NOON - timedelta(hours=1), "Anna")
    assert (found.done, found.reviewed, found.recent) == (2, 2, 1)
    assert (found.seconds, found.clicks, found.labels) == (36, 15, 5)
    assert found.per_hour == 200 and found.seconds_per_label == pytest.approx(7.2) and found.clicks_per_label == 3


def test_nothing_measured_is_no_rate() -> None:
    found = progress.shared([work("a", "done")], NOON)
    assert (found.per_hour, found.seconds_per_label, found.clicks_per_label) == (None, None, None)


@pytest.fixture
def samples(server: Workspace) -> Iterator[list[str]]:
    store.create(NAME, {"boxes": "detections"})
    yield collection.insert(NAME, [collection.sample_document(f"/nowhere/{n}.png") for n in range(4)])
    store.delete(NAME)


def test_progress_is_of_a_view_and_by_person(samples: list[str]) -> None:
    for number, who in enumerate(("Anna", "Boris", "Anna")):
        spent = Work(f"w{number}", who, "done", 30, 6, 2)
        queue.act(NAME, "boxes", samples[number], "done", Person(who, who), work=spent)
    found = progress.of(ViewSpec(dataset=NAME), "boxes")
    assert (found.left, found.whole.done, found.counts["done"], found.seconds_left) == (1, 3, 3, 30)
    assert [(one.who, one.done, one.recent, one.per_hour) for one in found.people] == [
        ("Anna", 2, 2, 120), ("Boris", 1, 1, 120)
    ]  # fmt: skip
    part = progress.of(ViewSpec(dataset=NAME, ids=tuple(samples[1:2])), "boxes")
    assert (part.left, part.whole.done, part.seconds_left, [one.who for one in part.people]) == (0, 1, 0, ["Boris"])
