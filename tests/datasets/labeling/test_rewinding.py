"""Labels as they were before entries of the journal, by pure functions."""

from datetime import datetime
from typing import Any

import pytest

from datasets.editing.operations import applied
from datasets.labeling import rewinding
from datasets.storage.journal import Change, Entry


def entry(number: int, *changes: Change) -> Entry:
    return Entry(
        f"e{number}", "d", "s", "f", number, "Anna", datetime(2026, 1, number), "", "", changes, None, "applied"
    )


def item(key: str, **values: Any) -> dict[str, Any]:
    return {"_id": key, **values}


ADD_A = Change("1", "add", "a", 0, None, item("a", label="cat"))
ADD_B = Change("2", "add", "b", 1, None, item("b", label="dog"))
CHANGE_A = Change("3", "change", "a", 0, {"label": "cat"}, {"label": "cow", "size": 3})
DELETE_B = Change("4", "delete", "b", 1, item("b", label="dog"), None)
ENTRIES = [entry(3, CHANGE_A, DELETE_B), entry(2, ADD_B), entry(1, ADD_A)]  # newest first
NOW = [item("a", label="cow", size=3)]


def back(items: list[dict[str, Any]], entries: list[Entry]) -> list[dict[str, Any]]:
    return applied(items, rewinding.back(items, True, rewinding.earlier(entries), "r").changes)


@pytest.mark.parametrize(("newer", "was"), [
    (0, NOW),
    (1, [item("a", label="cat"), item("b", label="dog")]),
    (2, [item("a", label="cat")]),
    (3, []),
])  # fmt: skip
def test_labels_go_back_to_what_they_were(newer: int, was: list[dict[str, Any]]) -> None:
    assert back(NOW, ENTRIES[:newer]) == was


def test_what_others_added_to_a_label_stays() -> None:
    assert back([item("a", label="cow", size=3, vector=1), item("c", label="ant")], ENTRIES[:1]) == [
        item("a", label="cat", vector=1), item("b", label="dog"), item("c", label="ant")
    ]  # fmt: skip


def test_what_is_so_already_is_not_changed() -> None:
    was = [item("a", label="cat"), item("b", label="dog")]
    assert rewinding.back(was, True, rewinding.earlier(ENTRIES[:1]), "r").changes == ()


def test_a_label_that_others_deleted_is_lost_unless_all_of_it_is_known() -> None:
    found = rewinding.back([], True, rewinding.earlier(ENTRIES[:1]), "r")
    assert found.lost == ("a",) and [one.label_id for one in found.changes] == ["b"]


def test_a_field_of_one_label_gets_the_former_one() -> None:
    entries = [
        entry(
            2, Change("2", "delete", "a", 0, item("a", label="cat"), None), Change("3", "add", "b", 0, None, item("b"))
        )
    ]
    found = rewinding.back([item("b")], False, rewinding.earlier(entries), "r")
    assert [(one.action, one.label_id) for one in found.changes] == [("delete", "b"), ("add", "a")]
    assert rewinding.back([item("c")], False, rewinding.earlier(entries), "r").lost == ("a",)


def test_a_label_that_was_deleted_and_came_back_is_known_whole() -> None:
    again = entry(4, Change("5", "add", "b", 0, None, item("b", label="dog")))
    recoloured = entry(5, Change("6", "change", "b", 0, {"label": "dog"}, {"label": "pig"}))
    now = [item("b", label="pig"), item("a", label="cow", size=3)]
    assert back(now, [recoloured, again, *ENTRIES[:1]]) == [item("b", label="dog"), item("a", label="cat")]
    assert back(now, [recoloured, again]) == [item("a", label="cow", size=3)]


def test_versions_tell_each_label_before_and_after() -> None:
    third, second, first = rewinding.versions(NOW, ENTRIES)
    assert [(one.before, one.after) for one in third[1]] == [
        (item("a", label="cat"), item("a", label="cow", size=3)), (item("b", label="dog"), None)
    ]  # fmt: skip
    assert [(one.before, one.after) for one in second[1] + first[1]] == [
        (None, item("b", label="dog")), (None, item("a", label="cat"))
    ]  # fmt: skip
