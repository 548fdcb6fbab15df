"""The database of a workspace: its own server, found or started, or the one that the user names (`address`)."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from pymongo.database import Database

from datasets import faults
from datasets.errors import DatabaseError
from datasets.redacting import redacted
from datasets.storage import address, clients, daemon
from datasets.storage.mongod import find_mongod
from datasets.workspace import Workspace

_CHECK_SECONDS = 1.0  # seconds for which a server that answered is assumed to be alive
_seen: dict[str, float] = {}


@dataclass(frozen=True)
class DatabaseStatus:
    """What the doctor reports. `uri` holds no password; `error` says why there is no connection, or is None."""

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
    users = address.users()
    if users is not None:
        return users
    here = ws or Workspace.current()
    uri = address.ours(here)
    if time.monotonic() - _seen.get(uri, -_CHECK_SECONDS) >= _CHECK_SECONDS:
        if not address.listens(address.socket_of(here)):
            daemon.start(here)
        _seen[uri] = time.monotonic()
    os.environ[address.USERS] = os.environ[address.OURS] = uri
    return uri


def connect(ws: Workspace | None = None) -> Database:
    """FiftyOne's database on that server. The client is kept per process and URI."""
    return clients.of(ensure(ws))[os.environ.get("FIFTYONE_DATABASE_NAME", "fiftyone")]


def revive(ws: Workspace | None = None) -> bool:
    """Start the workspace's own server again if it died. False when the user names another server, which is theirs.

    Raises as `ensure` does.
    """
    if address.users() is not None:
        return False
    _seen.pop(address.ours(ws or Workspace.current()), None)
    ensure(ws)
    return True


def check(ws: Workspace | None = None) -> None:
    """Raise DatabaseUnreachable when the server does not answer, before a library waits for it for half a minute."""
    with faults.in_words():
        connect(ws).client.admin.command("ping")


def status(ws: Workspace | None = None) -> DatabaseStatus:
    """Look at the server without starting it."""
    here = ws or Workspace.current()
    users = address.users()
    uri = users or address.ours(here)
    binary = None if users else find_mongod(here)
    pid = None if users else daemon.running(here)
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
    return daemon.stop(here, lambda: _forget(address.ours(here)))


def _ask_version(uri: str, *, ours: bool) -> str:
    if ours and not address.answers(uri):
        where = redacted(uri)
        raise DatabaseError(f"expected a MongoDB server at {where}, found none running; it starts when it is needed")
    client = clients.reach(uri)
    version = str(client.server_info()["version"])
    client.close()
    return version


def _forget(uri: str) -> None:
    _seen.pop(uri, None)
    clients.drop(uri)
    if os.environ.get(address.USERS) == uri:
        del os.environ[address.USERS]
        os.environ.pop(address.OURS, None)
