"""Saves that are killed, sent again and raced: nothing acknowledged is lost, and nothing is done twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from datasets.editing import journal, labels, saving
from datasets.editing.operations import Operation
from datasets.errors import LabelsChanged
from datasets.storage import collection, edits, layout, store
from datasets.storage import journal as stored
from datasets.workspace import Workspace

ROOT = Path(__file__).parents[3]
NAME = "raced"
BOX = (0.1, 0.1, 0.2, 0.2)


@pytest.fixture(scope="module")
def dataset(server: Workspace) -> Iterator[None]:
    store.create(NAME, {"boxes": "detections"})
    yield
    store.delete(NAME)


@pytest.fixture
def sample(dataset: None) -> str:
    return collection.insert(NAME, [collection.sample_document("/nowhere/1.png")])[0]


def add(sample: str, name: str) -> list[Operation]:
    return [Operation(f"{name}-{sample}", "add", "", {"label": name, "box": BOX})]


def names(sample: str) -> list[str]:
    return [one.label for one in labels.read(NAME, sample, "boxes").labels]


def names_raw(sample: str) -> list[str]:
    """As they are stored, without finishing what is pending."""
    return [one["label"] for one in next(collection.by_ids(NAME, [sample]))["boxes"]["detections"]]


def child(sample: str, die: str, prefix: str, count: int) -> list[str]:
    """Runs it. Returns what it was acknowledged."""
    words = [sys.executable, "-W", "ignore", "-m", "tests.datasets.editing.edit_child", NAME, sample, die, prefix]
    done = subprocess.run([*words, str(count)], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == (0 if die == "never" else -signal.SIGKILL), done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("die", ["journal", "labels"])
def test_a_kill_loses_nothing_and_a_repeat_is_done_once(sample: str, die: str) -> None:
    told = child(sample, die, "a", 3)
    assert told == ["a0", "a1"]
    assert names_raw(sample) == ["a0", "a1", *([] if die == "journal" else ["a2"])]
    place = edits.place(NAME, "boxes")
    assert stored.history(place.dataset_id, sample, "boxes", 1)[0].state == "pending"
    assert child(sample, "never", "a", 4) == ["a0", "a1", "a2", "a3"]  # the same operations, and one more
    assert names(sample) == ["a0", "a1", "a2", "a3"]
    assert [one.state for one in stored.history(place.dataset_id, sample, "boxes", 9)] == ["applied"] * 4


def test_who_comes_next_finishes_what_was_cut_off(sample: str) -> None:
    child(sample, "journal", "a", 1)
    labels.change(NAME, sample, "boxes", add(sample, "b"), if_match=labels.ANY)
    assert names(sample) == ["a0", "b"]
    (second, first) = journal.history(NAME, sample, "boxes")
    journal.undo(NAME, first.id)
    assert names(sample) == ["b"] and second.number == 2


def test_racing_writers_lose_nothing(sample: str) -> None:
    def write(writer: int) -> None:
        for number in range(8):
            labels.change(NAME, sample, "boxes", add(sample, f"w{writer}-{number}"), if_match=labels.ANY)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, range(3)))
    wanted = [f"w{writer}-{number}" for writer in range(3) for number in range(8)]
    assert sorted(names(sample)) == sorted(wanted)
    assert sorted(one.number for one in journal.history(NAME, sample, "boxes")) == list(range(1, 25))


def test_racing_senders_of_the_same_operations_do_them_once(sample: str) -> None:
    def send(_: int) -> list[str]:
        return [str(labels.change(NAME, sample, "boxes", add(sample, f"op{number}"), if_match=labels.ANY).entry)
                for number in range(6)]  # fmt: skip

    with ThreadPoolExecutor(3) as pool:
        first, second, third = pool.map(send, range(3))
    assert first == second == third and len(set(first)) == 6
    assert names(sample) == [f"op{number}" for number in range(6)]


def test_of_writers_on_one_version_one_wins(sample: str) -> None:
    etag = labels.read(NAME, sample, "boxes").etag

    def write(writer: int) -> str | None:
        try:
            labels.change(NAME, sample, "boxes", add(sample, f"w{writer}"), if_match=etag)
        except LabelsChanged as refused:
            assert [one.label for one in refused.ours][-1] == f"w{writer}" and len(refused.stored) >= 1
            return None
        return f"w{writer}"

    with ThreadPoolExecutor(4) as pool:
        won = [one for one in pool.map(write, range(4)) if one]
    assert names(sample) == won and len(won) == 1


def test_a_writer_that_knows_no_journal_is_not_overwritten(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """FiftyOne's App writes between our read and our write: with a version we refuse, without we add to its labels."""
    labels.change(NAME, sample, "boxes", add(sample, "a"), if_match=labels.ANY)
    etag, swap = labels.read(NAME, sample, "boxes").etag, edits.swap

    def disturbed(held: edits.Held, items: list[edits.Document]) -> bool:
        monkeypatch.setattr(edits, "swap", swap)
        change = {"$set": {"boxes.detections.0.label": "a!" if names_raw(sample) == ["a"] else "a!!"}}
        collection.update_where(NAME, {"_id": layout.object_id(sample)}, change)
        return swap(held, items)

    monkeypatch.setattr(edits, "swap", disturbed)
    with pytest.raises(LabelsChanged):
        labels.change(NAME, sample, "boxes", add(sample, "b"), if_match=etag)
    assert names(sample) == ["a!"]
    monkeypatch.setattr(edits, "swap", disturbed)
    labels.change(NAME, sample, "boxes", add(sample, "b"), if_match=labels.ANY)  # the refused ones may be sent again
    assert names(sample) == ["a!!", "b"]
    assert [one.state for one in stored.history(edits.place(NAME, "boxes").dataset_id, sample, "boxes", 9)] == [
        "applied", "refused", "refused", "applied"
    ]  # fmt: skip


def test_a_helper_that_is_late_does_nothing(sample: str) -> None:
    """It read an entry as pending and slept; meanwhile that was stored and taken back: the labels look untouched."""
    saved = labels.change(NAME, sample, "boxes", add(sample, "a"), if_match=labels.ANY)
    place = edits.place(NAME, "boxes")
    entry = stored.find(place.dataset_id, str(saved.entry))
    assert entry is not None
    journal.undo(NAME, entry.id)
    assert saving._brought_home(entry, place) is True  # applied, as it was
    assert names(sample) == []


def test_a_deleted_dataset_takes_its_journal_along(server: Workspace) -> None:
    store.create("brief", {"boxes": "detections"})
    (sample,) = collection.insert("brief", [collection.sample_document("/nowhere/1.png")])
    labels.change("brief", sample, "boxes", add(sample, "a"), if_match=labels.ANY)
    dataset_id = edits.dataset_id("brief")
    assert stored.last(dataset_id, sample, "boxes")
    store.delete("brief")
    assert stored.last(dataset_id, sample, "boxes") is None
