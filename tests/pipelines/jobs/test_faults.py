"""Jobs while the outside fails: a full disk, a database that is down, a password that nobody may read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.jobs import launch, ledger, queue
from pipelines.runs import progress
from pipelines.runs.events import EventWriter, read_events
from tests.pipelines.jobs.test_supervisor import ended
from tests.small_disk import mounted

SECRET = "hunter2-topsecret"


def test_a_job_that_filled_the_disk_says_so_once_there_is_room(tmp_path: Path) -> None:
    said = mounted(
        tmp_path,
        "size=16m",
        """
        import time
        from datasets.workspace import Workspace
        from pipelines.runs.events import read_events
        from pipelines.jobs import launch, queue
        os.environ |= {"FOVEAL_DEVICES": "cpu", "FOVEAL_IDLE": "2"}
        home = Workspace(disk)
        code = (
            "import errno, sys; sys.argv = ['', %r]; from pathlib import Path; from pipelines.runs import failures;"
            "from pipelines.runs.events import EventWriter\\n"
            "try:\\n"
            "    with open(%r, 'wb', buffering=0) as file:\\n"
            "        while file.write(bytes(4096)): pass\\n"
            "except OSError as error: sys.exit(failures.report(error, EventWriter(Path(%r))))"
        ) % (str(disk), str(disk / "ballast"), str(disk / "runs/ra/events.jsonl"))
        queue.enqueue(home, "ra", [sys.executable, "-c", code])
        until = time.monotonic() + 30
        while not (disk / "runs/ra/exit").exists() and time.monotonic() < until:
            time.sleep(0.05)
        print("exit", (disk / "runs/ra/exit").read_text())
        (disk / "ballast").unlink()
        while not queue.job(home, "ra").ended_already and time.monotonic() < until:
            time.sleep(0.05)
        job = queue.job(home, "ra")
        print(job.state, job.exit_code)
        print(read_events(disk / "runs/ra/events.jsonl")[0][-1]["title"])
        queue.enqueue(home, "rb", [sys.executable, "-c", "pass"])
        while not queue.job(home, "rb").ended_already and time.monotonic() < until:
            time.sleep(0.05)
        print(queue.job(home, "rb").state)
        launch.stop(home)
        """,
    )
    assert said.splitlines() == ["exit 28", "failed 28", "The disk is full", "done"]


def test_a_lost_job_says_that_the_machine_was_started_anew(supervised: Workspace) -> None:
    (supervised.runs / "ra").mkdir(parents=True)
    with ledger.opened(supervised) as db:
        ledger.insert(db, "ra", ["true"], name="n", kind="train", task="t")
        ledger.claim(db, "ra", "cpu", os.getpid(), "00000000-another-start/5")
    assert ended(supervised, "ra") == "lost"
    assert "started anew" in read_events(supervised.runs / "ra" / "events.jsonl")[0][-1]["cause"]


def test_what_a_job_said_itself_is_not_hidden_when_it_is_lost(supervised: Workspace) -> None:
    (supervised.runs / "ra").mkdir(parents=True)
    writer = EventWriter(supervised.runs / "ra" / "events.jsonl")
    writer.write("start", pid=1, resumed=False)
    writer.write("error", title="The disk is full", cause="c", action="a")
    with ledger.opened(supervised) as db:
        ledger.insert(db, "ra", ["true"], name="n", kind="train", task="t")
        ledger.claim(db, "ra", "cpu", os.getpid(), "00000000-another-start/5")
    assert ended(supervised, "ra") == "lost"
    assert read_events(writer.path)[0][-1]["title"] == "The disk is full"


def test_half_an_event_takes_no_other_with_it(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path / "events.jsonl")
    writer.write("note", text="one")
    with writer.path.open("ab") as file:
        file.write(b'{"kind": "note", "te')  # as far as the disk had room
    writer.write("note", text="three")
    assert [event["text"] for event in read_events(writer.path)[0]] == ["one", "three"]


def test_no_password_is_printed_or_kept(supervised: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", f"mongodb://me:{SECRET}@127.0.0.1:9/?serverSelectionTimeoutMS=200")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:{SECRET}@127.0.0.1:9")
    monkeypatch.delenv("FOVEAL_DATABASE_URI", raising=False)
    run = queue.submit(supervised, kind="train", name="n", task="detection", view=ViewSpec(dataset="d"))
    verbs = (
        ["doctor"],
        ["datasets"],
        ["jobs", "--json"],
        ["export", "d", str(supervised.home / "x"), "--format", "coco"],
    )
    said = ""
    for verb in verbs:
        done = subprocess.run(
            [sys.executable, "-m", "app", *verb], cwd=launch.ROOT, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        said += done.stdout + done.stderr
    assert ended(supervised, run.id, 60) == "failed"
    error = progress.status(run).error
    assert error is not None and error["title"] == "The database cannot be reached"
    command = [sys.executable, "-m", "pipelines.mlflow_log", str(run.folder)]
    tracked = subprocess.run(
        command, env={**launch.environment(supervised), "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}, cwd=launch.ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said += tracked.stdout + tracked.stderr
    files = [path for path in supervised.home.rglob("*") if path.is_file()]
    assert run.log in files and run.events in files
    assert "***@127.0.0.1:9" in said
    assert SECRET not in said
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
