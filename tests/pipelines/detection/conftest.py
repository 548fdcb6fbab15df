"""A run of a tiny detector on drawn rectangles."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from datasets.tables import write_table
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.job import Job
from pipelines.runs.events import Event, EventWriter, read_events
from pipelines.runs.run import Run
from tests.helpers import make_rectangles


class Trial:
    """One run and what it wrote."""

    def __init__(self, run: Run) -> None:
        self.run, self.stop = run, threading.Event()

    def train(self) -> None:
        registry.trainer("detection")(self.job())

    def predict(self, manifest: Path | None = None, **options: Any) -> None:
        given = {**self.run.request.config, **options}
        registry.predictor("detection")(replace(self.job(), config=given, manifest=manifest or self.run.manifest))

    def job(self) -> Job[Any]:
        return Job.of(self.run, EventWriter(self.run.events), self.stop)

    def events(self, kind: str) -> list[Event]:
        return [event for event in read_events(self.run.events)[0] if event["kind"] == kind]

    def epochs(self) -> list[int]:
        return [event["epoch"] for event in self.events("epoch")]


@pytest.fixture
def network(workspace: Workspace, tmp_path: Path) -> Path:
    """A weights file of an untrained YOLO that knows red and green, as Ultralytics writes it."""
    import torch
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(51)
    model = DetectionModel("yolov8n.yaml", nc=2, verbose=False)
    model.names = {0: "red", 1: "green"}
    for head in model.model[-1].cv3:  # an untrained head scores just below the confidence floor
        torch.nn.init.constant_(head[-1].bias, -4.0)
    file = tmp_path / "untrained.pt"
    torch.save({"model": model, "train_args": {"imgsz": 64, "model": "yolov8n.yaml"}}, file)
    return file


@pytest.fixture
def trial(workspace: Workspace, tmp_path: Path) -> Callable[..., Trial]:
    """Make a run: options over a tiny config."""
    return lambda **options: made(workspace, tmp_path, **options)


@pytest.fixture(scope="module")
def place(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace for runs that the tests of a module share."""
    fresh = Workspace(tmp_path_factory.mktemp("shared") / "home").create()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEAL_HOME", str(fresh.home))
        yield fresh


def made(workspace: Workspace, folder: Path, **options: Any) -> Trial:
    """A run on rectangles drawn in a folder: options over a tiny config."""
    tiny = {"image_size": 64, "batch": 4, "epochs": 1, "weights": "none", "device": "cpu", "predict_batch": 4}
    config = registry.task("detection").resolve("fast", {**tiny, **options})
    run = Run.create(workspace, kind="train", name="tiny", task="detection", config=config.model_dump())
    write_table(make_rectangles(folder / "images"), run.manifest)
    return Trial(run)
