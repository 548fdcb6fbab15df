"""What a page of the grid and the counts beside it cost on 100,000 x 8 boxes, and on a million samples."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from datasets.editing import tags
from datasets.storage import collection, handle, indexes, store, tallies
from datasets.views import pages, paging, resolve
from datasets.viewspec import Filter, ViewSpec
from tests.benchmarks.measure import Bench
from tests.load import world

LARGE = int(os.environ.get("FOVEAL_BENCH_LARGE", "100000"))
MILLION = int(os.environ.get("FOVEAL_BENCH_MILLION", "1000000"))
LIMIT = 0.3  # seconds of computing on the server for a page of a million
SIZE = 60


def ready(name: str, *specs: ViewSpec) -> None:
    """As after the first visit: counted, with its indexes."""
    tallies.of(name)
    thread = indexes.offer(name, [path for spec in specs for path in resolve.paths(spec, handle.of(name))])
    if thread:
        thread.join()


@pytest.fixture
def large(bench: Bench, tmp_path: Path) -> Iterator[str]:
    world.make("large", LARGE, tmp_path, linked=0)
    ready("large")
    yield "large"
    store.delete("large")


@pytest.mark.slow
def test_counts_after_one_tag(bench: Bench, large: str) -> None:
    """Ours counts the block of the sample; as before, everything is tallied anew."""
    (sample,) = [str(one["_id"]) for one in collection.samples(large).find({}, {"_id": 1}).skip(LARGE // 2).limit(1)]
    words = (f"tag {k}" for k in itertools.count())

    def after_a_tag(count: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            tags.add(large, [sample], next(words))
            return count()

        return run

    def all_anew() -> dict[str, int]:
        groups: Any = collection.samples(large).aggregate([{"$unwind": "$tags"}, {"$sortByCount": "$tags"}])
        assert len(list(groups)) > 1
        return collection.class_tally(collection.samples(large), {}, "ground_truth.detections.label")

    ours = after_a_tag(lambda: dict(store.summary(large, patience=60).class_counts["ground_truth"]))
    row = bench.compare("counts after a tag", LARGE, ours, "tally all", after_a_tag(all_anew), dict.__eq__, rounds=3)
    assert row.ratio is not None and row.ratio > 3


@pytest.mark.slow
def test_pages_of_a_million(bench: Bench, tmp_path: Path) -> None:
    world.make("million", MILLION, tmp_path, objects=0, linked=0)
    whole = ViewSpec(dataset="million")
    sorted_ = whole.model_copy(update={"sort": "score", "descending": True})
    cuts = iter([k / 100 for k in range(50, 90)])

    def sure() -> ViewSpec:
        """Another condition each time: nothing is kept."""
        return whole.narrowed(Filter(field="score", op="at_least", values=(next(cuts),)))

    ready("million", sorted_)
    middle = MILLION // 2 // SIZE
    asked: dict[str, Callable[[], Any]] = {
        "page 1": lambda: pages.page(whole, 1, SIZE),
        "page in the middle": lambda: pages.page(whole, middle, SIZE),
        "last page": lambda: pages.page(whole, MILLION // SIZE, SIZE),
        "sorted, in the middle": lambda: pages.page(sorted_, middle, SIZE),
        "split val, page 1": lambda: pages.page(whole.of_splits("val"), 1, SIZE),
        "split train, page 5000": lambda: pages.page(whole.of_splits("train"), min(middle, 5000), SIZE),
        "score at least, page 1": lambda: pages.page(sure(), 1, SIZE),
    }
    try:
        rows = {name: bench.alone(f"1M: {name}", MILLION, call) for name, call in asked.items()}
        assert paging.count(whole) == MILLION
        assert {name: row.ours_cpu_s for name, row in rows.items() if row.ours_cpu_s >= LIMIT} == {}
    finally:
        store.delete("million")
