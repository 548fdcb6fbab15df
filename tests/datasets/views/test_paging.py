"""Pages, wherever they begin, are parts of one order; what was counted is kept until a write."""

import random
from typing import Any

import pytest

from datasets.editing import tags
from datasets.records import Label
from datasets.storage import blocks, collection, connection, documents, handle, indexes, labels, store, tallies
from datasets.views import paging, resolve
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace

ALL = ViewSpec(dataset="d")
VIEWS = [
    ALL,
    ALL.of_splits("train"),
    ALL.of_splits("train", ""),
    ALL.model_copy(update={"descending": True}),
    ALL.model_copy(update={"sort": "score"}),
    ALL.model_copy(update={"sort": "score", "descending": True}),
    ALL.of_splits("val").model_copy(update={"sort": "score", "descending": True}),
    ALL.narrowed(Filter(field="ground_truth.label", op="any_of", values=("cat", "dog"))),
    ALL.narrowed(Filter(field="score", op="at_least", values=(2.0,))),
    ALL.narrowed(Filter(field="tags", op="any_of", values=("odd",))),
]


@pytest.fixture
def d(database: Workspace) -> list[str]:
    """23 samples with few scores, so that many tie."""
    r = random.Random(3)
    store.create("d", {"ground_truth": "detections"}, (), {"score": "float"})
    return collection.insert("d", [
        collection.sample_document(
            f"/{k}.png", split=r.choice(["train", "val", None]), score=float(r.randrange(4)),
            tags=["odd"] if k % 3 == 0 else [],
            ground_truth=labels.to_document("detections", [Label(r.choice(["cat", "dog", "emu"]), (0, 0, 1, 1))] * 2),
        )
        for k in range(23)
    ])  # fmt: skip


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("spec", VIEWS, ids=map(str, range(len(VIEWS))))
def test_pages_from_either_end_are_parts_of_one_order(
    d: list[str], spec: ViewSpec, indexed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "SIZE", 4)
    monkeypatch.setattr(indexes, "LEAST", 1 if indexed else 10**9)
    if indexed and (thread := indexes.offer("d", resolve.paths(spec, handle.of("d")))):
        thread.join()
        tallies.of("d")  # pages of the whole dataset begin at a block
    total = paging.count(spec)
    assert total == len(resolve.ids(spec))
    for size in (1, 4, 50):
        parts = [paging.ids(spec, start, size, total) for start in range(0, total, size)]
        assert [one for part in parts for one in part] == resolve.ids(spec)
    assert paging.ids(spec, total, 4, total) == []


def test_a_large_dataset_gets_an_index_for_what_a_view_filters_and_sorts_by(
    d: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert indexes.offer("d", ["score"]) is None  # a small one needs none
    monkeypatch.setattr(indexes, "LEAST", 1)
    spec = VIEWS[7].model_copy(update={"sort": "score"})
    thread = indexes.offer("d", resolve.paths(spec, handle.of("d")))
    assert thread is not None
    thread.join()
    made = set(collection.samples("d").index_information())
    assert {"split_1__id_1", "tags_1__id_1", "score_1__id_1", "ground_truth.detections.label_1__id_1"} <= made
    assert indexes.offer("d", resolve.paths(spec, handle.of("d"))) is None
    match = resolve.match_of(VIEWS[1], handle.of("d"))
    plan = collection.samples("d").find(match).sort("_id", 1).explain()["queryPlanner"]["winningPlan"]
    assert "split_1__id_1" in str(plan)


def test_what_was_counted_is_kept_until_a_write(d: list[str]) -> None:
    calls = list[int]()

    def compute() -> int:
        calls.append(1)
        return len(calls)

    assert [paging.kept(("x",), ALL, compute, handle.of("d")) for _ in range(3)] == [1, 1, 1]
    tags.add("d", d[:1], "new")
    assert paging.kept(("x",), ALL, compute, handle.of("d")) == 2


def test_within_a_moment_the_database_is_asked_once_until_something_is_written(
    d: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = list[str](), handle._read

    def read(name: str) -> Any:
        asked.append(name)
        return real(name)

    monkeypatch.setattr(handle, "_read", read)
    with connection.moment():
        first = handle.of("d").version
        assert handle.of("d").version == first
        with connection.moment():
            documents.of("d")
            assert handle.of("d").version == first
        assert len(asked) == 1
        tags.add("d", d[:1], "new")
        assert handle.of("d").version != first
        store.rename("d", "e")
        assert store.exists("e") and documents.of("e")["name"] == "e"
    assert len(asked) == 2
    handle.of("e")
    assert len(asked) == 3


def test_a_file_is_found_by_its_sample_whatever_the_dataset_was_before(d: list[str]) -> None:
    assert (collection.media("d", d[0]) or {})["filepath"] == "/0.png"
    assert collection.media("d", "0" * 24) is None
    store.delete("d")
    store.create("d")
    (fresh,) = collection.insert("d", [collection.sample_document("/new.png")])
    assert (collection.media("d", fresh) or {})["filepath"] == "/new.png"
    assert collection.media("d", d[0]) is None
