"""The loop through the real machinery: a tiny detector, a real database, real processes."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.jobs import launch, queue
from pipelines.jobs.ledger import Job
from pipelines.runs import progress
from pipelines.runs.events import Event, read_events
from pipelines.runs.run import Run
from tests.helpers import make_coco
from tests.pipelines.jobs.conftest import end_all

TINY = {"weights": "none", "image_size": 32, "batch": 4, "device": "cpu", "workers": 0, "patience": 0}


@pytest.fixture
def tiny(database: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace with the dataset `tiny` of twelve images."""
    from datasets.exchange import importing

    monkeypatch.setenv("FOVEAL_DEVICES", "cpu")
    monkeypatch.setenv("FOVEAL_IDLE", "3")
    importing.ingest(make_coco(tmp_path / "source", n=12), "tiny")
    yield database
    end_all(database)


def train(workspace: Workspace, **changes: object) -> Run:
    options = {**TINY, **changes}
    return queue.submit(
        workspace,
        kind="train",
        name="t",
        task="detection",
        preset="fast",
        changes=options,
        view=ViewSpec(dataset="tiny"),
    )


def ended(workspace: Workspace, run: Run, seconds: float = 240) -> Job:
    until = time.monotonic() + seconds
    while not queue.job(workspace, run.id).ended_already:
        assert time.monotonic() < until, run.log.read_text()
        time.sleep(0.2)
    return queue.job(workspace, run.id)


def events(run: Run, kind: str) -> list[Event]:
    return [event for event in read_events(run.events)[0] if event["kind"] == kind]


def wait_for(happened: Callable[[], object], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.05)


def test_a_job_without_its_dataset_says_so(tiny: Workspace) -> None:
    run = queue.submit(tiny, kind="train", name="t", task="detection", view=ViewSpec(dataset="gone"))
    assert ended(tiny, run).state == "failed"
    said = progress.status(run).error
    assert said is not None
    assert said["title"] == "The dataset is gone"
    assert "'gone'" in said["cause"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [51, 52])
def test_a_training_killed_at_random_moments_is_finished_by_resume(tiny: Workspace, seed: int) -> None:
    chance = random.Random(seed)
    run = train(tiny, epochs=6)
    request = run.job.read_bytes()
    for victim in chance.sample(["job", "worker", "keeper", "supervisor"], 4):
        wait_for(lambda: trains(run))
        time.sleep(chance.uniform(0, 8))
        strike(tiny, run, victim)
        if victim != "supervisor":
            job = ended(tiny, run)
            assert job.state in ("failed", "lost", "done")
            if job.state == "done":
                break
            assert progress.status(run).error is not None
            manifest = run.manifest.read_bytes()
            attempts = len(events(run, "start"))
            queue.resume(tiny, run.id)
            wait_for(lambda: len(events(run, "start")) > attempts)  # noqa: B023
            assert run.manifest.read_bytes() == manifest
    assert ended(tiny, run).state == "done", run.log.read_text()
    assert run.job.read_bytes() == request
    assert [epoch for epoch, _ in progress.status(run).curves["map"]] == [1, 2, 3, 4, 5, 6]
    assert json.loads(run.report.read_text())["card"]["samples"] == 4


@pytest.mark.slow
def test_stop_keeps_a_checkpoint_and_resume_goes_on_from_there(tiny: Workspace) -> None:
    run = train(tiny, epochs=40)
    wait_for(lambda: len(events(run, "epoch")) >= 2)
    queue.cancel(tiny, run.id)
    job = ended(tiny, run, 60)
    assert (job.state, job.exit_code) == ("cancelled", 3)
    assert (run.checkpoint / "classes.json").exists()
    done = events(run, "epoch")[-1]["epoch"]
    queue.resume(tiny, run.id)
    wait_for(lambda: events(run, "epoch")[-1]["epoch"] > done)
    assert min(event["epoch"] for event in events(run, "epoch")[done:]) >= done
    queue.cancel(tiny, run.id)
    assert ended(tiny, run, 60).state == "cancelled"


def trains(run: Run) -> bool:
    """Whether the newest attempt has reached its training."""
    kinds = [event.get("name", "start") for event in read_events(run.events)[0] if event["kind"] in ("start", "step")]
    return kinds[-1:] == ["train"]


def strike(workspace: Workspace, run: Run, victim: str) -> None:
    """kill -9."""
    import psutil

    job = queue.job(workspace, run.id)
    pid = {"job": job.pid, "keeper": job.keeper, "supervisor": launch.supervisor_pid(workspace)}.get(victim)
    if victim == "worker":
        with suppress(psutil.Error):
            pid = next((child.pid for child in psutil.Process(job.pid).children()), None)
    if pid is not None and not job.ended_already:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
