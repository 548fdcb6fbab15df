"""Tags of samples and labels."""

import pytest

from datasets.editing import tags
from datasets.errors import FieldError
from datasets.records import Label
from datasets.storage import collection, labels, store
from datasets.views import pages, resolve
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace

BOX = (0.0, 0.0, 0.5, 0.5)


@pytest.fixture
def pets(database: Workspace) -> list[str]:
    store.create("pets", {"boxes": "detections", "scene": "classification"})
    return collection.insert("pets", [
        collection.sample_document(
            f"/{i}.png",
            boxes=labels.to_document("detections", [Label("cat", BOX), Label("dog", BOX)]),
            scene=labels.to_document("classification", [Label("in")]),
        )
        for i in range(3)
    ])  # fmt: skip


def test_a_tag_is_added_once_and_removed(pets: list[str]) -> None:
    assert tags.add("pets", pets[:2], "odd") == 2
    assert tags.add("pets", pets, "odd") == 1
    assert store.summary("pets").tags == {"odd": 3}
    assert tags.remove("pets", [pets[0]], "odd") == 1
    assert tags.remove("pets", [pets[0]], "odd") == 0
    assert collection.load("pets").match_tags("odd").values("id") == pets[1:]


def test_only_changed_samples_get_a_new_time(pets: list[str]) -> None:
    before = [one.values["last_modified_at"] for one in pages.page(ViewSpec(dataset="pets")).rows]
    tags.add("pets", [pets[1]], "odd")
    after = [one.values["last_modified_at"] for one in pages.page(ViewSpec(dataset="pets")).rows]
    assert [old != new for old, new in zip(before, after, strict=True)] == [False, True, False]


def test_single_labels_are_tagged(pets: list[str]) -> None:
    row = pages.sample("pets", pets[1])
    dog, scene = row.labels["boxes"][1].id or "", row.labels["scene"][0].id or ""
    assert tags.add_to_labels("pets", "boxes", [dog], "wrong") == 1
    assert tags.add_to_labels("pets", "scene", [scene], "sure") == 1
    row = pages.sample("pets", pets[1])
    assert [one.attributes.get("tags") for one in row.labels["boxes"]] == [None, ["wrong"]]
    assert row.labels["scene"][0].attributes["tags"] == ["sure"]
    wrong = ViewSpec(dataset="pets").narrowed(Filter(field="boxes.tags", op="any_of", values=("wrong",)))
    assert resolve.ids(wrong) == [pets[1]]
    assert collection.load("pets").count_label_tags() == {"wrong": 1, "sure": 1}
    tags.remove_from_labels("pets", "boxes", [dog], "wrong")
    assert resolve.ids(wrong) == []


def test_empty_tags_and_fields_without_labels_are_refused(pets: list[str]) -> None:
    with pytest.raises(FieldError, match="at least one visible character, found ' '"):
        tags.add("pets", pets, " ")
    with pytest.raises(FieldError, match="expected a label field, found 'split'"):
        tags.add_to_labels("pets", "split", pets, "odd")
