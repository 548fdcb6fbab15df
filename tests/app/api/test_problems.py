"""Faults behind a route: started anew and tried once more, or told as JSON with a fitting status; never a bare 500."""

import errno
import os
import signal
import sqlite3
import time
from pathlib import Path

import psutil
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.api.problems import explained
from app.api.routes import routes
from datasets.errors import DatabaseError, DatasetNotFound
from datasets.exchange import importing
from datasets.storage import database as server
from datasets.workspace import Workspace
from tests.helpers import make_coco


def asked(error: Exception) -> Response:
    async def endpoint(_request: Request) -> Response:
        raise error

    return TestClient(Starlette(routes=[Route("/", explained(endpoint))])).get("/")  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("error", "status", "action"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, "free some space"),
        (sqlite3.OperationalError("database or disk is full"), 507, "free some space"),
        (OSError(errno.EROFS, "Read-only file system", "/a"), 503, "make it writable"),
        (DatabaseError("expected a server, found none; start it"), 503, "start it"),
        (DatasetNotFound("gone", ["here"]), 404, "choose a dataset"),
        (OverflowError("MongoDB can only handle up to 8-byte ints"), 400, "correct the request"),
        (KeyError("a mistake of ours"), 500, "the log of the server tells more"),
    ],
)
def test_every_error_is_json_with_what_to_do(error: Exception, status: int, action: str) -> None:
    answer = asked(error)
    said = answer.json()  # type: ignore[attr-defined]
    assert answer.status_code == status
    assert action in said["action"] and said["expected"] and said["found"]


def test_no_password_and_no_half_letter_is_sent() -> None:
    said = asked(DatabaseError("expected mongodb://me:topsecret@h/, found \ud800; x")).json()  # type: ignore[attr-defined]
    assert "topsecret" not in str(said) and "mongodb://***@h/" in said["error"]


def test_a_database_that_was_killed_is_started_and_asked_again(database: Workspace, tmp_path: Path) -> None:
    importing.ingest(make_coco(tmp_path / "coco", n=3), "pets", None)
    client = TestClient(Starlette(routes=routes()), raise_server_exceptions=False)
    spec = {"spec": '{"dataset": "pets"}'}
    assert client.get("/api/page", params=spec).status_code == 200
    server.ensure(database)
    pid = server.status(database).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.02)
    answer = client.get("/api/page", params=spec)
    assert (answer.status_code, answer.json()["total"]) == (200, 3)


def test_what_works_is_answered_once() -> None:
    times = []

    async def endpoint(_request: Request) -> Response:
        times.append(1)
        return JSONResponse({})

    assert TestClient(Starlette(routes=[Route("/", explained(endpoint))])).get("/").status_code == 200
    assert times == [1]
