"""Is everything there that Foveal needs? Each check says what it found and, where needed, what to do."""

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import psutil

from datasets import database, store
from datasets.errors import DatasetsError, MongodMissing
from datasets.workspace import Workspace, quiet_environment

GIB = 1024**3


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "warning", "error"]
    found: str
    action: str = ""


def examine(workspace: Workspace) -> list[Check]:
    """Every check, in the order of a first start. Starts the database, downloads nothing."""
    checks: tuple[Callable[[Workspace], Iterator[Check]], ...] = (
        _python,
        _home,
        _database,
        _memory,
        _torch,
        _weights,
        _network,
    )
    return [found for check in checks for found in check(workspace)]


def fix(workspace: Workspace) -> Iterator[str]:
    """Mend what can be mended without asking; says what was done."""
    try:
        database.ensure(workspace)
    except MongodMissing:
        found = database.fetch_mongod(workspace)
        yield f"fetched MongoDB server {found.version} into {found.path.parent}"
        database.ensure(workspace)
    removed = store.prune()
    if removed:
        yield f"removed {len(removed)} half-done imports"


def _python(_workspace: Workspace) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Check("python", "ok" if fits else "error", version, "" if fits else "use Python 3.11, 3.12 or 3.13")


def _home(workspace: Workspace) -> Iterator[Check]:
    free = shutil.disk_usage(workspace.home).free
    state: Literal["ok", "warning", "error"] = "ok" if free > 5 * GIB else "warning" if free > GIB else "error"
    action = "" if state == "ok" else "free some space, or set FOVEAL_HOME to a folder on a larger disk"
    yield Check("workspace", "ok" if os.access(workspace.home, os.W_OK) else "error", str(workspace.home))
    yield Check("disk", state, f"{free / GIB:.1f} GiB free", action)


def _database(workspace: Workspace) -> Iterator[Check]:
    try:
        database.ensure(workspace)
        known = len(store.list_datasets())
    except MongodMissing as error:
        yield Check("database", "error", str(error), "python -m app doctor --fix")
    except DatasetsError as error:
        yield Check("database", "error", str(error), f"its log: {workspace.database / 'mongod.log'}")
    else:
        now = database.status(workspace)
        whose = f"started from {now.binary}" if now.ours else "named by FIFTYONE_DATABASE_URI"
        yield Check("mongod", "ok", f"{now.version}, {whose}")
        yield Check("database", "ok", f"answers at {now.uri}, {known} datasets")


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
