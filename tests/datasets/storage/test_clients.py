"""Clients of a server."""

import time

import pymongo
import pytest

from datasets.errors import DatabaseError, DatabaseUnreachable
from datasets.storage import clients
from datasets.storage import database as server
from datasets.workspace import Workspace

NOBODY = "mongodb://me:secret@127.0.0.1:9/?serverSelectionTimeoutMS=50"


def test_a_client_is_kept_until_it_is_dropped(database: Workspace) -> None:
    uri = server.ensure()
    first = clients.of(uri)
    assert clients.of(uri) is first and first.admin.command("ping")["ok"]
    clients.drop(uri)
    clients.drop(uri)  # a second time there is nothing to close
    assert clients.of(uri) is not first
    fresh = clients.reach(uri)
    assert fresh is not clients.of(uri)
    fresh.close()


def test_a_server_that_is_down_is_told_without_its_password_and_not_asked_again_at_once(
    database: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DatabaseUnreachable, match="FIFTYONE_DATABASE_URI") as told:
        clients.of(NOBODY)
    assert "secret" not in str(told.value)
    monkeypatch.setattr(pymongo, "MongoClient", None)  # whoever asked again would call it
    begun = time.monotonic()
    with pytest.raises(DatabaseUnreachable) as again:
        clients.of(NOBODY)
    assert str(again.value) == str(told.value) and time.monotonic() - begun < 1
    clients._down.clear()


def test_an_address_that_is_none_is_a_mistake_not_a_server_that_is_down(database: Workspace) -> None:
    with pytest.raises(DatabaseError, match="expected a MongoDB server at") as told:
        clients.reach("nonsense://there")
    assert not isinstance(told.value, DatabaseUnreachable)
