"""Saved views as FiftyOne stores them."""

import pytest

from datasets.errors import DatasetNotFound
from datasets.storage import collection, documents, handle, store, view_documents
from datasets.views import saved
from datasets.workspace import Workspace


@pytest.fixture
def pets(database: Workspace) -> list[str]:
    store.create("pets")
    return collection.insert(
        "pets", [collection.sample_document(f"/{k}.png", split=("val", "train")[k]) for k in range(2)]
    )


def test_fiftyone_loads_what_is_written(pets: list[str]) -> None:
    view_documents.write("pets", "Only val", "only-val", [saved.match_stage({"split": "val"})])
    loaded = collection.load("pets")
    assert loaded.list_saved_views() == ["Only val"]
    assert loaded.load_saved_view("Only val").values("id") == pets[:1]


def test_a_name_is_written_over_and_removed_with_its_place_in_the_list(pets: list[str]) -> None:
    view_documents.write("pets", "One", "one", [])
    (first,) = view_documents.stored("pets")
    view_documents.write(handle.of("pets"), "One", "one", [saved.select_stage(pets)])
    view_documents.write("pets", "Two", "two", [])
    one, two = view_documents.stored(handle.of("pets"))
    assert (one["_id"], one["created_at"]) == (first["_id"], first["created_at"]) and one["stages"] != first["stages"]
    assert documents.of("pets")["saved_views"] == [one["_id"], two["_id"]]
    view_documents.remove("pets", "one")
    assert [raw["name"] for raw in view_documents.stored("pets")] == ["Two"]
    assert documents.of("pets")["saved_views"] == [two["_id"]]


def test_a_dataset_that_is_not_there_has_none(database: Workspace) -> None:
    with pytest.raises(DatasetNotFound):
        view_documents.stored("pets")
