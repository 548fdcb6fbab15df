"""The documents of datasets."""

import pytest
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from datasets.errors import DatabaseError, DatabaseUnreachable, DatasetNotFound, DiskFull
from datasets.storage import collection, documents, store
from datasets.workspace import Workspace


@pytest.fixture
def pets(database: Workspace) -> None:
    store.create("pets", {"ground_truth": "detections"})


def test_they_are_listed_oldest_first(pets: None) -> None:
    store.create(".hidden")
    store.create("cars")
    assert documents.names() == ["pets", ".hidden", "cars"]
    assert [set(one) for one in documents.every({"name": 1})] == [{"_id", "name"}] * 3


def test_an_unknown_one_lists_those_there_are_but_not_hidden_ones(pets: None) -> None:
    store.create(".hidden")
    with pytest.raises(DatasetNotFound, match="pets") as told:
        documents.of("cars")
    assert ".hidden" not in str(told.value)


def test_parts_are_set_and_removed_and_move_the_time(pets: None) -> None:
    before = documents.of("pets")["last_modified_at"]
    documents.update("pets", {"info.foveal": {"a": 1, "b": 2}})
    documents.unset("pets", "info.foveal.a")
    after = documents.of("pets")
    assert after["info"]["foveal"] == {"b": 2} and after["last_modified_at"] >= before
    with pytest.raises(DatasetNotFound):
        documents.update("cars", {"a": 1})


def test_its_samples_lie_in_the_collection_that_it_names(pets: None) -> None:
    ids = collection.insert("pets", [collection.sample_document("/a.png")])
    assert [str(one["_id"]) for one in documents.samples(documents.of("pets")).find()] == ids


def test_asking_whether_it_can_be_written_changes_no_sample(pets: None) -> None:
    collection.insert("pets", [collection.sample_document("/a.png")])
    before = list(collection.stream("pets"))
    documents.check_writable("pets")
    assert list(collection.stream("pets")) == before


@pytest.mark.parametrize(
    ("failed", "kind"),
    [
        (OperationFailure("not authorized to execute command", 13), DatabaseError),
        (OperationFailure("No space left on device", 14031), DiskFull),
        (ServerSelectionTimeoutError("no server"), DatabaseUnreachable),
    ],
)
def test_a_refused_write_is_told_by_its_reason(failed: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as told, documents.refused("pets"):
        raise failed
    assert type(told.value) is kind
