"""Saves told in lines: those of one person with little time between them are one."""

from datetime import datetime, timedelta

from app.components.labelhistory import sittings
from datasets.storage.journal import Entry

NOON = datetime(2026, 11, 30, 12)


def entry(who: str, minutes: float) -> Entry:
    made = NOON - timedelta(minutes=minutes)
    return Entry(f"{who}{minutes}", "d", "s", "f", 1, who, made, "", "", (), None, "applied")


def test_saves_of_one_person_in_a_row_are_one_sitting() -> None:
    found = sittings([entry("Anna", 0), entry("Anna", 9), entry("Anna", 18), entry("Boris", 19), entry("Anna", 20)])
    assert [[one.id for one in group] for group in found] == [["Anna0", "Anna9", "Anna18"], ["Boris19"], ["Anna20"]]


def test_a_long_break_begins_another_sitting() -> None:
    assert [len(one) for one in sittings([entry("Anna", 0), entry("Anna", 11)])] == [1, 1]
    assert sittings([]) == []
