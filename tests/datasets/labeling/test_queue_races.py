"""Processes that race for samples: none is given to two, and what a dead one held comes back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets.labeling import queue
from datasets.labeling.queue import Person
from datasets.storage import collection, edits, queue_records, store
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

ROOT = Path(__file__).parents[3]
NAME = "contested"
SPEC = ViewSpec(dataset=NAME)


@pytest.fixture(scope="module")
def dataset(server: Workspace) -> Iterator[None]:
    store.create(NAME, {"boxes": "detections"})
    yield
    store.delete(NAME)


@pytest.fixture
def samples(dataset: None) -> Iterator[list[str]]:
    ids = collection.insert(NAME, [collection.sample_document(f"/nowhere/{number}.png") for number in range(200)])
    yield ids
    collection.remove(NAME, ids)
    queue_records.forget(edits.dataset_id(NAME))


def started(name: str, die: int = 0) -> "subprocess.Popen[str]":
    words = [sys.executable, "-W", "ignore", "-m", "tests.datasets.labeling.queue_child", NAME, name, str(die)]
    return subprocess.Popen(words, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True)


def given(child: "subprocess.Popen[str]") -> list[str]:
    found = child.communicate(timeout=300)[0].split()
    assert child.returncode in (0, -signal.SIGKILL)
    return found


def test_four_processes_get_each_of_200_samples_once(samples: list[str]) -> None:
    children = [started(f"p{number}") for number in range(4)]
    shares = [given(one) for one in children]
    assert sorted(key for share in shares for key in share) == sorted(samples)
    assert queue.counts(SPEC, "boxes")["done"] == 200


def test_a_sample_that_a_dead_process_held_comes_back(samples: list[str]) -> None:
    (held,) = given(started("dead", die=1))
    assert held == samples[0]
    person = Person("Anna", "a")
    assert next(iter(queue.page(SPEC, "boxes", 1, 1).rows)).holder is not None
    second = queue.following(SPEC, "boxes", person).row
    assert second and second.id == samples[1]
    time.sleep(2.1)
    again = queue.following(SPEC, "boxes", person, after=samples[-1]).row
    assert again and again.id == samples[0]
