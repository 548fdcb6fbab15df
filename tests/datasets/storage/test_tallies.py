"""Counts follow every write, and equal a count of everything, whoever wrote."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.editing import tags, verdicts
from datasets.errors import DatasetsError
from datasets.handover import learnable
from datasets.records import Label
from datasets.showing import media
from datasets.speed.latest import Latest
from datasets.storage import blocks, collection, documents, kept_blocks, labels, layout, schemas, store, tallies
from datasets.workspace import Workspace

BOX = (0.0, 0.0, 0.5, 0.5)
NAMES = ("cat", "dog", "emu")
SPLITS = ("train", "val", "test", "")
FIELDS = {"ground_truth": "detections", "scene": "classification", "pred_r1": "detections"}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SIZE", 3)


def restart() -> None:
    """What another process knows: nothing but what lies in the database."""
    tallies._latest = Latest()


def by_hand(name: str) -> dict[str, Any]:
    """Everything, counted one by one."""
    splits, tagged, classes = Counter[str](), Counter[str](), {key: Counter[str]() for key in FIELDS}
    masks, sure, folders = Counter[str](), Counter[str](), set[str]()
    for raw in collection.stream(name):
        splits[raw.get("split") or ""] += 1
        tagged.update(raw["tags"])
        folders.add(raw["filepath"].rpartition("/")[0])
        for key in FIELDS:
            for item in labels.items(raw.get(key)):
                classes[key][item["label"]] += 1
                masks[key] += item.get("mask_path") is not None
                sure[key] += item.get("confidence") is not None
                folders |= {item["mask_path"].rpartition("/")[0]} if item.get("mask_path") else set()
    facts = {key: (dict(classes[key]), masks[key], sure[key]) for key in FIELDS}
    return {"splits": dict(splits), "tags": dict(tagged), "fields": facts, "folders": frozenset(folders)}


def told(name: str, patience: float | None = None) -> dict[str, Any]:
    found = tallies.of(name, patience)
    facts = {key: (dict(one.classes), one.masks, one.confidences) for key, one in found.fields.items()}
    return {
        "splits": dict(found.splits),
        "tags": dict(found.tags),
        "fields": {key: facts.get(key, ({}, 0, 0)) for key in FIELDS},
        "folders": found.folders,
    }


class Writers:
    """Every way to write: ours, and what others do to the same database."""

    def __init__(self) -> None:
        self.made = 0
        store.create("d", {"ground_truth": "detections", "scene": "classification"})

    def ids(self, k: int, n: int = 2) -> list[str]:
        known = [str(one["_id"]) for one in collection.stream("d", {}, {"_id": 1})]
        return [known[(k + i) % len(known)] for i in range(min(n, len(known)))] if known else []

    def add(self, k: int) -> None:
        fresh = [self.document(k + i) for i in range(1 + k % 5)]
        collection.insert("d", fresh)

    def document(self, k: int) -> dict[str, Any]:
        self.made += 1
        boxes = [Label(NAMES[(k + i) % 3], BOX, mask_path=f"/m{k % 2}/x.png" if i == 1 else None) for i in range(k % 4)]
        scene = labels.to_document("classification", [Label(NAMES[k % 3], confidence=0.5)]) if k % 2 else None
        return collection.sample_document(
            f"/in{k % 3}/{self.made}.png", split=SPLITS[k % 4] or None, tags=["odd"] if k % 3 == 0 else [],
            ground_truth=labels.to_document("detections", boxes), scene=scene,
        )  # fmt: skip

    def insert_before_all_others(self, k: int) -> None:
        early = self.document(k) | {"_id": ObjectId(f"{1 + self.made:024x}")}
        collection.insert("d", [early])

    def tag(self, k: int) -> None:
        tags.add("d", self.ids(k), NAMES[k % 3])

    def untag(self, k: int) -> None:
        tags.remove("d", self.ids(k, 4), NAMES[k % 3])

    def split(self, k: int) -> None:
        collection.update("d", [(one, {"split": SPLITS[k % 4] or None}) for one in self.ids(k)])

    def remove(self, k: int) -> None:
        collection.remove("d", self.ids(k, 1 + k % 3))

    def verdict(self, k: int) -> None:
        for one in collection.by_ids("d", self.ids(k, 1)):
            for item in labels.items(one.get("ground_truth")):
                verdicts.give("d", str(one["_id"]), "ground_truth", str(item["_id"]), "relabel", label=NAMES[k % 3])

    def undo(self, k: int) -> None:
        for one in verdicts.given("d")[:1]:
            with suppress(DatasetsError):  # its label was deleted or changed since
                verdicts.undo("d", one.id)

    def predict(self, k: int) -> None:
        schemas.declare("d", {"pred_r1": "detections"})
        found = labels.to_document("detections", [Label(NAMES[k % 3], BOX, 0.5)])
        collection.update("d", [(one, {"pred_r1": found}) for one in self.ids(k, 3)])

    def forget_predictions(self, k: int) -> None:
        schemas.undeclare("d", ["pred_r1"])

    def by_fiftyone(self, k: int) -> None:
        theirs = collection.load("d")
        for one in self.ids(k, 1):
            sample = theirs[one]
            sample.tags.append("theirs")
            sample["split"] = "val"
            sample.save()

    def by_fiftyone_in_bulk(self, k: int) -> None:
        theirs = collection.load("d")
        if len(theirs):
            theirs.set_values("split", [SPLITS[(k + i) % 4] for i in range(len(theirs))])

    def deleted_by_fiftyone(self, k: int) -> None:
        collection.load("d").delete_samples(self.ids(k, 1))

    def by_script(self, k: int) -> None:
        """pymongo alone, no time of change is moved; noticed when nothing else was written meanwhile."""
        told("d")
        collection.samples("d").update_many({"_id": {"$in": layout.object_ids(self.ids(k))}}, {"$set": {"split": "x"}})

    def look(self, k: int) -> None:
        assert told("d", patience=60 if k % 2 else None) == by_hand("d")

    def restart(self, k: int) -> None:
        restart()


ACTIONS = [name for name in vars(Writers) if not name.startswith("_") and name not in ("ids", "document")]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 11)), min_size=4, max_size=14))
def test_counts_equal_a_full_count_after_any_sequence_of_writes(
    database: Workspace, steps: list[tuple[str, int]]
) -> None:
    for name in store.names(hidden=True):
        store.delete(name)
    writers = Writers()
    writers.add(9)
    for action, k in steps:
        getattr(writers, action)(k)
        if action == "by_script":
            assert told("d") == by_hand("d")
    assert told("d", patience=60) == by_hand("d")
    assert told("d") == by_hand("d")
    restart()
    assert told("d") == by_hand("d")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The blocks that are counted, not merely looked at."""
    made, real = list[Any](), blocks._counted_one

    def spy(*args: Any) -> Any:
        made.append(args[1])
        return real(*args)

    monkeypatch.setattr(blocks, "_counted_one", spy)
    yield made


@pytest.mark.parametrize("again", [lambda: None, restart], ids=["same process", "after a restart"])
def test_a_change_counts_its_own_block_alone(
    database: Workspace, counted: list[Any], again: Callable[[], None]
) -> None:
    writers = Writers()
    collection.insert("d", [writers.document(k) for k in range(12)])
    tallies.of("d")
    assert len(counted) == 4
    counted.clear()
    again()
    assert tallies.of("d").count == 12 and not counted
    tags.add("d", writers.ids(4, 1), "odd one")
    assert tallies.of("d").tags["odd one"] == 1
    assert len(counted) == 1


def test_what_a_task_or_the_guard_asks_is_known_without_reading_samples(
    database: Workspace, counted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    writers = Writers()
    collection.insert("d", [writers.document(3) for _ in range(6)])
    tallies.of("d")
    counted.clear()
    monkeypatch.setattr(collection, "stream", None)
    assert learnable.has_masks("d", "ground_truth") and not learnable.has_masks("d", "scene")
    assert media.folders() == {"/in0", "/m1"}
    assert store.summary("d").class_counts["scene"] == {"cat": 6}
    assert not counted


def test_after_a_restart_a_page_shows_what_was_counted_before_it_while_blocks_are_compared(
    database: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers, gate, real = Writers(), threading.Event(), blocks._glance
    collection.insert("d", [writers.document(3) for _ in range(6)])
    before = tallies.of("d").count
    collection.insert("d", [writers.document(3)])
    restart()
    monkeypatch.setattr(blocks, "_glance", lambda *args: (gate.wait(20), real(*args))[1])
    assert tallies.of("d", patience=0.01).count == before == 6
    gate.set()
    assert tallies.of("d").count == 7


def test_counts_of_a_deleted_dataset_are_gone(database: Workspace) -> None:
    Writers().add(9)
    tallies.of("d")
    found = documents.of("d")["_id"]
    store.delete("d")
    assert kept_blocks.load(found) == []


def test_a_row_is_found_by_its_block(database: Workspace) -> None:
    writers = Writers()
    ids = collection.insert("d", [writers.document(k) for k in range(11)])
    found = tallies.of("d")
    for row in range(11):
        first, before = found.start(row)
        inside = [one for one in ids if ObjectId(one) >= first]
        assert inside[before] == ids[row]
