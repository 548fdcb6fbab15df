"""The database of a workspace: one mongod daemon on a unix socket, found or started; or the server that the user names.

FIFTYONE_DATABASE_URI set by the user wins. Otherwise we set it, and remember in FOVEAL_DATABASE_URI that it is ours, so
that a child process, or another workspace in the same process, can tell the two apart.

The socket lies in `<home>/database`. The path of a unix socket has at most 107 bytes: for a longer home it lies in a
private folder (mode 0700) below XDG_RUNTIME_DIR or the folder of temporary files, named by a hash of the home.
"""

import fcntl
import hashlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError

from datasets import faults
from datasets.errors import DatabaseError, DatabaseUnreachable, MongodTooOld
from datasets.redacting import redacted
from datasets.storage.mongod import Mongod, fetch_mongod, find_mongod, iter_mongods, missing, version_order
from datasets.storage.mongod_log import not_started
from datasets.workspace import Workspace

__all__ = ["DatabaseStatus", "Mongod", "connect", "ensure", "fetch_mongod", "find_mongod", "revive", "status", "stop"]

_USERS = "FIFTYONE_DATABASE_URI"
_OURS = "FOVEAL_DATABASE_URI"
_SOCKET = "mongodb-27017.sock"  # mongod names its socket after the port
_PATH_LIMIT = 107  # bytes of sun_path without the closing zero, unix(7)
_START_SECONDS = 60.0
_CHECK_SECONDS = 1.0  # how long a server that was seen alive is believed to be
_PATIENCE = 3000  # milliseconds until a server that the user names counts as down; pymongo waits for 30 s
_DOWN_SECONDS = 2.0  # how long it is then taken to be down, so that a page of many questions waits once
_seen: dict[str, float] = {}
_down: dict[str, tuple[float, DatabaseError]] = {}
_clients: dict[tuple[int, str], pymongo.MongoClient] = {}


@dataclass(frozen=True)
class DatabaseStatus:
    """What a doctor wants to know. `uri` holds no password; `error` says why there is no connection, or is None."""

    running: bool
    ours: bool
    uri: str
    version: str | None
    binary: Path | None
    pid: int | None
    error: str | None = None


def ensure(ws: Workspace | None = None) -> str:
    """The URI of the running server; starts the workspace's own when needed. Safe from many processes at once.

    Raises MongodMissing, MongodTooOld or DatabaseError, each with what to do.
    """
    users = _users_uri()
    if users is not None:
        return users
    here = ws or Workspace.current()
    uri = _uri(here)
    if time.monotonic() - _seen.get(uri, -_CHECK_SECONDS) >= _CHECK_SECONDS:
        if not _listens(_socket(here)):
            _start_once(here)
        _seen[uri] = time.monotonic()
    os.environ[_USERS] = os.environ[_OURS] = uri
    return uri


def connect(ws: Workspace | None = None) -> Database:
    """FiftyOne's database on that server. The client is kept per process and URI."""
    uri = ensure(ws)
    key = (os.getpid(), uri)  # a client must not be used across a fork
    client = _clients.get(key)
    if client is None:
        made = _reached(uri)
        client = _clients.setdefault(key, made)
        if client is not made:  # another thread was first
            made.close()
    return client[os.environ.get("FIFTYONE_DATABASE_NAME", "fiftyone")]


def revive(ws: Workspace | None = None) -> bool:
    """Start the workspace's own server again if it died. False when the user names another: that is theirs to start.

    Raises as `ensure` does.
    """
    if _users_uri() is not None:
        return False
    _seen.pop(_uri(ws or Workspace.current()), None)
    ensure(ws)
    return True


def check(ws: Workspace | None = None) -> None:
    """Raise DatabaseUnreachable when the server does not answer: before a vendor waits for it for half a minute."""
    with faults.in_words():
        connect(ws).client.admin.command("ping")


def status(ws: Workspace | None = None) -> DatabaseStatus:
    """Look at the server without starting it."""
    here = ws or Workspace.current()
    users = _users_uri()
    uri = users or _uri(here)
    binary = None if users else find_mongod(here)
    pid = None if users else _pid(here)
    try:
        version, error = _ask_version(uri, ours=users is None), None
    except DatabaseError as failed:
        version, error = None, str(failed)
    return DatabaseStatus(
        error is None, users is None, redacted(uri), version, binary.path if binary else None, pid, error
    )


def stop(ws: Workspace | None = None) -> bool:
    """Stop the workspace's own server cleanly. False when it did not run; the user's own server is never stopped."""
    here = ws or Workspace.current()
    if not here.database.exists():
        return False
    with _locked(here):
        pid = _pid(here)
        if pid is None:
            return False
        _forget(_uri(here))  # before the server goes: a client says goodbye when it closes, and waits for the answer
        os.kill(pid, signal.SIGTERM)
        _wait(lambda: not _is_our_mongod(pid, here), f"mongod {pid} to stop")
    return True


def _users_uri() -> str | None:
    uri = os.environ.get(_USERS)
    return uri if uri and uri != os.environ.get(_OURS) else None


def _uri(ws: Workspace) -> str:
    # journal=true: a write that was acknowledged survives kill -9 of the server; mongoengine warns without the last
    options = "journal=true&serverSelectionTimeoutMS=5000&uuidRepresentation=pythonLegacy"
    return f"mongodb://{urllib.parse.quote(str(_socket(ws)), safe='')}/?{options}"


def _socket(ws: Workspace) -> Path:
    near = ws.database / _SOCKET
    if len(os.fsencode(near)) <= _PATH_LIMIT:
        return near
    root = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    name = hashlib.sha256(os.fsencode(ws.home)).hexdigest()[:16]
    return root / f"foveal-{os.getuid()}-{name}" / _SOCKET


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        return probe.connect_ex(str(path)) == 0


def _start_once(ws: Workspace) -> None:
    with faults.in_words():
        ws.create()
        ws.database.mkdir(mode=0o700, exist_ok=True)
        _start_locked(ws)


def _start_locked(ws: Workspace) -> None:
    with _locked(ws):
        pid = _pid(ws)
        if pid is not None:
            _wait(lambda: _listens(_socket(ws)), f"mongod {pid} to answer on {_socket(ws)}")
        elif not _listens(_socket(ws)):
            _start(ws, _suitable(ws))


def _start(ws: Workspace, mongod: Mongod) -> None:
    unclean = ws.database / "unclean"  # kept until the counts are right again, even if that is interrupted
    lock = ws.database / "mongod.lock"
    if lock.exists() and lock.stat().st_size:
        unclean.touch()
    _private_folder(_socket(ws).parent)
    done = subprocess.run(_command(ws, mongod), capture_output=True, text=True, cwd=ws.database, check=False)
    if done.returncode:
        raise not_started(ws.database, _log(ws), mongod, done)
    _record_version(ws, mongod)
    if unclean.exists():
        _repair_counts(_uri(ws))
        unclean.unlink()


def _command(ws: Workspace, mongod: Mongod) -> list[str]:
    place = _socket(ws)
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
        *("--wiredTigerCacheSizeGB", "1"),  # its own default is half of the memory
        *("--networkMessageCompressors", "snappy,zstd"),  # no zlib: CVE-2025-14847 is open in 6.0.5
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]


def _repair_counts(uri: str) -> None:
    """After an unclean stop the server's counts, and so `len(dataset)`, are wrong until `validate` has run."""
    client = _reach(uri)
    database = client[os.environ.get("FIFTYONE_DATABASE_NAME", "fiftyone")]
    for name in database.list_collection_names():
        if not name.startswith("system."):
            database.command("validate", name)
    client.close()


def _suitable(ws: Workspace) -> Mongod:
    """The first binary that is not older than the server that wrote the data."""
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


def _pid(ws: Workspace) -> int | None:
    try:
        pid = int((ws.database / "mongod.lock").read_text())
    except (OSError, ValueError):
        return None
    return pid if _is_our_mongod(pid, ws) else None


def _is_our_mongod(pid: int, ws: Workspace) -> bool:
    """Whether the process runs a mongod on this folder; the id alone may belong to another process by now."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return state != "Z" and os.fsencode(ws.database) in words


def _reached(uri: str) -> pymongo.MongoClient:
    """A client that has reached its server; one that was down a moment ago is not asked again yet."""
    since, error = _down.get(uri, (-_DOWN_SECONDS, None))
    if error is not None and time.monotonic() - since < _DOWN_SECONDS:
        raise type(error)(str(error)) from error
    try:
        client = _reach(uri)
    except DatabaseUnreachable as failed:
        _down[uri] = time.monotonic(), failed
        raise
    _down.pop(uri, None)
    return client


def _reach(uri: str) -> pymongo.MongoClient:
    patient = "serverselectiontimeoutms" in uri.lower()  # whoever wrote the address knows how long to wait
    options: dict[str, Any] = {} if patient else {"serverSelectionTimeoutMS": _PATIENCE}
    client: pymongo.MongoClient | None = None
    try:
        client = pymongo.MongoClient(uri, appname="foveal", **options)
        client.admin.command("ping")
    except (PyMongoError, ValueError) as failed:
        if client is not None:
            client.close()
        raise _not_reached(uri, failed) from failed
    return client


def _not_reached(uri: str, failed: Exception) -> DatabaseError:
    if _is_ours(uri):
        return DatabaseUnreachable(
            f"expected the workspace's MongoDB server to answer, found: {faults.short(failed)}; try again"
        )
    other = f"start it, correct {_USERS}, or unset that to use the workspace's own"
    kind = DatabaseUnreachable if isinstance(failed, ConnectionFailure) else DatabaseError
    return kind(f"expected a MongoDB server at {redacted(uri)}, found: {faults.short(failed)}; {other}")


def _is_ours(uri: str) -> bool:
    return uri == os.environ.get(_OURS)


def _ask_version(uri: str, *, ours: bool) -> str:
    if ours and not _answers(uri):
        where = redacted(uri)
        raise DatabaseError(f"expected a MongoDB server at {where}, found none running; it starts when it is needed")
    client = _reach(uri)
    version = str(client.server_info()["version"])
    client.close()
    return version


def _answers(uri: str) -> bool:
    host = urllib.parse.unquote(urllib.parse.urlsplit(uri).netloc)
    return not host.startswith("/") or _listens(Path(host))


def _forget(uri: str) -> None:
    _seen.pop(uri, None)
    client = _clients.pop((os.getpid(), uri), None)
    if client is not None:
        client.close()
    if os.environ.get(_USERS) == uri:
        del os.environ[_USERS]
        os.environ.pop(_OURS, None)


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
