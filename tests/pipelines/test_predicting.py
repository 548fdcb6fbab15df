import threading
from pathlib import Path

import pytest

from datasets.errors import ClassMismatch
from pipelines import predicting
from pipelines.detection.config import Config
from pipelines.errors import ConfigError, Stopped
from pipelines.runs.events import EventWriter, read_events

PATHS = ["a.png", "b.png", "c.png"]


def test_unreadable_images_are_findings_and_all_count_as_done(tmp_path: Path) -> None:
    batches = [[(1, "b"), (0, None)], [(2, "c")]]
    events = EventWriter(tmp_path / "events.jsonl")
    assert list(predicting.each(batches, PATHS, events, threading.Event())) == [(1, "b"), (2, "c")]
    written, _ = read_events(tmp_path / "events.jsonl")
    assert [event["where"] for event in written if event["kind"] == "finding"] == ["a.png"]
    assert written[-1]["kind"] == "progress" and (written[-1]["done"], written[-1]["total"]) == (3, 3)


def test_a_stop_ends_it_between_two_batches(tmp_path: Path) -> None:
    stop = threading.Event()
    found = predicting.each([[(0, "a")], [(1, "b")]], PATHS, EventWriter(tmp_path / "events.jsonl"), stop)
    assert next(found) == (0, "a")
    stop.set()
    with pytest.raises(Stopped):
        next(found)


def test_options_are_those_of_prediction_alone() -> None:
    found = predicting.options(Config, ("confidence",), {"confidence": 0.3, "epochs": 7, "of_another_version": 1})
    assert (found.confidence, found.epochs) == (0.3, Config().epochs)
    with pytest.raises(ConfigError, match="confidence"):
        predicting.options(Config, ("confidence",), {"confidence": 3})


def test_a_dataset_without_labels_fits_any_model() -> None:
    predicting.compare_classes(["cat"], [])
    predicting.compare_classes(["cat", "dog"], ["dog", "bird"])
    with pytest.raises(ClassMismatch):
        predicting.compare_classes(["cat"], ["bird"])
