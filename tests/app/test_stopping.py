"""The server as a process of its own: it answers before the samples are made, and leaves no worker behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from datasets.samples import street
from datasets.storage import database
from datasets.workspace import Workspace
from tests.helpers import ROOT


@pytest.fixture
def place(server: Workspace) -> Iterator[Path]:
    """A home of its own, short enough for a socket. The database of the run has fetched mongod where there is none."""
    del server
    folder = Path(tempfile.mkdtemp(prefix="fvs-"))
    yield folder
    database.stop(Workspace(folder))
    shutil.rmtree(folder, ignore_errors=True)


def served(home: Path, port: int) -> subprocess.Popen[bytes]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("FIFTYONE_", "FOVEAL_"))}
    env |= {"FOVEAL_HOME": str(home)}
    command = [sys.executable, "-m", "app", "serve", "--samples", "--port", str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def until(happened: Callable[[], bool], what: str, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"expected {what} within {seconds:.0f} s"
        time.sleep(0.05)


def below(home: Path) -> list[psutil.Process]:
    """All processes that work in this home, but its database server."""
    found = []
    for process in psutil.process_iter(["pid", "name", "status"]):
        try:
            mine = process.environ().get("FOVEAL_HOME") == str(home)
        except psutil.Error:
            continue
        if mine and process.info["name"] != "mongod" and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_the_server_answers_before_the_samples_are_made_and_leaves_no_worker(place: Path, sign: signal.Signals) -> None:
    port = free_port()
    app = served(place, port)
    try:
        until(lambda: answers(port), "an answer")
        rendered = place / "samples" / "street" / "images"
        until(lambda: rendered.exists() and any(rendered.iterdir()), "street to be begun")
        assert sum(1 for _ in rendered.iterdir()) < street.COUNT
        assert len(below(place)) > 1, "rendering has processes of its own"
        app.send_signal(sign)
        app.wait(20)
        until(lambda: not below(place), "no process left", 10)
    finally:
        app.kill()
        app.wait()
