"""Blocks of samples, counted by the server."""

import pytest
from bson import ObjectId

from datasets.records import Label
from datasets.storage import blocks, collection, documents, labels, store
from datasets.workspace import Workspace

BOX = (0.0, 0.0, 0.5, 0.5)


@pytest.fixture
def ids(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Seven samples in blocks of three; sample k has k labels, the last one with a mask and no confidence."""
    monkeypatch.setattr(blocks, "SIZE", 3)
    store.create("d", {"boxes": "detections"})
    made = []
    for k in range(7):
        found = [Label("cat" if n % 2 else "dog", BOX, 0.5 if n else None) for n in range(k)]
        if k == 6:
            found[0] = Label("dog", BOX, mask_path="/masks/of/a.png")
        document = labels.to_document("detections", found)
        made.append(
            collection.sample_document(f"/in/{k % 2}/{k}.png", split="val", tags=["odd"] * (k % 2), boxes=document)
        )
    return collection.insert("d", made)


def counted() -> list[blocks.Block]:
    return blocks.renewed(collection.samples("d"), [], blocks.field_keys(documents.of("d")), None)[0]


def test_they_hold_what_their_samples_hold(ids: list[str]) -> None:
    made = counted()
    assert [one.count for one in made] == [3, 3, 1] and [one.splits for one in made] == [
        {"val": 3},
        {"val": 3},
        {"val": 1},
    ]
    assert made[0].first == blocks.FIRST and [str(one.first) for one in made[1:]] == [ids[3], ids[6]]
    assert [one.tags for one in made] == [{"odd": 1}, {"odd": 2}, {}]
    assert [set(one.folders) for one in made] == [{"/in/0", "/in/1"}, {"/in/0", "/in/1"}, {"/in/0"}]
    last = next(iter(made[2].fields.values()))
    assert (last.classes, last.masks, last.confidences) == ({"dog": 3, "cat": 3}, 1, 5)
    assert list(last.folders) == ["/masks/of"]


def test_only_those_that_changed_are_counted_anew(ids: list[str]) -> None:
    before = counted()
    collection.update("d", [(ids[4], {"split": "train"})])
    made, changed = blocks.renewed(collection.samples("d"), before, blocks.field_keys(documents.of("d")), None)
    assert [one.first for one in changed] == [before[1].first] and made[1].splits == {"val": 2, "train": 1}
    passed, none = blocks.renewed(collection.samples("d"), before, blocks.field_keys(documents.of("d")), set())
    assert not none and passed == before


def test_one_that_has_grown_is_split(ids: list[str]) -> None:
    before = counted()
    collection.insert("d", [collection.sample_document(f"/{k}.png") for k in range(8)])
    made = blocks.renewed(collection.samples("d"), before, blocks.field_keys(documents.of("d")), None)[0]
    assert [one.count for one in made] == [3, 3, 3, 3, 3]


def test_ranges_join_and_sums_are_ordered() -> None:
    first, second = ObjectId(), ObjectId()
    two = [blocks.Block(one, 0, {}, {}, (), {}) for one in (first, second)]
    assert list(blocks.ranges(two)) == [(first, second), (second, None)]
    assert list(blocks.summed([{"b": 1, "a": 1}, {"c": 2, "b": 0}]).items()) == [("c", 2), ("a", 1), ("b", 1)]
    joined = blocks.joined(
        [blocks.FieldTally({"a": 1}, 1, 2, ("/b",)), blocks.FieldTally({"a": 2}, 0, 1, ("/a", "/b"))]
    )
    assert joined == blocks.FieldTally({"a": 3}, 1, 3, ("/a", "/b"))
