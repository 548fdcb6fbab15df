"""What pages do about errors: faults of any place in words, rubbish in addresses, a database that dies, a full disk."""

import os
import shutil
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from app import navigation
from app import server as web
from app.components.markdown import APART
from datasets.exchange import importing
from datasets.storage import database as server
from datasets.workspace import Workspace
from tests.helpers import make_coco

# the harness cannot open a page that is a function; so the frame is drawn, then the page that is wanted
SCRIPT = """
import streamlit as st
from app import navigation
from app import server as web
from app.components.markdown import APART
from app.handling import handle, warn_of_full_disk
st.navigation(navigation.sections())
warn_of_full_disk()
try:
    next(view for view in navigation.VIEWS if view.name == "{}").run()
except Exception as error:
    handle(error)
"""
NAMES = ("dataset", "view", "page", "sample", "run", "split", "task", "class")
RUBBISH = (
    "\x00",
    "9" * 6000,
    "²",
    '{"filters": [{"field": "a\x00", "op": "at_least", "values": [1e400]}]}',
)
FILTER = '{"filters": [{"field": "filepath", "op": "%s", "values": [%s]}]}'
VIEWS = (
    FILTER % ("at_least", "9" * 40),
    FILTER % ("contains", '"\\u0000"'),
    FILTER % ("any_of", "null"),
    "[" * 5000,
    "{{{",
    "5",
)


def opened(page: str, /, **query: str) -> AppTest:
    test = AppTest.from_string(SCRIPT.format(page), default_timeout=60)
    test.query_params.update(query)
    return test.run(timeout=60)


@pytest.fixture
def pets(database: Workspace, tmp_path: Path) -> Workspace:
    importing.ingest(make_coco(tmp_path / "coco", n=3), "pets", None)
    return database


@pytest.mark.parametrize("page", [view.name for view in navigation.VIEWS])
def test_rubbish_in_the_address_of_a_page_is_told(pets: Workspace, page: str) -> None:
    for rubbish in RUBBISH:
        test = opened(page, **dict.fromkeys(NAMES, rubbish))
        assert not test.exception, (rubbish[:80], test.exception)


@pytest.mark.parametrize("page", ["browse", "train"])
def test_a_view_that_is_none_shows_the_whole_dataset(pets: Workspace, page: str) -> None:
    for view in VIEWS:
        test = opened(page, dataset="pets", view=view)
        assert not test.exception and not test.error, (view[:80], test.exception)
        assert test.warning, view[:80]


def kill_server(home: Workspace) -> None:
    pid = server.status(home).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.02)


def test_a_database_that_was_killed_is_started_and_the_page_drawn(pets: Workspace) -> None:
    assert not opened("datasets").error
    server.ensure(pets)
    kill_server(pets)
    test = opened("datasets")
    assert not test.exception and not test.error
    assert server.status(pets).running


def test_a_database_that_is_down_is_told_in_seconds(pets: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", "mongodb://me:topsecret@127.0.0.1:9/")
    since = time.monotonic()
    test = opened("browse")
    assert time.monotonic() - since < 15
    (error,) = test.error
    said = error.value.replace("\\", "").replace(APART, "")
    assert "127.0.0.1:9" in said and "start it" in said
    assert "topsecret" not in said and "Topology" not in said


def test_a_full_disk_is_told_on_every_page(pets: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=1, used=1, free=0))
    assert "disk of the workspace is full" in opened("datasets").error[0].value


def said(script: str) -> str:
    test = AppTest.from_string(f"from app import handling\n{script}\nassert handling.show(error)").run(timeout=60)
    assert not test.exception
    (shown,) = test.error
    return str(shown.value)


def test_an_expected_error_keeps_its_own_words() -> None:
    text = said("from datasets.errors import DatasetsError\nerror = DatasetsError('expected a name, found none')")
    assert "expected a name, found none" in text


def test_an_unexpected_one_says_what_to_do_and_tells_no_detail() -> None:
    text = said("error = KeyError('/home/someone/secret')")
    assert "KeyError" in text and "report it" in text
    assert "/home/someone" not in text


def test_every_script_of_the_app_is_covered() -> None:
    from app import handling

    assert web.build()._on_script_error is handling.show
