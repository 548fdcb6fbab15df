"""Indexes of large datasets."""

import pytest

from datasets.storage import collection, handle, indexes, store
from datasets.workspace import Workspace


@pytest.fixture
def d(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(indexes, "LEAST", 3)
    store.create("d", None, (), {"score": "float"})
    collection.insert("d", [collection.sample_document(f"/{k}.png", score=float(k)) for k in range(3)])
    return "d"


def made() -> set[str]:
    return {name for name in collection.samples("d").index_information() if name.endswith("__id_1")}


def test_a_large_dataset_gets_them_once_for_what_views_ask(d: str) -> None:
    thread = indexes.offer(d, ["score", "score"])
    assert thread is not None
    thread.join()
    assert made() == {"split_1__id_1", "tags_1__id_1", "score_1__id_1"}
    assert indexes.offer(handle.of(d), ["score"]) is None


def test_a_small_one_needs_none(d: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "LEAST", 4)
    assert indexes.offer(d, ["score"]) is None and not made()


def test_room_is_left_for_those_of_other_people(d: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "_MOST", len(collection.samples(d).index_information()) + 1)
    thread = indexes.offer(d, ["score"])
    assert thread is not None
    thread.join()
    assert made() == {"split_1__id_1"}


def test_a_dataset_that_was_deleted_meanwhile_is_not_made_again(d: str) -> None:
    samples = collection.samples(d)
    store.delete(d)
    indexes._make(d, ["score"])
    assert samples.name not in samples.database.list_collection_names()
