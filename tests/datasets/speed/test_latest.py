"""One computation at a time, and the former result meanwhile."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from datasets.speed.latest import Latest


def never(_: object) -> bool:
    return False


def always(_: object) -> bool:
    return True


def test_many_callers_wait_for_one_computation() -> None:
    latest, calls, gate = Latest[int](), list[int](), threading.Event()

    def compute(_: int | None) -> int:
        calls.append(1)
        gate.wait(5)
        return 7

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(latest.get, "a", always, compute) for _ in range(8)]
        while not calls:
            time.sleep(0.001)
        gate.set()
        assert [one.result() for one in asked] == [7] * 8
    assert latest.get("a", always, compute) == 7
    assert len(calls) == 1


def test_the_former_result_is_shown_while_a_slow_one_is_computed() -> None:
    latest, gate = Latest[str](), threading.Event()
    latest.get("a", always, lambda _: "old", patience=0.01)  # the first time there is nothing else to show

    def slow(before: str | None) -> str:
        gate.wait(5)
        return f"{before} and new"

    def changed(result: str) -> bool:
        return result != "old"

    assert latest.get("a", changed, slow, patience=0.01) == "old"
    gate.set()
    assert latest.get("a", changed, slow) == "old and new"
    assert latest.get("a", changed, slow, patience=0.01) == "old and new"


def test_who_asks_after_a_change_is_not_served_a_computation_that_began_before_it() -> None:
    latest, gate, began = Latest[str](), threading.Event(), threading.Event()

    def early(_: str | None) -> str:
        began.set()
        gate.wait(5)
        return "before the change"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(latest.get, "a", never, early)
        began.wait(5)
        second = pool.submit(latest.get, "a", never, lambda _: "after the change")
        time.sleep(0.02)
        gate.set()
        assert (first.result(), second.result()) == ("before the change", "after the change")


def test_an_error_is_told_to_who_waits_and_not_kept() -> None:
    latest = Latest[int]()

    def fail(_: int | None) -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        latest.get("a", always, fail)
    assert latest.get("a", always, lambda _: 3) == 3


def test_the_longest_unused_key_goes_first() -> None:
    latest, calls = Latest[str](most=2), list[str]()
    for key in "abacab":
        latest.get(key, always, lambda _, key=key: (calls.append(key), key)[1])  # type: ignore[misc]
    assert calls == ["a", "b", "c", "b"]
