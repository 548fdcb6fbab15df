"""The supervisor: one detached process per workspace that starts queued jobs and settles ended ones.

`launch.wake` starts it; it leaves when nothing is left to do. It keeps nothing to itself: all that matters stands in
the ledger, and in the lock and the exit file of each run folder. Killed at any moment, the next one goes on from there.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection

from datasets.redacting import redacted
from datasets.workspace import ROOT, Workspace
from pipelines import clock, resources
from pipelines.jobs import launch, ledger, processes, states
from pipelines.jobs.launch import stop, supervisor_pid, wake
from pipelines.jobs.ledger import Job
from pipelines.resources import is_full
from pipelines.runs import failures
from pipelines.runs.events import EventWriter, read_events
from pipelines.runs.evidence import Memory

__all__ = ["Supervisor", "main", "stop", "supervisor_pid", "wake"]

PAUSE = 0.3  # seconds between two looks at the queue
IDLE = 60.0  # seconds without work before it leaves; FOVEAL_IDLE
GRACE = 30.0  # seconds between TERM and KILL, in which a trainer ends its batch and saves; FOVEAL_GRACE
TRIES = 3  # keepers that may break before they could claim a job


@dataclass
class Supervisor:
    """One look after the other at the queue of a workspace."""

    workspace: Workspace
    slots: list[str]
    grace: float = GRACE
    keepers: dict[str, tuple[str, subprocess.Popen[bytes]]] = field(default_factory=dict)  # by run: device, process
    broken: Counter[str] = field(default_factory=Counter)
    memory: Memory = field(default_factory=Memory.now)
    asked: dict[str, float] = field(default_factory=dict)  # by run: when it was asked to stop, by time.monotonic()

    def look(self) -> bool:
        """Settle what has ended, start what can start. Returns whether anything is queued or running."""
        with ledger.opened(self.workspace) as db:
            for job in ledger.in_state(db, "running"):
                self._settle(db, job)
            self._reap()
            running, queued = ledger.in_state(db, "running"), ledger.in_state(db, "queued")
            if not is_full(self.workspace):  # a job that begins now would fail for that; it waits
                self._start(db, running, queued)
        return bool(running or queued or self.keepers)

    def _settle(self, db: Connection, job: Job) -> None:
        folder = self.workspace.runs / job.run
        if _exit_code(folder) is None and processes.held(folder):
            if job.want == "stop":
                self._press(db, job)
            return
        code = _exit_code(folder)  # again: the keeper may have written it before it let go of the lock
        if code is None:
            processes.kill(job)
        state = states.outcome(code, job.want)
        if state in ("failed", "lost") and not _told(folder):
            _tell(folder, **self._why(job, folder, code))
        with ledger.transaction(db):
            now = ledger.find(db, job.run)
            if now and now.state == "running":
                ledger.move(db, now, state, code=code, ended=time.time())
        self.asked.pop(job.run, None)

    def _why(self, job: Job, folder: Path, code: int | None) -> dict[str, str]:
        """Title, cause and action of a job that left no word itself."""
        if code is not None:
            return failures.explain_exit(code, folder / "log.txt", _ran_out(folder))
        cause = "its processes were killed from outside"
        if not clock.here(job.keeper_born):
            cause = "the machine was started anew while it ran"
        elif ran_out := self.memory.ran_out():
            cause = f"its processes were killed: {ran_out}"
        return {"title": "The job was lost", "cause": cause, "action": "resume it"}

    def _press(self, db: Connection, job: Job) -> None:
        if job.pid is None:  # about to start
            return
        if job.run not in self.asked:  # also when a supervisor before this one asked: the grace begins anew
            self.asked[job.run] = time.monotonic()
            processes.ask_to_stop(job)
            ledger.change(db, job.run, stopping=time.time())
        elif time.monotonic() - self.asked[job.run] > self.grace:
            processes.kill(job)

    def _reap(self) -> None:
        for run, (_, keeper) in list(self.keepers.items()):
            if keeper.poll() is not None:
                del self.keepers[run]
                self.broken[run] += keeper.returncode != 0 and not is_full(self.workspace)

    def _start(self, db: Connection, running: list[Job], queued: list[Job]) -> None:
        starting = {job.run for job in queued} & self.keepers.keys()
        taken = {job.device for job in running} | {self.keepers[run][0] for run in starting}
        for job in queued:
            fitting = resources.fitting(job.wish, self.slots)
            if self.broken[job.run] >= TRIES or not fitting:
                del self.broken[job.run]
                self._refuse(db, job, bool(fitting))
                continue
            free = [slot for slot in fitting if slot not in taken]
            if free and job.run not in self.keepers:
                self.keepers[job.run] = free[0], self._spawn(job, free[0])
                taken.add(free[0])

    def _spawn(self, job: Job, device: str) -> subprocess.Popen[bytes]:
        folder = self.workspace.runs / job.run
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "pipelines.jobs.keeper", str(self.workspace.home), job.run, device],
                env=launch.environment(self.workspace),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _refuse(self, db: Connection, job: Job, device_fits: bool) -> None:
        cause = f"this machine has no device {job.wish!r}, only {', '.join(self.slots)}"
        if device_fits:
            cause = "its process ended before the job began; see the log"
        with ledger.transaction(db):
            now = ledger.find(db, job.run)
            if now and now.state == "queued":
                ledger.move(db, now, "failed", ended=time.time())
        _tell(self.workspace.runs / job.run, "The job could not be started", cause, "change that, then resume it")


def main(home: str, handle: str) -> int:
    """Work until nothing was left to do for a while. `handle` is the locked file that `wake` hands down."""
    workspace, lock = Workspace(Path(home)), int(handle)
    os.set_inheritable(lock, False)
    leave = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: leave.set())
    _work(workspace, leave)
    os.close(lock)
    # A job that came in after the last look found the lock taken and woke nobody: look once more without it.
    if not leave.is_set() and workspace.jobs.exists():
        with ledger.opened(workspace) as db:
            left = bool(ledger.in_state(db, "queued") or ledger.in_state(db, "running"))
        if left:
            wake(workspace)
    return 0


def _work(workspace: Workspace, leave: threading.Event) -> None:
    grace = float(os.environ.get("FOVEAL_GRACE", GRACE))
    idle = float(os.environ.get("FOVEAL_IDLE", IDLE))
    supervisor = Supervisor(workspace, resources.devices(workspace), grace)
    last = time.monotonic()
    while not leave.is_set() and workspace.jobs.exists():
        if _looked(supervisor):
            last = time.monotonic()
        elif time.monotonic() - last > idle:
            return
        leave.wait(PAUSE)


def _looked(supervisor: Supervisor) -> bool:
    try:
        return supervisor.look()
    except Exception:  # a full disk or a removed folder must not end it: jobs wait for it
        with suppress(OSError):
            print(redacted(traceback.format_exc()), file=sys.stderr)  # noqa: T201  (into its log)
        time.sleep(2)
        return True


def _exit_code(folder: Path) -> int | None:
    try:
        return int((folder / "exit").read_text().split("\n")[0])
    except (FileNotFoundError, ValueError):
        return None


def _ran_out(folder: Path) -> str:
    return (folder / "exit").read_text().partition("\n")[2].strip()


def _told(folder: Path) -> bool:
    """Whether the job itself said why it failed, after it began."""
    events, _ = read_events(folder / "events.jsonl")
    kinds = [event["kind"] for event in events if event["kind"] in ("start", "error")]
    return kinds[-1:] == ["error"]


def _tell(folder: Path, title: str, cause: str, action: str) -> None:
    if folder.is_dir():
        EventWriter(folder / "events.jsonl").write("error", title=title, cause=cause, action=action)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
