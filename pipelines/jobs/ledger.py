"""The rows of the job queue: one SQLite file (WAL) that the app, the supervisor and the keepers share.

Light on purpose (no pydantic): the supervisor and one keeper per running job import it and stay in memory.
"""

import fcntl
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, cast

from datasets.workspace import Workspace
from pipelines.clock import Birth
from pipelines.jobs import states
from pipelines.jobs.states import State

VERSION = 1  # births were real numbers in tables of former versions: SQLite keeps a text there as it is

SCHEMA = """
create table job (
    run text primary key, name text not null, kind text not null, task text not null, argv text not null,
    wish text not null, state text not null default 'queued', want text not null default 'run',
    attempt integer not null default 1, created real not null, queued real not null,
    started real, stopping real, ended real, device text,
    pid integer, born text, keeper integer, keeper_born text, code integer
);
create index job_state on job (state, queued);
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One row. Times are seconds since the epoch; `position` counts from 1 among the queued, None for the others."""

    run: str
    name: str
    kind: str
    task: str
    argv: tuple[str, ...]
    wish: str  # auto, cpu, cuda or cuda:N
    state: State
    want: Literal["run", "stop"]
    attempt: int
    created: float
    queued: float
    started: float | None
    stopping: float | None  # when it was asked to stop
    ended: float | None
    device: str | None
    pid: int | None  # of the job, leader of its process group
    born: Birth | None  # of that process: its id alone may be someone else's by now
    keeper: int | None  # of the process that waits for the job, leader of its session
    keeper_born: Birth | None
    exit_code: int | None
    position: int | None = None

    @property
    def ended_already(self) -> bool:
        """Whether nothing more happens to it unless it is resumed."""
        return self.state in states.ENDED


@contextmanager
def opened(workspace: Workspace) -> Iterator[sqlite3.Connection]:
    """A connection to the queue, made on first use. Statements commit one by one; see `transaction`."""
    db = sqlite3.connect(workspace.create().jobs, timeout=30, isolation_level=None)
    try:
        db.row_factory = sqlite3.Row
        if _version(db) < VERSION:
            _lay(db, workspace)
        db.execute("pragma synchronous = full")
        yield db
    finally:
        db.close()


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and nobody else writes meanwhile."""
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        db.execute("rollback")
        raise
    db.execute("commit")


def insert(
    db: sqlite3.Connection,
    run: str,
    argv: Sequence[str],
    *,
    name: str,
    kind: str,
    task: str,
    wish: str = "auto",
    state: State = "queued",
) -> None:
    """Add a job. Once this returns it survives a power cut."""
    now = time.time()
    ended = now if state in states.ENDED else None
    db.execute(
        "insert into job (run, name, kind, task, argv, wish, state, created, queued, ended)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (run, name, kind, task, json.dumps(list(argv)), wish, state, now, now, ended),
    )


def find(db: sqlite3.Connection, run: str) -> Job | None:
    """The job of this run, if it has one."""
    row = db.execute("select * from job where run = ?", (run,)).fetchone()
    return _numbered(db, _job(row)) if row else None


def every(db: sqlite3.Connection) -> list[Job]:
    """Every job, newest first."""
    rows = db.execute("select * from job order by created desc, rowid desc").fetchall()
    line = {run: place for place, run in enumerate(_line(db), start=1)}
    return [_job(row, line.get(row["run"])) for row in rows]


def in_state(db: sqlite3.Connection, state: State) -> list[Job]:
    """The jobs in this state, in the order in which they were queued."""
    rows = db.execute("select * from job where state = ? order by queued, rowid", (state,))
    return [_job(row) for row in rows]


def move(db: sqlite3.Connection, job: Job, to: State, **changes: Any) -> None:
    """Change the state, and columns with it. Call inside `transaction`, with a job read there. Raises IllegalMove."""
    states.check(job.run, job.state, to)
    change(db, job.run, state=to, **changes)


def change(db: sqlite3.Connection, run: str, **values: Any) -> None:
    """Set columns of one row."""
    columns = ", ".join(f"{name} = :{name}" for name in values)
    db.execute(f"update job set {columns} where run = :_run", {**values, "_run": run})  # noqa: S608  (names are ours)


def remove(db: sqlite3.Connection, run: str) -> None:
    """Forget one row."""
    db.execute("delete from job where run = ?", (run,))


def claim(db: sqlite3.Connection, run: str, device: str, keeper: int, born: str) -> bool:
    """queued -> running, by the keeper that will run it. False if it is no longer queued or the device is taken.

    One statement: of two keepers that two supervisors started, one wins.
    """
    done = db.execute(
        "update job set state = 'running', device = :device, keeper = :keeper, keeper_born = :born, started = :now,"
        " pid = null, born = null, code = null, ended = null, stopping = null"
        " where run = :run and state = 'queued'"
        " and not exists (select 1 from job where state = 'running' and device = :device)",
        {"run": run, "device": device, "keeper": keeper, "born": born, "now": time.time()},
    )
    return done.rowcount == 1


def _line(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("select run from job where state = 'queued' order by queued, rowid")]


def _numbered(db: sqlite3.Connection, job: Job) -> Job:
    if job.state != "queued":
        return job
    line = _line(db)
    values = {name: getattr(job, name) for name in Job.__slots__}
    return Job(**{**values, "position": line.index(job.run) + 1 if job.run in line else None})


def _job(row: sqlite3.Row, position: int | None = None) -> Job:
    values = dict(row)
    argv = tuple(json.loads(values.pop("argv")))
    return Job(argv=argv, exit_code=values.pop("code"), position=position, **values)


def _version(db: sqlite3.Connection) -> int:
    return cast(int, db.execute("pragma user_version").fetchone()[0])


def _lay(db: sqlite3.Connection, workspace: Workspace) -> None:
    # Under a lock of its own: changing the journal mode does not wait for other connections, it fails.
    with (workspace.home / "jobs.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _version(db) < VERSION:
            db.execute("pragma journal_mode = wal")
            db.executescript(f"begin; {SCHEMA} pragma user_version = {VERSION}; commit;")
