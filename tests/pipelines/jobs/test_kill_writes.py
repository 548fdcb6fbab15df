"""Jobs killed while they write predictions and evaluations; and a keeper killed while its job trains."""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from datasets.evaluation import stored as kept
from datasets.evaluation.objects import table
from datasets.exchange import importing
from datasets.handover import manifest, predictions
from datasets.storage import collection
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.jobs import queue
from pipelines.runs import checkpoints, progress
from pipelines.runs.events import read_events
from pipelines.runs.run import Run, write_durable
from tests.benchmarks.scene import predicted, preview, scene
from tests.datasets.storage.test_crash import content
from tests.helpers import make_class_folders
from tests.pipelines.jobs.conftest import end_all

N = 1500


@pytest.fixture
def supervised_database(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("FOVEAL_DEVICES", "cpu")
    monkeypatch.setenv("FOVEAL_IDLE", "3")
    yield database
    end_all(database)


def wait_for(happened: Callable[[], object], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.01)


def steps(run: Run) -> list[str]:
    return [event["name"] for event in read_events(run.events)[0] if event["kind"] == "step"]


def written(home: Workspace, name: str, folder: Path) -> Run:
    """A job that has predicted already: what is left for it is to store and to score."""
    importing.ingest(preview(scene(N)), name, None)
    ids = [str(found["_id"]) for found in collection.stream(name, projection={"_id": 1})]
    config = {"weights": "none"}
    run = Run.create(home, kind="train", name=name, task="detection", config=config, view=ViewSpec(dataset=name))
    (folder / "weights.bin").write_bytes(b"w")
    about: dict[str, Any] = {
        "config": {},
        "classes": [f"class {n}" for n in range(10)],
        "preprocess": {},
        "metrics": {},
    }
    checkpoints.save(run.checkpoint, folder / "weights.bin", task="detection", family="yolo", **about)
    predicted(scene(N), ids, folder).replace(run.predictions)
    manifest.freeze(run.request.view, "ground_truth", run.manifest)  # type: ignore[arg-type]
    write_durable(run.folder / "steps.json", '["freeze", "check", "train", "predict"]')
    return run


def strike(home: Workspace, run: Run, who: str) -> None:
    job = queue.job(home, run.id)
    pid = job.keeper if who == "keeper" else job.pid
    if pid and not job.ended_already:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def writes(run: Run, step: str, since: int) -> bool:
    """Whether the newest attempt is in the middle of this step: it has told of some progress there."""
    kinds = [event.get("name", event["kind"]) for event in read_events(run.events, since)[0]]
    return step in kinds and "progress" in kinds[kinds.index(step) :]


def ended(home: Workspace, run: Run) -> str:
    wait_for(lambda: queue.job(home, run.id).ended_already, 240)
    return queue.job(home, run.id).state


def go_on(home: Workspace, run: Run) -> None:
    queue.enqueue(home, run.id, [sys.executable, "-m", "pipelines.jobs", str(run.folder)], task="detection")


def without_id(found: Any, run: Run) -> Any:
    """With the id of the run taken out, and the ids of matched labels, which are made anew by every attempt."""
    return json.loads(
        json.dumps(found, default=str).replace(run.id, "RUN"),
        object_hook=lambda one: {key: value for key, value in one.items() if key != "eval_RUN_id"},
    )


@pytest.mark.parametrize("strikes", [("job",), pytest.param(("keeper", "job", "keeper"), marks=pytest.mark.slow)])
def test_a_job_killed_while_it_writes_ends_as_one_that_was_not(
    supervised_database: Workspace, tmp_path: Path, strikes: tuple[str, ...]
) -> None:
    home, runs = supervised_database, {}
    for name in ("calm", "rough"):
        (tmp_path / name).mkdir()
        runs[name] = written(home, name, tmp_path / name)
    go_on(home, runs["calm"])
    rough, since, hit = runs["rough"], 0, 0
    go_on(home, rough)
    assert ended(home, runs["calm"]) == "done", runs["calm"].log.read_text()
    for step in ("store", "score"):
        for who in strikes:
            wait_for(lambda: writes(rough, step, since) or queue.job(home, rough.id).ended_already)  # noqa: B023
            strike(home, rough, who)
            state = ended(home, rough)
            hit += state in ("failed", "lost")
            if state == "done":
                break
            since = rough.events.stat().st_size
            queue.resume(home, rough.id)
    assert ended(home, rough) == "done", rough.log.read_text()
    assert hit >= 1, "no kill came before the end"
    assert without_id(content("rough"), rough) == without_id(content("calm"), runs["calm"])
    reports = [table.read(kept.table_path(name, run.id)).about["reports"] for name, run in runs.items()]
    assert without_id(reports[1], rough)["val"]["metrics"] == without_id(reports[0], runs["calm"])["val"]["metrics"]
    known = [predictions.info(name, run.field)["complete"] for name, run in runs.items()]
    assert known == [True, True]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [8, 9])
def test_a_training_whose_keeper_was_killed_equals_the_unbroken_one(
    supervised_database: Workspace, tmp_path: Path, seed: int
) -> None:
    chance, home = random.Random(seed), supervised_database
    importing.ingest(make_class_folders(tmp_path / "source", 24), "shades", None)
    options = {"weights": "none", "epochs": 12, "batch": 4, "device": "cpu", "workers": 0, "patience": 0, "seed": 3}
    made = {"kind": "train", "task": "classification", "preset": "fast", "view": ViewSpec(dataset="shades")}
    known = registry.task("classification").config.model_fields
    changes = {name: value for name, value in options.items() if name in known}
    whole, broken = (queue.submit(home, name=name, changes=changes, **made) for name in ("whole", "broken"))
    assert ended(home, whole) == "done", whole.log.read_text()
    for _ in range(2):
        epochs = sum(event["kind"] == "epoch" for event in read_events(broken.events)[0])
        wait_for(lambda: len([1 for one in read_events(broken.events)[0] if one["kind"] == "epoch"]) > epochs)  # noqa: B023
        time.sleep(chance.uniform(0, 0.3))
        strike(home, broken, "keeper")
        if ended(home, broken) == "done":
            break
        assert queue.job(home, broken.id).state == "lost"
        queue.resume(home, broken.id)
    assert ended(home, broken) == "done", broken.log.read_text()
    assert queue.job(home, broken.id).attempt > 1, "no kill came before the end"
    assert progress.status(broken).curves == progress.status(whole).curves
    first, second = (load_file(checkpoints.load(run.checkpoint).weights) for run in (whole, broken))
    assert first.keys() == second.keys() and all((first[name] == second[name]).all() for name in first)
    assert reported(whole)["metrics"] == reported(broken)["metrics"]


def reported(run: Run) -> Any:
    return json.loads(run.report.read_text())
