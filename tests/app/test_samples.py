"""Sample datasets that a start makes one after another are not offered meanwhile."""

import threading

import pytest

from app import background, samples
from datasets.records import Progress
from datasets.samples import prepare
from datasets.storage import store
from datasets.workspace import Workspace


def test_those_being_made_and_those_to_come_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    began, go, made = threading.Event(), threading.Event(), list[str]()

    def make(workspace: Workspace, names: list[str], progress: Progress, *, again: bool) -> None:
        began.set()
        go.wait(10)
        made.extend(names)

    monkeypatch.setattr(prepare, "prepare", make)
    monkeypatch.setattr(prepare, "missing", lambda workspace: ["photos", "digits"])
    monkeypatch.setattr(store, "names", list)
    thread = threading.Thread(target=samples.make_missing)
    thread.start()
    assert began.wait(10)
    assert samples.addable() == ["street"]
    go.set()
    thread.join(10)
    assert made == ["photos", "digits"] and not samples.waiting
    for name in made:
        background.forget(f"sample:{name}")
