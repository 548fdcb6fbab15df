"""Clients of a server: connected once and cached for this process; a server that is down is remembered for a while."""

import os
import time
from typing import Any

import pymongo
from pymongo.errors import ConnectionFailure, PyMongoError

from datasets import faults
from datasets.errors import DatabaseError, DatabaseUnreachable
from datasets.redacting import redacted
from datasets.storage import address

_PATIENCE = 3000  # milliseconds until a server that the user names counts as down; pymongo waits for 30 s
_DOWN_SECONDS = 2.0  # seconds for which it then counts as down, so that a page with many queries waits once
_down: dict[str, tuple[float, DatabaseError]] = {}
_clients: dict[tuple[int, str], pymongo.MongoClient] = {}


def of(uri: str) -> pymongo.MongoClient:
    """The client of this process for a server. Raises DatabaseUnreachable or DatabaseError."""
    key = (os.getpid(), uri)  # a client must not be used after a fork
    client = _clients.get(key)
    if client is None:
        made = _reached(uri)
        client = _clients.setdefault(key, made)
        if client is not made:  # another thread was first
            made.close()
    return client


def reach(uri: str) -> pymongo.MongoClient:
    """A new client that has reached its server. Raises DatabaseUnreachable or DatabaseError."""
    patient = "serverselectiontimeoutms" in uri.lower()  # a timeout in the address takes precedence
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


def drop(uri: str) -> None:
    """Close the client of this process for a server that is about to stop."""
    client = _clients.pop((os.getpid(), uri), None)
    if client is not None:
        client.close()


def _reached(uri: str) -> pymongo.MongoClient:
    """A client that has reached its server; one that was down a moment ago is not tried again yet."""
    since, error = _down.get(uri, (-_DOWN_SECONDS, None))
    if error is not None and time.monotonic() - since < _DOWN_SECONDS:
        raise type(error)(str(error)) from error
    try:
        client = reach(uri)
    except DatabaseUnreachable as failed:
        _down[uri] = time.monotonic(), failed
        raise
    _down.pop(uri, None)
    return client


def _not_reached(uri: str, failed: Exception) -> DatabaseError:
    if address.is_ours(uri):
        return DatabaseUnreachable(
            f"expected the workspace's MongoDB server to answer, found: {faults.short(failed)}; try again"
        )
    other = f"start it, correct {address.USERS}, or unset that to use the workspace's own"
    kind = DatabaseUnreachable if isinstance(failed, ConnectionFailure) else DatabaseError
    return kind(f"expected a MongoDB server at {redacted(uri)}, found: {faults.short(failed)}; {other}")
