"""The journey of every registered task: import, train, predict, store, score, look; through real jobs on tiny data."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import tasks
from datasets.evaluation import engines
from datasets.exchange import importing
from datasets.handover import embeddings, predictions
from datasets.labeling import ranking
from datasets.storage import collection, store
from datasets.views import resolve
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.job import Job
from pipelines.jobs import queue
from pipelines.runs import checkpoints
from pipelines.runs.events import EventWriter, read_events
from pipelines.runs.reports import figures_of
from pipelines.runs.run import Ranking, Run
from tests.helpers import make_class_folders, make_coco, make_coco_masks, make_coco_poses, make_mask_folders
from tests.pipelines.jobs.conftest import end_all

SECONDS = 300  # that a job may take on a busy machine
TWICE = registry.TASKS[0]  # whose model predicts once more: that is the same for every task
STEPS = ["freeze", "check", "train", "predict", "store", "score"]


@dataclass(frozen=True)
class Journey:
    """Where a task learns: a source that an importer reads, and options that make learning short."""

    source: Callable[[Path], Path]
    options: Mapping[str, Any]


SHORT = {"weights": "none", "epochs": 1, "batch": 4, "device": "cpu", "workers": 0}
JOURNEYS = {
    "detection": Journey(make_coco, {**SHORT, "model": "yolov8n", "image_size": 32, "patience": 0}),
    "classification": Journey(make_class_folders, {**SHORT, "model": "small_cnn", "learn": "all"}),
    "segmentation": Journey(make_mask_folders, {**SHORT, "crop_size": 64}),
    "instances": Journey(make_coco_masks, {**SHORT, "model": "yolo11n-seg", "image_size": 64, "max_detections": 20}),
    "pose": Journey(make_coco_poses, {**SHORT, "model": "yolov8n-pose", "image_size": 64, "max_detections": 20}),
}


@pytest.fixture
def place(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("FOVEAL_DEVICES", "cpu")
    monkeypatch.setenv("FOVEAL_IDLE", "3")
    yield database
    end_all(database)


def test_every_task_has_a_journey() -> None:
    assert set(registry.TASKS) <= set(JOURNEYS)


@pytest.mark.parametrize("name", registry.TASKS)
def test_from_the_source_to_the_figures(name: str, place: Workspace, tmp_path: Path) -> None:
    task, journey = registry.task(name), JOURNEYS[name]
    importing.ingest(journey.source(tmp_path / "source"), "tiny")
    assert name in {one.name for one in tasks.fitting("tiny")}
    field = tasks.fields(task, "tiny")[0]
    run = queue.submit(
        place, kind="train", name="t", task=name, preset="fast", changes=journey.options,
        view=ViewSpec(dataset="tiny"), label_field=field,
    )  # fmt: skip
    steps = done(place, run)
    assert steps == STEPS
    kind = checkpoints.load(run.checkpoint).kind
    assert store.summary("tiny").label_fields[run.field] == kind
    known = predictions.info("tiny", run.field)
    assert (known["complete"], known["run"], known["splits"]) == (True, run.id, ["val", "test"])
    assert len(known["weights_hash"]) == len(known["dataset_revision"]) == 64
    assert run.card.read_text().startswith(f"---\nrun: {run.id}")
    scored = json.loads(run.report.read_text())
    main = figures_of(run)[0].name
    assert 0 <= scored["metrics"][main] <= 1
    assert scored["split"] == "val"
    looked = engines.look("tiny", run.id, "val")
    assert looked.metrics[main] == pytest.approx(scored["metrics"][main], abs=1e-9)
    held = collection.load("tiny").match({"split": "val"})
    assert held.exists(run.field).count() == held.count() == looked.card.samples

    if name == TWICE:
        predicted_by_a_job_of_its_own(place, run, field)
        ranked_by_what_the_model_sees(place, run, field)
    else:
        embedded(run, tmp_path / "embeddings.parquet")
    queue.delete(place, run.id)
    for path in masks(run.field):
        assert Path(path).is_file()


def embedded(run: Run, out: Path) -> None:
    """What the model sees of every sample of its manifest is a vector of the same length."""
    asked = Job.of(run, EventWriter(out.with_suffix(".jsonl")), threading.Event())
    registry.embedder(run.request.task)(replace(asked, out=out))
    vectors = embeddings.read(out)
    assert len(vectors) == store.summary("tiny").count and len({one.shape for one in vectors.values()}) == 1
    assert all(np.isfinite(one).all() and one.any() for one in vectors.values())


def ranked_by_what_the_model_sees(place: Workspace, run: Run, field: str) -> None:
    bare = resolve.ids(ViewSpec(dataset="tiny"))[:3]
    collection.update("tiny", ((one, {field: None}) for one in bare))
    asked = Ranking(order="core_set", count=2)
    job = queue.submit(
        place, kind="rank", name="next", task=run.request.task, view=ViewSpec(dataset="tiny"), label_field=field,
        source=run.id, splits=(), ranking=asked,
    )  # fmt: skip
    assert done(place, job) == ["wait", "freeze", "check", "predict", "store", "embed", "rank"]
    chosen = resolve.ids(ranking.view("tiny"))
    assert len(chosen) == 2 and set(chosen) < set(bare)
    assert (found := ranking.last("tiny")) and (found.run, found.pool, found.count) == (run.id, 3, 2)


def predicted_by_a_job_of_its_own(place: Workspace, run: Run, field: str) -> None:
    """The model of a run on another split: its predictions join those of the run."""
    again = queue.submit(
        place, kind="predict", name="p", task=run.request.task, source=run.id, splits=(), label_field=field,
        changes={"device": "cpu"}, view=ViewSpec(dataset="tiny").of_splits("train"),
    )  # fmt: skip
    assert done(place, again) == [step for step in STEPS if step != "train"]
    assert set(json.loads(again.report.read_text())["splits"]) == {"", "train", "val"}
    queue.delete(place, again.id)


def done(place: Workspace, run: Run) -> list[str]:
    """Wait until a job is done. Returns the steps it took."""
    until = time.monotonic() + SECONDS
    while not queue.job(place, run.id).ended_already:
        assert time.monotonic() < until, run.log.read_text()
        time.sleep(0.1)
    assert queue.job(place, run.id).state == "done", run.log.read_text()
    return [event["name"] for event in read_events(run.events)[0] if event["kind"] == "step"]


def masks(field: str) -> list[str]:
    """The mask files of the predictions in a field."""
    found: list[str] = []
    for sample in collection.load("tiny").exists(field):
        label = sample[field]
        for one in getattr(label, "detections", None) or [label]:
            found += [one["mask_path"]] if getattr(one, "mask_path", None) else []
    return found
