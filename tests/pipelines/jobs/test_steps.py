import os
import threading
from pathlib import Path

import pytest

from datasets.workspace import Workspace
from pipelines.jobs import steps
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run


def test_weights_are_looked_for_where_whoever_asked_had_them(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of a job is that of whoever woke the supervisor, maybe in another shell."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOVEAL_WEIGHTS", os.pathsep.join(["mine", "/usr/weights"]))
    run = Run.create(workspace, kind="train", name="a", task="detection")
    monkeypatch.setenv("FOVEAL_WEIGHTS", "/of/another/shell")
    worker, seen = tmp_path / "worker", tmp_path / "seen"
    worker.write_text(f'#!/bin/sh\nprintf %s "$FOVEAL_WEIGHTS" > {seen}\n')
    worker.chmod(0o755)
    monkeypatch.setattr(steps.sys, "executable", str(worker))
    steps.work(steps.Context(workspace, run, EventWriter(run.events), threading.Event()), "train")
    assert seen.read_text() == os.pathsep.join([str(tmp_path / "mine"), "/usr/weights"])
