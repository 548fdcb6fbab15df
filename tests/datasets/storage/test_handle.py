"""The handle of a dataset: one question, one state."""

import dataclasses

import pytest
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from datasets.errors import DatabaseError, DatasetNotFound, FieldError
from datasets.storage import collection, connection, documents, handle, store, versions
from datasets.workspace import Workspace
from tests import commands

TARGETS = {"1": "road", "0": "sky"}


@pytest.fixture
def city(database: Workspace) -> list[str]:
    """Three samples with masks whose values have names."""
    store.create("city", {"masks": "segmentation", "boxes": "detections"}, ["car", "bus"])
    documents.update("city", {"mask_targets.masks": TARGETS})
    return collection.insert("city", [collection.sample_document(f"/{k}.png") for k in range(3)])


def test_it_holds_what_the_document_says(city: list[str]) -> None:
    found = handle.of("city")
    assert found.id == str(documents.of("city")["_id"]) and (found.name, found.media_type) == ("city", "image")
    assert {"filepath", "split", "masks", "boxes"} <= {one.name for one in found.fields}
    assert found.frame_fields == () and found.classes == ("car", "bus") and found.count == 3
    assert found.targets("masks") == {0: "sky", 1: "road"} and found.targets("boxes") == {}
    assert found.class_order("boxes", {"cat", "car"}) == ("car", "bus", "cat")
    assert found.label_field("boxes").label_kind == "detections"
    with pytest.raises(FieldError, match="no label field 'split'"):
        found.label_field("split")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.name = "town"  # type: ignore[misc]
    assert handle.of(found) is found


def test_it_is_read_by_one_command_from_the_second_time_on(city: list[str]) -> None:
    first = handle.of("city")
    with commands.heard() as asked:
        again = handle.of("city")
        assert list(collection.stream(again)) and collection.samples(again).name
    assert asked == ["aggregate samples", "find samples"] and again == first


def test_it_stays_as_it_was_read(city: list[str]) -> None:
    before = handle.of("city")
    collection.insert("city", [collection.sample_document("/new.png")])
    store.set_classes("city", ["car"])
    now = handle.renewed(before)
    assert (before.count, before.classes) == (3, ("car", "bus")) and (now.count, now.classes) == (4, ("car",))
    assert now.version != before.version


def test_a_dataset_that_was_renamed_deleted_or_made_again_is_found_anew(city: list[str]) -> None:
    before = handle.of("city")
    store.rename("city", "town")
    assert handle.of("town").id == before.id
    with pytest.raises(DatasetNotFound, match="town"):
        handle.of("city")
    store.delete("town")
    with pytest.raises(DatasetNotFound):
        handle.of("town")
    store.create("town", {"boxes": "detections"})
    made = handle.of("town")
    assert made.id != before.id and made.count == 0 and made.version[2] is None


def test_users_who_may_not_ask_for_statistics_get_it_by_parts(city: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = handle.of("city").version

    def refuse(*_: object, **__: object) -> None:
        raise OperationFailure("not authorized on fiftyone to execute command", 13)

    monkeypatch.setattr(Collection, "aggregate", refuse)
    parts = handle.of("city").version
    assert parts[:-1] == whole[:-1] and parts[-1] == () and whole[-1]


def test_a_layout_that_is_not_proven_is_refused(city: list[str]) -> None:
    documents.update("city", {"version": "0.9.1"})
    with pytest.raises(DatabaseError, match="fiftyone migrate --dataset-name city"):
        handle.of("city")
    assert handle.of("city", any_version=True).name == "city"


def test_a_moment_reads_it_once_and_knows_the_document_with_it(city: list[str]) -> None:
    handle.of("city")
    with commands.heard() as asked, connection.moment():
        assert handle.of("city") is handle.of("city")
        assert documents.of("city")["_id"] == handle.of("city").document["_id"]
    assert asked == ["aggregate samples"]


def test_every_kind_of_write_moves_the_version(city: list[str]) -> None:
    seen = [handle.of("city").version]
    for change in (
        lambda: collection.update("city", [(city[0], {"split": "val"})]),
        lambda: collection.samples("city").update_one({}, {"$set": {"unseen": 1}}),  # moves no time
        lambda: collection.remove("city", city[1:2]),
        lambda: collection.insert("city", [collection.sample_document("/x.png")]),
    ):
        change()
        seen.append(versions.of(documents.of("city")))
    assert len(set(seen)) == len(seen)
