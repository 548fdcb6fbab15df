"""Is everything there that Foveal needs? Each check says what it found and, where needed, what to do."""

import importlib.metadata
import os
import shlex
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import psutil

from datasets import faults
from datasets.errors import DatasetsError, MongodMissing
from datasets.redacting import redacted
from datasets.storage import database, mongod, relocating, store
from datasets.workspace import Workspace, quiet_environment

GIB = 1024**3


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    name: str
    state: Literal["ok", "warning", "error"]
    found: str
    action: str = ""


def examine(workspace: Workspace) -> list[Check]:
    """Every check, in the order of a first start. Starts the database, downloads nothing."""
    checks: tuple[Callable[[Workspace], Iterator[Check]], ...] = (
        _python,
        _workspace,
        _database,
        _media,
        _queue,
        _tracking,
        _memory,
        _torch,
        _weights,
        _network,
    )
    return [found for check in checks for found in _looked(check, workspace)]


def fix(workspace: Workspace) -> Iterator[str]:
    """Repair what can be repaired without asking; returns what was done."""
    try:
        database.ensure(workspace)
    except MongodMissing:
        found = mongod.fetch_mongod(workspace)
        yield f"fetched MongoDB server {found.version} into {found.path.parent}"
        database.ensure(workspace)
    removed = store.prune()
    if removed:
        yield f"removed {len(removed)} half-done imports"


def _python(_workspace: Workspace) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Check("python", "ok" if fits else "error", version, "" if fits else "use Python 3.11, 3.12 or 3.13")


def _looked(check: Callable[[Workspace], Iterator[Check]], workspace: Workspace) -> Iterator[Check]:
    """The result of a check, or of its failure."""
    try:
        yield from check(workspace)
    except Exception as error:
        found = faults.told(error)
        if found is None:
            raise
        yield _problem(check.__name__.strip("_"), found)


def _problem(name: str, error: Exception) -> Check:
    cause, said, action = redacted(str(error)).rpartition("; ")
    return Check(name, "error", cause if said else action, action if said else "")


def _workspace(workspace: Workspace) -> Iterator[Check]:
    workspace.create()
    with tempfile.TemporaryFile(dir=workspace.home) as probe:
        shutil.copyfileobj(BytesIO(bytes(65536)), probe)  # the disk may be read-only, or full
        probe.flush()
    free = shutil.disk_usage(workspace.home).free
    state: Literal["ok", "warning", "error"] = "ok" if free > 5 * GIB else "warning" if free > GIB else "error"
    action = "" if state == "ok" else "free some space, or set FOVEAL_HOME to a folder on a larger disk"
    yield Check("workspace", "ok", str(workspace.home))
    yield Check("disk", state, f"{free / GIB:.1f} GiB free", action)


def _database(workspace: Workspace) -> Iterator[Check]:
    try:
        with faults.in_words():
            database.ensure(workspace)
            known = len(store.names())
    except MongodMissing as error:
        yield Check("database", "error", str(error), "python -m app doctor --fix")
    except DatasetsError as error:
        yield _problem("database", error)
    else:
        now = database.status(workspace)
        whose = f"started from {now.binary}" if now.ours else "named by FIFTYONE_DATABASE_URI"
        yield Check("mongod", "ok", f"{now.version}, {whose}")
        yield Check("database", "ok", f"answers at {now.uri}, {known} datasets")


def _media(workspace: Workspace) -> Iterator[Check]:
    if not database.status(workspace).running:
        return  # the database check says why
    found = [relocating.presence(name) for name in store.names()]
    for one in found:
        if one.missing:
            told = f"{one.dataset}: {one.missing} of {one.looked} files looked at are missing, all below {one.folder}"
            moved = f"python -m app datasets --relocate {shlex.quote(one.dataset)} {shlex.quote(one.folder)} NEW"
            yield Check("media", "warning", told, f"put them back, or: {moved}")
    if not any(one.missing for one in found):
        yield Check("media", "ok", f"{sum(one.looked for one in found)} files looked at, all there")


def _queue(workspace: Workspace) -> Iterator[Check]:
    for path in (workspace.jobs, workspace.tracking):
        if path.exists():
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
                if db.execute("pragma quick_check").fetchone()[0] != "ok":
                    raise sqlite3.DatabaseError(f"{path.name} is malformed")
    yield Check("jobs", "ok", "its files are whole" if workspace.jobs.exists() else "none yet")


def _tracking(workspace: Workspace) -> Iterator[Check]:
    from pipelines import mlflow_log

    yield Check("tracking", "ok", redacted(mlflow_log.uri(workspace)))


def _memory(_workspace: Workspace) -> Iterator[Check]:
    memory = psutil.virtual_memory()
    enough = memory.available > 4 * GIB
    found = f"{memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB free, {os.cpu_count()} processors"
    action = "" if enough else "close other programs before training"
    yield Check("memory", "ok" if enough else "warning", found, action)


def _torch(workspace: Workspace) -> Iterator[Check]:
    from pipelines import resources

    for package in ("torch", "torchvision", "ultralytics-opencv-headless", "lightning", "fiftyone", "streamlit"):
        try:
            yield Check(package, "ok", importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Check(package, "error", "not installed", "make install")
    devices = [device for device in resources.devices(workspace) if device.startswith("cuda")]
    found = ", ".join(devices) if devices else "none; training runs on the processor, slowly"
    yield Check("gpu", "ok" if devices else "warning", found)


def _weights(workspace: Workspace) -> Iterator[Check]:
    from pipelines import weights

    known = weights.known(workspace)
    found = sorted({one.path.name for one in known if one.path})
    example = next((one.file for one in known), "")
    where = f"put files such as {example} into {workspace.weights}; without them models start from scratch"
    yield Check("weights", "ok" if found else "warning", ", ".join(found) or "none", "" if found else where)


def _network(workspace: Workspace) -> Iterator[Check]:
    wanted = quiet_environment(workspace)
    loud = sorted(key for key, value in wanted.items() if os.environ.get(key) != value)
    found = "nothing leaves this machine unless you click a download" if not loud else f"overridden: {', '.join(loud)}"
    yield Check("network", "ok" if not loud else "warning", found, "" if not loud else "unset these variables")
