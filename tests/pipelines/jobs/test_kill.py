"""`kill -9` at random moments: nothing acknowledged is lost, jobs end in a true state, resume finishes."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from datasets.workspace import Workspace
from pipelines.errors import IllegalMove
from pipelines.jobs import launch, ledger, processes, queue
from pipelines.jobs.ledger import Job
from pipelines.runs.events import read_events
from pipelines.runs.run import Run

# A job that can be resumed: it counts to STEPS, keeps its count in a file, and notices a second process at its work.
STEPS = 6
WORK = """
import fcntl, os, pathlib, sys, time
folder, steps = pathlib.Path(sys.argv[1]), int(sys.argv[2])
lock = open(folder / "work.lock", "w")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    (folder / "overlap").touch()
count = folder / "count"
for n in range(int(count.read_text()) if count.exists() else 0, steps):
    time.sleep(0.15)
    part = folder / "count.part"
    part.write_text(str(n + 1))
    part.replace(count)
"""

# An app that submits until it is killed, and says so only after `submit` returned.
APP = """
import sys
from datasets.workspace import Workspace
from pipelines.jobs import queue
workspace = Workspace.current()
for n in range(10_000):
    run = f"r{n:04}"
    queue.enqueue(workspace, run, [sys.executable, "-c", sys.argv[1], str(workspace.runs / run), sys.argv[2]])
    print(run, flush=True)
"""

# The same through `submit`, with nobody woken: only the promise that a returned run is on disk is of interest.
SUBMITTING = """
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.jobs import launch, queue
launch.wake = lambda workspace: None
while True:
    run = queue.submit(Workspace.current(), kind="train", name="n", task="detection", view=ViewSpec(dataset="d"))
    print(run.id, flush=True)
"""


def kill(pid: int | None) -> None:
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def app(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=launch.ROOT, stdout=subprocess.PIPE, text=True)


def acknowledged(process: subprocess.Popen[str], after: int, chance: random.Random) -> list[str]:
    """Kill it at a random moment after so many answers; the whole lines that it said."""
    assert process.stdout is not None
    said = "".join(process.stdout.readline() for _ in range(after))
    time.sleep(chance.uniform(0, 0.05))
    process.kill()
    said += process.stdout.read()
    process.stdout.close()
    process.wait()
    return [line.strip() for line in said.splitlines(keepends=True) if line.endswith("\n")]


def count(workspace: Workspace, job: Job) -> int:
    path = workspace.runs / job.run / "count"
    return int(path.read_text()) if path.exists() else 0


@pytest.mark.parametrize("seed", [51, 52, 53])
def test_what_submit_returned_is_on_disk_after_the_app_was_killed(supervised: Workspace, seed: int) -> None:
    chance = random.Random(seed)
    runs = acknowledged(app(SUBMITTING), chance.randrange(1, 6), chance)
    with ledger.opened(supervised) as db:
        recorded = {job.run: job for job in ledger.every(db)}
        assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    assert len(runs) >= 1
    for run in runs:
        assert recorded[run].state == "queued"
        assert Run.find(supervised, run).request.config["epochs"] > 0


@pytest.mark.parametrize("seed", [51, 52])
def test_app_supervisor_and_jobs_killed_at_random_moments(supervised: Workspace, seed: int) -> None:
    chance = random.Random(seed)
    said = acknowledged(app(APP, WORK, str(STEPS)), 4, chance)
    assert set(said) <= {job.run for job in queue.jobs(supervised)}, "an acknowledged job was lost"
    runs = said[:6]
    drop_others(supervised, runs)
    for _ in range(8):
        time.sleep(chance.uniform(0, 0.4))
        victim(supervised, chance)
        queue.jobs(supervised)
    finish(supervised, runs)
    for job in queue.jobs(supervised):
        assert job.state == "done"
        assert count(supervised, job) == STEPS
        assert not (supervised.runs / job.run / "overlap").exists(), "two processes ran one job at once"


def test_a_job_outlives_the_supervisor_and_the_next_one_settles_it(supervised: Workspace) -> None:
    enqueue(supervised, "ra")
    wait_until_running(supervised, "ra")
    before = queue.job(supervised, "ra")
    kill(launch.supervisor_pid(supervised))
    finish(supervised, ["ra"], resume=False)
    after = queue.job(supervised, "ra")
    assert (after.state, after.pid, after.attempt) == ("done", before.pid, 1)


def test_the_queue_goes_on_without_anyone_looking(supervised: Workspace) -> None:
    enqueue(supervised, "ra")
    enqueue(supervised, "rb")
    wait_until_running(supervised, "ra")
    kill(launch.supervisor_pid(supervised))
    until = time.monotonic() + 20
    while time.monotonic() < until and not (supervised.runs / "rb" / "exit").exists():
        time.sleep(0.1)  # the files alone: asking the queue would wake a supervisor
    assert (supervised.runs / "rb" / "exit").read_text() == "0"


def test_a_killed_job_failed_and_resume_finishes_it(supervised: Workspace) -> None:
    enqueue(supervised, "ra")
    wait_until_running(supervised, "ra")
    kill(queue.job(supervised, "ra").pid)
    finish(supervised, ["ra"], resume=False)
    job = queue.job(supervised, "ra")
    assert (job.state, job.exit_code) == ("failed", -9)
    assert count(supervised, job) < STEPS
    assert read_events(supervised.runs / "ra" / "events.jsonl")[0][-1]["title"] == "The process was ended from outside"
    finish(supervised, ["ra"])
    assert queue.job(supervised, "ra").state == "done"


def test_a_job_whose_keeper_died_is_lost_and_nothing_of_it_runs_on(supervised: Workspace) -> None:
    enqueue(supervised, "ra")
    wait_until_running(supervised, "ra")
    job = queue.job(supervised, "ra")
    kill(job.keeper)
    finish(supervised, ["ra"], resume=False)
    assert queue.job(supervised, "ra").state == "lost"
    assert processes.same(job.pid, job.born) is None
    finish(supervised, ["ra"])
    assert queue.job(supervised, "ra").state == "done"


def enqueue(workspace: Workspace, run: str) -> None:
    queue.enqueue(workspace, run, [sys.executable, "-c", WORK, str(workspace.runs / run), str(STEPS)])


def victim(workspace: Workspace, chance: random.Random) -> None:
    """Kill one of supervisor, job and keeper."""
    with ledger.opened(workspace) as db:
        running = ledger.in_state(db, "running")
    job = running[0] if running else None
    kind = chance.choice(["supervisor", "job", "keeper", "all"])
    if kind in ("supervisor", "all"):
        kill(launch.supervisor_pid(workspace))
    if job and kind in ("job", "all") and processes.same(job.pid, job.born):
        kill(job.pid)
    if job and kind in ("keeper", "all") and processes.same(job.keeper, job.keeper_born):
        kill(job.keeper)


def finish(workspace: Workspace, runs: list[str], *, resume: bool = True) -> None:
    """Wait until every run has ended, resuming those that did not get done. Checks that each state is true."""
    until = time.monotonic() + 45
    while time.monotonic() < until:
        found = {job.run: job for job in queue.jobs(workspace)}
        assert set(runs) <= set(found), "an acknowledged job was lost"
        for job in found.values():
            if job.state == "done":
                assert count(workspace, job) == STEPS
            if job.state in ("failed", "lost"):
                assert not held_by_anyone(job)
                if resume:
                    queue.resume(workspace, job.run)
        settled = {"done"} if resume else {"done", "failed", "lost", "cancelled"}
        if all(found[run].state in settled for run in runs):
            return
        time.sleep(0.1)
    raise AssertionError("jobs did not end in time")


def held_by_anyone(job: Job) -> bool:
    return processes.same(job.pid, job.born) is not None


def wait_until_running(workspace: Workspace, run: str) -> None:
    until = time.monotonic() + 15
    while queue.job(workspace, run).pid is None:
        assert time.monotonic() < until
        time.sleep(0.02)


def drop_others(workspace: Workspace, runs: list[str]) -> None:
    """Cancel what the app queued beyond the runs of interest, so that the test stays short."""
    for job in queue.jobs(workspace):
        if job.run not in runs and not job.ended_already:
            try:
                queue.cancel(workspace, job.run)
            except IllegalMove:  # ended meanwhile
                continue
            with ledger.opened(workspace) as db:
                db.execute("delete from job where run = ? and state = 'cancelled'", (job.run,))
