"""Fixtures that every room shares: a workspace of its own, and one database server for the whole run."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Tests are tiny: a second thread waits more than it works, and several tests may run beside other work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from datasets.workspace import Workspace, settle
from tests.leftovers import MARK, end, started_here

os.environ[MARK] = os.environ.get(MARK) or f"{os.getpid()}"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when a process that a test started, however far removed, is still alive; end it as well."""
    left = started_here()
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("\nexpected that tests end every process that they start, found alive:", *end(left), sep="\n    ")


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """Streamlit puts each script it runs in the place of `__main__`, and pools run that again in their children."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session", autouse=True)
def home() -> Iterator[Path]:
    """One home for the whole run, so that no test meets the user's own.

    It is short, because the path of a unix socket has at most 107 characters.
    """
    folder = Path(tempfile.mkdtemp(prefix="fvl-"))
    before = dict(os.environ)
    settle(Workspace(folder))
    yield folder
    os.environ.clear()
    os.environ.update(before)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def workspace(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace for one test, without a database of its own."""
    fresh = Workspace(tmp_path / "home").create()
    monkeypatch.setenv("FOVEAL_HOME", str(fresh.home))
    return fresh


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[Workspace]:
    """A running mongod in the home of this test run."""
    from datasets.storage import database, mongod

    here = Workspace(home)
    if mongod.find_mongod(here) is None:
        mongod.fetch_mongod(here)
    database.ensure(here)
    yield here
    database.stop(here)


@pytest.fixture
def database(server: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace of a running mongod that holds no dataset when the test begins."""
    from datasets.storage import store

    monkeypatch.setenv("FOVEAL_HOME", str(server.home))
    for name in store.names(hidden=True):
        store.delete(name)
    yield server
