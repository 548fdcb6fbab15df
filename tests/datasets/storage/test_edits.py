from datetime import datetime

import pytest

from datasets.errors import NotThere
from datasets.records import Label
from datasets.storage import collection, edits, journal, labels, store
from datasets.storage.journal import Change
from datasets.workspace import Workspace

NAME = "swapped"


@pytest.fixture
def place(database: Workspace) -> edits.Place:
    store.create(NAME, {"boxes": "detections"})
    return edits.place(NAME, "boxes")


def sample() -> str:
    return collection.insert(NAME, [collection.sample_document("/nowhere/1.png")])[0]


def test_labels_are_stored_only_over_what_was_read(place: edits.Place) -> None:
    key = sample()
    first, second = edits.read(place, key), edits.read(place, key)
    item = edits.made(place.kind, edits.new_id(), {"label": "a", "box": (0, 0, 1, 1)})
    assert edits.swap(first, [item]) and not edits.swap(second, [])
    assert [edits.label(one).label for one in edits.read(place, key).items] == ["a"]


def test_a_time_in_the_future_moves_on(place: edits.Place) -> None:
    key, later = sample(), datetime(2999, 1, 1)
    collection.samples(NAME).update_one({}, {"$set": {"last_modified_at": later}})
    assert edits.swap(edits.read(place, key), [])
    found = edits.read(place, key).modified
    assert found is not None and found > later


def test_a_change_touches_what_it_names() -> None:
    item = labels.to_item("keypoints", Label("a", points=(((0.0, 0.0),),), attributes={"confidences": [0.5], "n": 1}))
    changed = edits.changed("keypoints", {**item, "_own": 1}, {"label": "b", "attributes": {"n": None, "tags": ["x"]}})
    assert changed == {**{key: one for key, one in item.items() if key != "n"}, "_own": 1, "label": "b", "tags": ["x"]}


def test_the_box_of_a_pose_follows_its_points_unless_it_is_given() -> None:
    before = Label("a", (0.1, 0.1, 0.5, 0.5), 0.5, points=(((0.2, 0.2), (0.4, 0.5)),))
    item = labels.to_item("keypoints", before)
    moved = edits.label(edits.changed("keypoints", item, {"points": (((0.3, 0.3), (0.6, 0.6)),), "confidence": 0.25}))
    assert moved.box == pytest.approx((0.2, 0.2, 0.6, 0.5)) and moved.confidence == 0.25
    given = edits.changed("keypoints", item, {"points": (((0.3, 0.3), (0.6, 0.6)),), "box": (0.0, 0.0, 1.0, 1.0)})
    assert edits.label(given).box == (0.0, 0.0, 1.0, 1.0)
    assert edits.label(edits.changed("keypoints", item, {"confidence": None})).confidence is None


def test_what_is_not_there_is_said(place: edits.Place) -> None:
    with pytest.raises(NotThere):
        edits.place(NAME, "lines")
    with pytest.raises(NotThere):
        edits.read(place, "f" * 24)


def test_numbers_and_operations_of_entries_are_taken_once(place: edits.Place) -> None:
    def made(number: int, operation: str, sample: str = "s") -> journal.Entry:
        change = Change(operation, "add", "f" * 24, 0, None, {})
        return journal.entry((place.dataset_id, sample, "boxes"), number, ("a", "b"), [change])

    first = made(1, "op-1")
    assert journal.add(first) and not journal.add(made(1, "op-2")) and not journal.add(made(2, "op-1"))
    assert not journal.add(made(1, "op-1", "another sample"))
    assert journal.state(first.id) == "pending" and journal.last(place.dataset_id, "s", "boxes") == first
    journal.refuse(first.id)
    assert journal.state(first.id) == "refused" and journal.having(place.dataset_id, ["op-1"]) == []
    assert journal.add(made(2, "op-1"))  # it may be sent again
    journal.settle(first.id)  # whoever stored its labels has the last word
    assert journal.state(first.id) == "applied"
    journal.refuse(first.id)
    assert journal.state(first.id) == "applied" and journal.someone()
