"""Many writes in batches."""

from datetime import datetime

from datasets.storage.batches import BATCH, batches, set_or_unset


def test_batches_hold_everything_once_in_order_and_read_no_more_than_they_need() -> None:
    read = list[int]()

    def numbers() -> object:
        for number in range(7):
            read.append(number)
            yield number

    some = batches(numbers(), 3)  # type: ignore[arg-type]
    assert next(some) == [0, 1, 2] and read == [0, 1, 2]
    assert [*some] == [[3, 4, 5], [6]]
    assert [len(one) for one in batches(range(BATCH + 1))] == [BATCH, 1] and not [*batches([])]


def test_nothing_is_stored_for_none() -> None:
    stamp = datetime(2024, 1, 2)
    assert set_or_unset({"a": 1, "b.c": None}, stamp) == {
        "$set": {"a": 1, "last_modified_at": stamp}, "$unset": {"b.c": ""},
    }  # fmt: skip
    assert set_or_unset({"a": 0}, stamp) == {"$set": {"a": 0, "last_modified_at": stamp}}
