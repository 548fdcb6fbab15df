import sqlite3
import subprocess
import sys
from pathlib import Path

from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.jobs import launch
from pipelines.runs.events import EventWriter, read_events
from pipelines.runs.run import Run


def tracked(workspace: Workspace, name: str) -> Run:
    run = Run.create(
        workspace, kind="train", name=name, task="detection", config={"epochs": 2}, view=ViewSpec(dataset="d")
    )
    events = EventWriter(run.events)
    for epoch, value in ((1, 0.1), (2, 0.3), (2, 0.2)):  # a resumed run repeats an epoch
        events.write(
            "epoch",
            epoch=epoch,
            epochs=2,
            metrics={"map": value, "class/a*/../f1": 0.5, "gone": None},
            eta=0.0,
            speed=1.0,
        )
    run.report.write_text('{"metrics": {"map": 0.25, "map_small": null}}')
    return run


def record(*runs: Run) -> None:
    """In processes of their own, all at once, as jobs that end together."""
    environment = launch.environment(Workspace.current())
    command = [sys.executable, "-m", "pipelines.mlflow_log"]
    started = [subprocess.Popen([*command, str(run.folder)], env=environment, cwd=launch.ROOT) for run in runs]
    assert [process.wait() for process in started] == [0] * len(runs)


def notes(run: Run) -> list[str]:
    return [event["text"] for event in read_events(run.events)[0] if event["kind"] == "note"]


def test_runs_that_end_at_once_are_all_tracked_and_a_broken_store_fails_none(
    workspace: Workspace, tmp_path: Path
) -> None:
    first, second = tracked(workspace, "one"), tracked(workspace, "two")
    elsewhere = Workspace(tmp_path / "elsewhere").create()
    elsewhere.tracking.write_text("this is no database")
    third = tracked(elsewhere, "three")
    record(first, second, third)
    assert notes(first) == notes(second) == []
    assert [note.partition(":")[0] for note in notes(third)] == ["the run was not written to MLflow"]
    with sqlite3.connect(workspace.tracking) as db:
        names = {row[0] for row in db.execute("select name from runs")}
        number = first.folder.joinpath("mlflow").read_text()
        points = db.execute(
            "select key, step, value from metrics where run_uuid = ? order by key, step", (number,)
        ).fetchall()
        params = dict(db.execute("select key, value from params where run_uuid = ?", (number,)).fetchall())
    db.close()
    assert names == {"one", "two"}
    assert points[:2] == [("class/a_/_/f1", 1, 0.5), ("class/a_/_/f1", 2, 0.5)]
    assert points[2:] == [("map", 1, 0.1), ("map", 2, 0.2), ("score.map", 0, 0.25)]
    assert params["epochs"] == "2"


def test_a_home_with_letters_of_an_address_is_tracked_in_it_and_nowhere_else(tmp_path: Path) -> None:
    home = Workspace(tmp_path / "ho%41me" / "is it?").create()
    run = tracked(home, "one")
    record(run)
    assert notes(run) == [] and home.tracking.stat().st_size
    assert [one.name for one in tmp_path.iterdir()] == ["ho%41me"]
