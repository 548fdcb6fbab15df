"""A backup becomes a workspace again, in an empty home: checked as a whole first, then written.

Nothing in the file decides where or what is run: names are checked by `archive`, commands of jobs are made anew, and a
job that ran or waited is at rest until a person resumes it.
"""

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from datasets import faults
from datasets.errors import DiskFull
from datasets.records import Progress, no_progress
from datasets.storage import collection, database, documents, dumping
from datasets.workspace import Workspace, settle
from pipelines.backup import archive, moving
from pipelines.backup.saving import JOB, KEPT, SPARE
from pipelines.errors import BackupError
from pipelines.jobs import ledger, states

MARK = "restoring"  # in a home while it is filled: half a workspace is never taken for a whole one
HELD = (
    "database",
    "runs",
    "masks",
    "images",
    "evaluations",
    "samples",
    "uploads",
    "unpacked",
    "jobs.sqlite",
    "mlflow.sqlite",
    MARK,
)


@dataclass(frozen=True)
class Restored:
    """What a restored workspace holds; `missing` media of samples are not where they were."""

    home: Path
    made: str
    datasets: int
    samples: int
    runs: int
    missing: int
    consistent: bool


def restore(source: Path, workspace: Workspace, progress: Progress = no_progress) -> Restored:
    """Fill an empty home from a backup. Raises BackupError or DiskFull before anything is written.

    When it fails later, what it wrote is taken away again.
    """
    source = source.expanduser().absolute()
    with faults.in_words():
        if not source.is_file():
            raise BackupError(f"expected the file of a backup, found none at {source}; name another")
        settle(workspace)  # its database is the one that is filled
        check_empty(workspace)
        size = source.stat().st_size
        listed = archive.check(source, lambda done: progress(min(done // 3, size), size))
        check_room(workspace, listed)
        mark = workspace.create().home / MARK
        mark.touch()
        try:
            _fill(source, workspace, listed, progress)
        except BaseException:
            _take_back(workspace)
            raise
        mark.unlink()
    progress(size, size)
    return _told(workspace, listed)


def check_empty(workspace: Workspace) -> None:
    """Raise BackupError unless the home, and the database that is used, hold nothing yet."""
    held = next((name for name in HELD if (workspace.home / name).exists()), None)
    if held == MARK:
        why = "half a restore that was killed; delete that folder, then restore again"
        raise BackupError(f"expected an empty home, found {workspace.home} with {why}")
    if held:
        other = "name an empty one with --into"
        raise BackupError(f"expected an empty home, found {held} in {workspace.home}; {other}")
    if not database.status(workspace).ours and not dumping.is_empty():
        other = "name an empty one in FIFTYONE_DATABASE_URI, or another FIFTYONE_DATABASE_NAME"
        raise BackupError(f"expected an empty database, found datasets in it; {other}")


def check_room(workspace: Workspace, listed: Mapping[str, Any]) -> None:
    """Raise DiskFull unless the disk of the home has room for the files and twice the documents."""
    sizes = {name: int(one["size"]) for name, one in listed["members"].items()}
    need = sum(size * (2 if name.startswith("database/") else 1) for name, size in sizes.items()) + SPARE
    place = next(folder for folder in (workspace.home, *workspace.home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if free < need:
        found = f"found {free / 2**30:.2f} GiB free; free some space, or name another home with --into"
        raise DiskFull(f"expected {need / 2**30:.2f} GiB for {workspace.home}, {found}")


def _fill(source: Path, workspace: Workspace, listed: dict[str, Any], progress: Progress) -> None:
    move = dumping.mover(listed["home"], str(workspace.home))
    database.ensure(workspace)
    total, done, jobs, indexes = source.stat().st_size, 0, b"[]", b"{}"
    for name, content in archive.read(source, listed):
        top, _, rest = name.partition("/")
        if name == "files/jobs.json":
            jobs = content.read()
        elif name == "database/indexes.json":
            indexes = content.read()
        elif top == "database":
            dumping.load(rest.rpartition("/")[0], content, move)
        else:
            _file(workspace, rest, content, move)
        done += listed["members"][name]["size"]
        progress(min(total // 3 + done * 2 // 3, total), total)
    dumping.index(indexes)
    _queue(workspace, jobs)


def _file(workspace: Workspace, name: str, content: IO[bytes], move: dumping.Move | None) -> None:
    if name != "mlflow.sqlite" and not name.startswith(tuple(f"{kept}/" for kept in KEPT)):
        raise BackupError(f"expected files of a workspace, found {name!r}; take another copy of the backup")
    path = workspace.home / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    if path == workspace.tracking:
        moving.tracking(path, move)
    elif move:
        moving.moved(path, move)


def _queue(workspace: Workspace, text: bytes) -> None:
    """The rows of the job queue, each with our own command; what ran is lost, what waited is cancelled."""
    rest = {"running": "lost", "queued": "cancelled"}
    try:
        rows = [{name: row[name] for name in JOB} for row in json.loads(text)]
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise BackupError("expected the rows of a job queue, found none that can be read; take another copy") from wrong
    with ledger.opened(workspace) as db, ledger.transaction(db):
        for row in rows:
            if not str(row["run"]).isalnum() or row["state"] not in states.STATES:
                raise BackupError(f"expected a job, found {str(row)[:200]}; take another copy of the backup")
            argv = [sys.executable, "-m", "pipelines.jobs", str(workspace.runs / row["run"])]
            values = {**row, "state": rest.get(row["state"], row["state"]), "argv": json.dumps(argv)}
            if row["state"] in rest:
                values["ended"] = row["started"] or row["queued"]
            names = ", ".join(values)
            try:
                db.execute(f"insert into job ({names}) values ({', '.join(f':{name}' for name in values)})", values)  # noqa: S608
            except sqlite3.Error as wrong:
                raise BackupError(f"expected a job, found {str(row)[:200]}; take another copy of the backup") from wrong


def _take_back(workspace: Workspace) -> None:
    """Leave the home as empty as it was found."""
    if database.status(workspace).ours:
        database.stop(workspace)
    else:
        dumping.clear()
    for name in (*HELD, "fiftyone", "jobs.sqlite-wal", "jobs.sqlite-shm", "jobs.lock"):
        path = workspace.home / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _told(workspace: Workspace, listed: Mapping[str, Any]) -> Restored:
    samples = missing = 0
    names = documents.names()
    for name in names:
        for one in collection.stream(name, projection={"filepath": 1}):
            samples += 1
            missing += not os.path.exists(one["filepath"])  # noqa: PTH110  many of them
    runs = len([path for path in workspace.runs.glob("*/job.json")])  # noqa: C416
    made, consistent = str(listed.get("made")), bool(listed.get("consistent"))
    return Restored(workspace.home, made, len(names), samples, runs, missing, consistent)
