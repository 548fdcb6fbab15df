import time
from pathlib import Path

import pytest

from datasets.workspace import Workspace
from pipelines import clock
from pipelines.runs import progress
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run


def started(workspace: Workspace) -> tuple[Run, EventWriter]:
    run = Run.create(workspace, kind="train", name="n", task="detection")
    return run, EventWriter(run.events)


def epoch(events: EventWriter, number: int, loss: float) -> None:
    events.write("epoch", epoch=number, epochs=5, metrics={"loss": loss, "map": None}, eta=9.0, speed=12.5)


def test_a_run_without_events_has_an_empty_status(workspace: Workspace) -> None:
    run, _ = started(workspace)
    assert progress.status(run) == progress.RunStatus()


def test_the_number_of_epochs_is_known_before_the_first_one_ended(workspace: Workspace) -> None:
    run = Run.create(workspace, kind="train", name="n", task="detection", config={"epochs": 7})
    assert (progress.status(run).epoch, progress.status(run).epochs) == (0, 7)


def test_steps_epochs_and_curves_are_folded(workspace: Workspace) -> None:
    run, events = started(workspace)
    events.write("start", pid=1, resumed=False)
    events.write("step", name="train", index=3, count=6)
    epoch(events, 1, 0.5)
    events.write("batch", epoch=2, batch=1, batches=4, loss=0.45, eta=7.0)
    found = progress.status(run)
    assert (found.step, found.index, found.count) == ("train", 3, 6)
    assert (found.epoch, found.epochs, found.batch, found.batches) == (1, 5, 1, 4)
    assert (found.eta, found.speed) == (7.0, 12.5)
    assert found.curves == {"loss": [(1, 0.5)]}
    assert found.loss == [(1.25, 0.45)]


def test_only_new_lines_are_read_and_a_half_line_waits(workspace: Workspace) -> None:
    run, events = started(workspace)
    epoch(events, 1, 0.5)
    first = progress.status(run)
    with run.events.open("a") as file:
        file.write('{"time": 1.0, "kind": "note", "te')
    assert progress.status(run).notes == []
    with run.events.open("a") as file:
        file.write('xt": "hello"}\n')
    assert progress.status(run).notes == ["hello"]
    assert first.notes == [], "a status that was handed out does not change"


def test_a_resumed_run_repeats_epochs_without_doubling_the_curve(workspace: Workspace) -> None:
    run, events = started(workspace)
    for number, loss in ((1, 0.5), (2, 0.4), (3, 0.35)):
        epoch(events, number, loss)
    events.write("error", title="The job was lost", cause="power", action="resume it")
    assert progress.status(run).error == {"title": "The job was lost", "cause": "power", "action": "resume it"}
    events.write("start", pid=2, resumed=True)
    epoch(events, 3, 0.3)
    found = progress.status(run)
    assert found.error is None
    assert found.curves["loss"] == [(1, 0.5), (2, 0.4), (3, 0.3)]


def test_a_line_cut_by_a_crash_takes_nothing_with_it(workspace: Workspace) -> None:
    run, events = started(workspace)
    run.events.write_text('{"time": 1.0, "kind": "no')
    events.mend()
    events.write("note", text="after")
    assert progress.status(run).notes == ["after"]


def test_a_run_that_says_nothing_for_long_is_stale(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run, events = started(workspace)
    events.write("start", pid=1, resumed=False, boot=clock.boot())
    events.write("resource", cpu=1.0, ram=2.0, gpu=None, gpu_ram=None)
    found = progress.status(run)
    assert found.resources[-1]["cpu"] == 1.0
    assert found.updated is not None
    now = clock.uptime()
    monkeypatch.setattr(time, "time", lambda: 0.0)  # somebody set the clock
    assert not found.stale() and found.silence() < 5
    monkeypatch.setattr(clock, "uptime", lambda: now + 120)
    assert found.stale()


def test_a_long_loss_curve_is_thinned_out(workspace: Workspace) -> None:
    status = progress.RunStatus()
    for number in range(5000):
        status.add({"time": 1.0, "kind": "batch", "epoch": number + 1, "batch": 1, "batches": 1, "loss": 1.0, "eta": 1})
    assert len(status.loss) <= progress.POINTS
    assert (status.loss[0][0], status.loss[-1][0]) == (1, 5000)


def test_what_is_no_event_is_passed_over(workspace: Workspace) -> None:
    run, events = started(workspace)
    events.write("from_the_future", text="?")
    assert progress.status(run).updated is not None
    assert Path(run.events).exists()
