"""Sample datasets that a start makes one after another are not offered meanwhile."""

import threading

import pytest

from app import background, data, samples
from app.components import catalog
from datasets.records import Progress


def test_those_being_made_and_those_to_come_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    began, go, made = threading.Event(), threading.Event(), list[str]()

    def prepare(name: str, progress: Progress) -> None:
        began.set()
        go.wait(10)
        made.append(name)

    monkeypatch.setattr(data, "prepare_sample", prepare)
    monkeypatch.setattr(data, "samples_to_make", lambda: ["photos", "digits"])
    monkeypatch.setattr(data, "missing_samples", lambda: ["photos", "digits", "street"])
    thread = threading.Thread(target=samples.make_missing)
    thread.start()
    assert began.wait(10)
    assert catalog.addable() == ["street"]
    go.set()
    thread.join(10)
    assert made == ["photos", "digits"] and not samples.waiting
    for name in made:
        background.forget(f"sample:{name}")
