"""The workspace's own mongod, one daemon on a unix socket: started, found, its counts repaired, stopped."""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from datasets import faults
from datasets.errors import DatabaseError, MongodTooOld
from datasets.storage import address, clients
from datasets.storage.mongod import Mongod, iter_mongods, missing, version_order
from datasets.storage.mongod_log import not_started
from datasets.workspace import Workspace

_START_SECONDS = 60.0


def start(ws: Workspace) -> None:
    """Start it unless it runs; of many processes only one does. Raises MongodMissing, MongodTooOld or DatabaseError."""
    with faults.in_words():
        ws.create()
        ws.database.mkdir(mode=0o700, exist_ok=True)
        _start_locked(ws)


def running(ws: Workspace) -> int | None:
    """The id of its process; None when it does not run."""
    try:
        pid = int((ws.database / "mongod.lock").read_text())
    except (OSError, ValueError):
        return None
    return pid if _is_our_mongod(pid, ws) else None


def stop(ws: Workspace, before: Callable[[], None]) -> bool:
    """Stop it cleanly; False when it does not run.

    `before` is called while it still answers: a closing client ends its sessions and waits for the reply.
    """
    with _locked(ws):
        pid = running(ws)
        if pid is None:
            return False
        before()
        os.kill(pid, signal.SIGTERM)
        _wait(lambda: not _is_our_mongod(pid, ws), f"mongod {pid} to stop")
    return True


def _start_locked(ws: Workspace) -> None:
    with _locked(ws):
        pid = running(ws)
        if pid is not None:
            _wait(lambda: address.listens(address.socket_of(ws)), f"mongod {pid} to answer on {address.socket_of(ws)}")
        elif not address.listens(address.socket_of(ws)):
            _start(ws, _suitable(ws))


def _start(ws: Workspace, mongod: Mongod) -> None:
    unclean = ws.database / "unclean"  # kept until the counts are repaired, even if that is interrupted
    lock = ws.database / "mongod.lock"
    if lock.exists() and lock.stat().st_size:
        unclean.touch()
    _private_folder(address.socket_of(ws).parent)
    done = subprocess.run(_command(ws, mongod), capture_output=True, text=True, cwd=ws.database, check=False)
    if done.returncode:
        raise not_started(ws.database, _log(ws), mongod, done)
    _record_version(ws, mongod)
    if unclean.exists():
        _repair_counts(address.ours(ws))
        unclean.unlink()


def _command(ws: Workspace, mongod: Mongod) -> list[str]:
    place = address.socket_of(ws)
    return [
        *(
            str(mongod.path),
            "--fork",
            "--dbpath",
            str(ws.database),
            "--logpath",
            str(_log(ws)),
            "--logappend",
            "--quiet",
        ),
        *("--bind_ip", str(place), "--unixSocketPrefix", str(place.parent), "--port", "27017"),
        *("--filePermissions", "0600", "--pidfilepath", str(ws.database / "mongod.pid")),
        *("--wiredTigerCacheSizeGB", "1"),  # the default is half of the memory
        *("--networkMessageCompressors", "snappy,zstd"),  # no zlib: CVE-2025-14847 is open in 6.0.5
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]


def _repair_counts(uri: str) -> None:
    """After an unclean stop the server's counts, and so `len(dataset)`, are wrong until `validate` has run."""
    client = clients.reach(uri)
    database = client[os.environ.get("FIFTYONE_DATABASE_NAME", "fiftyone")]
    for name in database.list_collection_names():
        if not name.startswith("system."):
            database.command("validate", name)
    client.close()


def _suitable(ws: Workspace) -> Mongod:
    """The first binary that is at least as new as the server that wrote the data."""
    found = list(iter_mongods(ws))
    if not found:
        raise missing(ws)
    wrote = _written_by(ws)
    fit = next((mongod for mongod in found if wrote is None or mongod.order >= version_order(wrote)), None)
    if fit is None:
        offered = ", ".join(f"{mongod.version} ({mongod.path})" for mongod in found)
        raise MongodTooOld(
            f"expected mongod {wrote} or later, because {ws.database} was written by it; found {offered}; "
            "set FOVEAL_MONGOD to a newer binary, or use another FOVEAL_HOME"
        )
    return fit


def _written_by(ws: Workspace) -> str | None:
    record = ws.database / "version.json"
    if not record.exists():
        return None
    try:
        return str(json.loads(record.read_text())["server"])
    except (ValueError, KeyError, TypeError) as broken:
        raise DatabaseError(
            f'expected {{"server": "<version>"}} in {record}, found something else ({broken}); write the version of '
            "the server that made this database into it"
        ) from broken


def _record_version(ws: Workspace, mongod: Mongod) -> None:
    record = ws.database / "version.json"
    part = record.with_suffix(".part")
    part.write_text(json.dumps({"server": mongod.version, "binary": str(mongod.path)}) + "\n")
    part.replace(record)


def _is_our_mongod(pid: int, ws: Workspace) -> bool:
    """Whether the process runs a mongod on this folder; the id alone may belong to another process by now."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return state != "Z" and os.fsencode(ws.database) in words


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.stat()
    if owner.st_uid != os.getuid() or owner.st_mode & 0o077:
        if owner.st_uid != os.getuid():
            raise DatabaseError(f"expected {folder} to belong to this user, found user id {owner.st_uid}; remove it")
        folder.chmod(0o700)


def _log(ws: Workspace) -> Path:
    return ws.database / "mongod.log"


@contextmanager
def _locked(ws: Workspace) -> Iterator[None]:
    with (ws.database / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _wait(happened: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while not happened():
        if time.monotonic() > end:
            raise DatabaseError(f"expected {what} within {_START_SECONDS:.0f} s, found that it did not; see its log")
        time.sleep(0.02)
