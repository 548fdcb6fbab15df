"""A backup of a workspace while it is used: one file that appears under its name once it is whole.

The database comes first, of one moment, and files after it: masks and tables that documents name are there by then.
What a person can get again stays out: weights of others, thumbnails, caches, the mongod binary. So does `secret`.
"""

import importlib.metadata
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datasets import faults
from datasets.errors import DiskFull
from datasets.records import Progress, no_progress
from datasets.storage import dumping
from datasets.workspace import Workspace
from pipelines.backup.archive import Writer
from pipelines.errors import BackupError
from pipelines.jobs import ledger

# Folders of the home that are saved whole. Media that lie in the home are among them; those elsewhere are only named.
KEPT = ("masks", "images", "evaluations", "runs", "samples", "uploads", "unpacked", "fiftyone/zoo", "fiftyone/datasets")
LEFT = frozenset({"lock", ".lock", "exit.part"})  # of the moment: who runs, who waits
JOB = (
    "run",
    "name",
    "kind",
    "task",
    "wish",
    "state",
    "attempt",
    "created",
    "queued",
    "started",
    "ended",
    "device",
    "code",
)
SPARE = 64 << 20  # bytes of room beyond the estimate


@dataclass(frozen=True)
class Saved:
    """What a backup holds. `consistent`: its database is of one moment. `outside` of the `samples` lie elsewhere."""

    path: Path
    size: int
    files: int
    samples: int
    outside: int
    runs: int
    consistent: bool


def save(workspace: Workspace, target: Path, progress: Progress = no_progress) -> Saved:
    """Write the workspace to `target`. Raises BackupError, DiskFull, and DatabaseError when there is no database."""
    target = target.expanduser().absolute()
    _check_target(workspace, target)
    total = estimate(workspace)
    with faults.in_words():
        target.parent.mkdir(parents=True, exist_ok=True)
        _check_room(target.parent, total)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            listed = _write(workspace, part, lambda done: progress(min(done, total), total))
            _publish(part, target)
        finally:
            part.unlink(missing_ok=True)
    progress(total, total)
    runs = {name.split("/")[2] for name in listed["members"] if name.startswith("files/runs/")}
    samples, outside = dumping.outside(workspace.home)
    files = sum(name.startswith("files/") for name in listed["members"])
    return Saved(target, target.stat().st_size, files, samples, outside, len(runs), listed["consistent"])


def estimate(workspace: Workspace) -> int:
    """About how many bytes a backup takes."""
    return dumping.size() + sum(path.stat().st_size + 1024 for _, path in _files(workspace) if path.exists()) + 65536


def _write(workspace: Workspace, part: Path, told: Callable[[int], None]) -> dict[str, Any]:
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        archive = Writer(file, told)
        mark = archive.mark()
        consistent = dumping.dump(
            lambda: archive.rewind(mark), lambda name, data: archive.add(f"database/{name}", data)
        )
        archive.add("files/jobs.json", _jobs(workspace))
        _add_tracking(workspace, archive)
        for name, path in _files(workspace):
            with suppress(FileNotFoundError):  # deleted meanwhile
                archive.add_file(f"files/{name}", path)
        versions = {name: importlib.metadata.version(name) for name in ("fiftyone", "pymongo")}
        about = {"home": str(workspace.home), "made": datetime.now(UTC).isoformat("T", "seconds"), "version": versions}
        archive.close({**about, "consistent": consistent})
        file.flush()
        os.fsync(file.fileno())
    return {"members": archive.members, "consistent": consistent}


def _files(workspace: Workspace) -> Iterator[tuple[str, Path]]:
    """Plain files of the kept folders with their names in the archive; links and files half written are left out."""
    for kept in KEPT:
        for folder, folders, names in os.walk(workspace.home / kept):
            folders.sort()
            for name in sorted(names):
                path = Path(folder, name)
                half = name.endswith(".part") or name in LEFT or name.startswith(".deleted-")
                if not half and path.is_file() and not path.is_symlink():
                    yield path.relative_to(workspace.home).as_posix(), path


def _jobs(workspace: Workspace) -> bytes:
    """The rows of the job queue without what they run: that is made anew, so that no file can name a command."""
    if not workspace.jobs.exists():
        return b"[]"
    with ledger.opened(workspace) as db, ledger.transaction(db):
        rows = db.execute(f"select {', '.join(JOB)} from job order by created, rowid").fetchall()  # noqa: S608
    return json.dumps([dict(row) for row in rows]).encode()


def _add_tracking(workspace: Workspace, archive: Writer) -> None:
    if not workspace.tracking.exists():
        return
    with tempfile.TemporaryDirectory(prefix="foveal-backup-") as scratch:
        copy = Path(scratch) / "mlflow.sqlite"
        with closing(sqlite3.connect(workspace.tracking, timeout=30)) as source, closing(sqlite3.connect(copy)) as into:
            source.backup(into)
        archive.add_file("files/mlflow.sqlite", copy)


def _check_target(workspace: Workspace, target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise BackupError(f"expected a name that is free, found {target} there already; name another, or move it away")
    inside = next((kept for kept in KEPT if target.is_relative_to(workspace.home / kept)), None)
    if inside:
        raise BackupError(f"expected a place outside what is saved, found {target} in {inside}; name another folder")


def _check_room(folder: Path, total: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < total + SPARE:
        need = f"{(total + SPARE) / 2**30:.2f} GiB in {folder}"
        raise DiskFull(
            f"expected {need}, found {free / 2**30:.2f} GiB free; free some space there, or name another disk"
        )


def _publish(part: Path, target: Path) -> None:
    """Give the file its name, unless another took it meanwhile."""
    try:
        os.link(part, target)
    except FileExistsError as taken:
        raise BackupError(f"expected {target} to be free, found that it appeared meanwhile; name another") from taken
    except OSError:  # a file system without hard links
        _check_free(target)
        part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _check_free(target: Path) -> None:
    if target.exists():
        raise BackupError(f"expected {target} to be free, found that it appeared meanwhile; name another")
