"""A value that moves with every write."""

from collections.abc import Callable

import pytest

from datasets.storage import collection, connection, documents, schemas, store, versions
from datasets.workspace import Workspace
from tests import commands


def version() -> versions.Version:
    return versions.of(documents.of("d"))


@pytest.fixture
def ids(database: Workspace) -> list[str]:
    store.create("d")
    return collection.insert("d", [collection.sample_document(f"/{k}.png") for k in range(3)])


CHANGES: dict[str, Callable[[list[str]], object]] = {
    "a sample is changed": lambda ids: collection.update("d", [(ids[0], {"split": "val"})]),
    "a sample is added": lambda ids: collection.insert("d", [collection.sample_document("/new.png")]),
    "a sample is removed": lambda ids: collection.remove("d", ids[:1]),
    "a script moves no time": lambda ids: collection.samples("d").update_one({}, {"$set": {"unseen": 1}}),
    "a field is declared": lambda ids: schemas.declare("d", {"score": "float"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_moves_when(ids: list[str], change: Callable[[list[str]], object]) -> None:
    before = version()
    assert version() == before
    change(ids)
    assert version() != before


def test_it_begins_with_the_id_the_number_of_samples_and_their_newest_time(ids: list[str]) -> None:
    newest = max(one["last_modified_at"] for one in collection.stream("d"))
    assert version()[:3] == (documents.of("d")["_id"], 3, newest)


def test_with_the_document_it_is_one_command(ids: list[str]) -> None:
    place = documents.of("d")["sample_collection_name"]
    before = version()
    with commands.heard() as asked:
        found, same = versions.with_document(place, "d")
    assert asked == ["aggregate samples"] and found == documents.of("d") and same == before


def test_a_name_that_is_gone_has_no_document(ids: list[str]) -> None:
    place = documents.of("d")["sample_collection_name"]
    assert versions.with_document(place, "e") == (None, ())
    connection.db().drop_collection("samples.none")
    assert versions.with_document("samples.none", "d") == (None, ())


def test_the_newest_sample_is_found_by_an_index(ids: list[str]) -> None:
    assert "last_modified_at_1" in collection.samples("d").index_information()
