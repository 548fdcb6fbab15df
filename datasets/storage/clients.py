"""Clients of a server: reached once and kept for this process, told apart from a server that is down."""

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
_DOWN_SECONDS = 2.0  # how long it is then taken to be down, so that a page of many questions waits once
_down: dict[str, tuple[float, DatabaseError]] = {}
_clients: dict[tuple[int, str], pymongo.MongoClient] = {}


def of(uri: str) -> pymongo.MongoClient:
    """The client of this process for a server. Raises DatabaseUnreachable or DatabaseError."""
    key = (os.getpid(), uri)  # a client must not be used across a fork
    client = _clients.get(key)
    if client is None:
        made = _reached(uri)
        client = _clients.setdefault(key, made)
        if client is not made:  # another thread was first
            made.close()
    return client


def reach(uri: str) -> pymongo.MongoClient:
    """A new client that has reached its server. Raises DatabaseUnreachable or DatabaseError."""
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


def drop(uri: str) -> None:
    """Close the client of this process for a server that is about to stop."""
    client = _clients.pop((os.getpid(), uri), None)
    if client is not None:
        client.close()


def _reached(uri: str) -> pymongo.MongoClient:
    """A client that has reached its server; one that was down a moment ago is not asked again yet."""
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
