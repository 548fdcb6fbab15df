"""A real app in a home of its own, and a real Chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.access import launch
from datasets.samples.prepare import Sizes
from datasets.workspace import Workspace
from tests.browser import editing
from tests.helpers import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Without these, Chromium asks its maker for updates; the test of quietness is about the app.
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="expected Chromium on PATH, found none"))


class Address(str):
    """Where an app is served. `opened` has the token, and must be opened first; `home` is its workspace.

    `app` is its process.
    """

    opened: str
    home: Path
    app: "subprocess.Popen[bytes]"


@pytest.fixture(scope="session")
def served(server: Workspace) -> Iterator[Callable[..., Address]]:
    """Starts the app on a home with sample datasets of these sizes, or what a statement makes; returns its address.

    Ends what it started.
    """
    started: list[tuple[subprocess.Popen[bytes], Workspace]] = []

    def serve(sizes: Sizes | None, statement: str = "", *options: str) -> Address:
        workspace, port = Workspace(Path(tempfile.mkdtemp(prefix="fvb-"))), _free_port()
        env = {key: value for key, value in os.environ.items() if not key.startswith(("FIFTYONE_", "FOVEAL_"))}
        env |= {"FOVEAL_HOME": str(workspace.home), "FOVEAL_IDLE": "5"}
        _in_child(env, statement or f"prepare(Workspace.current(), sizes={sizes!r})")
        serving = [sys.executable, "-m", "app", "serve", "--port", str(port), *options]
        app = subprocess.Popen(serving, cwd=ROOT, env=env)
        started.append((app, workspace))
        address = Address(f"http://127.0.0.1:{port}")
        address.app = app
        _wait_for(f"{address}/_stcore/health", app)
        (address.opened,), address.home = launch.running(workspace.home), workspace.home
        return address

    yield serve
    for app, workspace in started:
        app.terminate()
        app.wait(20)
        _in_child({**os.environ, "FOVEAL_HOME": str(workspace.home)}, "launch.stop(Workspace.current())")
        shutil.rmtree(workspace.home, ignore_errors=True)


def _in_child(env: dict[str, str], what: str) -> None:
    """Run one statement in a home of its own, with its database."""
    code = (
        "from datasets.workspace import Workspace, settle\nfrom datasets.storage import database\n"
        "from datasets.samples.prepare import Sizes, prepare\nfrom pipelines.jobs import launch\n"
        f"if __name__ == '__main__':\n    settle(); database.ensure(); {what}\n"
    )
    if what.startswith("launch"):
        code += "    database.stop()\n"
    script = Path(env["FOVEAL_HOME"]) / "do.py"  # a file, because rendering starts processes that import it
    script.write_text(code)
    subprocess.run([sys.executable, str(script)], cwd=ROOT, env={**env, "PYTHONPATH": str(ROOT)}, check=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium; each page has a profile of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def outside() -> list[str]:
    """Requests of pages that went beyond this machine."""
    return []


@pytest.fixture
def page(browser: Any, outside: list[str], tmp_path: Path) -> Iterator[Any]:
    """A page of 1440 x 900; how it looked last is kept as a picture beside the test's files."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(60_000)
    opened.on("request", lambda asked: _note(asked.url, outside))
    yield opened
    opened.screenshot(path=tmp_path / "last.png")
    opened.close()


@pytest.fixture
def opened(page: Any) -> editing.Opened:
    """The labeler's editor on a page of its own, without the app."""
    return editing.on(page)


def _note(url: str, outside: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
        outside.append(url)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, app: subprocess.Popen[bytes], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert app.poll() is None, "the app ended"
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"{url} did not answer within {seconds:.0f} s")
