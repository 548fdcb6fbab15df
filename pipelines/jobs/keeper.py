"""`python -m pipelines.jobs.keeper <home> <run> <device>`: the process that waits for one job.

It claims the job, records the process, ends what the job left behind, writes the exit code into the run folder and
has a finished run tracked.
It outlives the app and the supervisor. While it lives it holds the lock of the run folder, so that a new supervisor
knows that the job is cared for; when it dies before it wrote the exit code, the job is lost.
"""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from datasets.workspace import ROOT, Workspace
from pipelines import resources
from pipelines.jobs import launch, ledger, processes
from pipelines.jobs.ledger import Job
from pipelines.jobs.processes import KEPT
from pipelines.runs.evidence import Memory

ROOM = 512  # bytes of the exit file
KILLED = (-9, 137)


def main(home: str, run: str, device: str) -> int:
    """Run one job to its end. Returns 0 also when somebody else claimed it first."""
    workspace = Workspace(Path(home))
    folder = workspace.runs / run
    signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    )  # at shutdown the job gets its own TERM; its exit code is still wanted
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        job = _claim(workspace, run, device)
        if job is None:
            return 0
        _reserve(folder)
        memory = Memory.now()
        code = _execute(workspace, job, folder)
        processes.kill(job)
        _leave(folder, code, memory.ran_out() if code in KILLED else "")
    launch.wake(workspace)
    if code == 0 and (folder / "job.json").exists():
        _track(workspace, folder)
    return 0


def _claim(workspace: Workspace, run: str, device: str) -> Job | None:
    with ledger.opened(workspace) as db:
        if not ledger.claim(db, run, device, os.getpid(), processes.born(os.getpid()) or ""):
            return None
        return ledger.find(db, run)


def _execute(workspace: Workspace, job: Job, folder: Path) -> int:
    with (folder / "log.txt").open("ab") as log:
        try:
            child = _start(workspace, job, log)
        except OSError as error:
            log.write(f"the job could not be started: {error}\n".encode())
            return 127
        born = processes.born(child.pid)
        with ledger.opened(workspace) as db:
            ledger.change(db, job.run, pid=child.pid, born=born)
        _let_go(child)
        return child.wait()


def _start(workspace: Workspace, job: Job, log: IO[bytes]) -> subprocess.Popen[bytes]:
    # The shell waits for a word from us and gives up when we die: no job runs whose process id is not recorded.
    gate = 'read go && [ "$go" = go ] || exit 125; exec "$@"'
    return subprocess.Popen(
        ["/bin/sh", "-c", gate, "job", *job.argv],
        env=launch.environment(workspace) | resources.environment(job.device or "cpu", job.wish) | {KEPT: "1"},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        process_group=0,
    )


def _let_go(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(b"go\n")
        child.stdin.close()
    except BrokenPipeError:  # killed already; its exit code says so
        pass


def _track(workspace: Workspace, folder: Path) -> None:
    # After the job is done: importing MLflow takes seconds that nobody should wait for.
    command = [sys.executable, "-m", "pipelines.mlflow_log", str(folder)]
    subprocess.run(command, env=launch.environment(workspace), cwd=ROOT, stdin=subprocess.DEVNULL, check=False)


def _reserve(folder: Path) -> None:
    """Take the room of the exit file beforehand, for the disk may be full when the job ends."""
    with (folder / "exit.part").open("wb") as file:
        file.write(b" " * ROOM)
        file.flush()
        os.fsync(file.fileno())


def _leave(folder: Path, code: int, ran_out: str) -> None:
    """The exit code, and in a second line the evidence that memory ran out, if any."""
    part = folder / "exit.part"
    with part.open("r+") as file:
        file.write(f"{code}\n{ran_out}"[:ROOM] if ran_out else str(code))
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / "exit")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
