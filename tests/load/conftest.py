"""A real app in a home of its own, on a large dataset and a small one with masks; measured by process."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from datasets.workspace import Workspace
from tests.helpers import ROOT

SAMPLES = int(os.environ.get("FOVEAL_LOAD_SAMPLES", "100000"))
_SETUP = """
from datasets.storage import database, store
from datasets.workspace import Workspace, settle
from datasets.samples.prepare import Sizes, prepare
from tests.load import world
if __name__ == "__main__":
    settle(); database.ensure()
    world.make("big", {samples}, Workspace.current().home / "media")
    prepare(Workspace.current(), ["street", "digits"], sizes=Sizes(images=100, frames=5))
"""
_END = """
from datasets.storage import database
from datasets.workspace import Workspace, settle
from pipelines.jobs import launch
settle(); launch.stop(Workspace.current()); database.stop()
"""


@dataclass(frozen=True)
class App:
    """A running app: its whole address, its process and that of its database."""

    address: str
    workspace: Workspace
    process: psutil.Process
    database: psutil.Process

    def cpu(self) -> float:
        """Seconds of computing so far, of the app and its database."""
        return sum(sum(one.cpu_times()[:2]) for one in (self.process, self.database))

    def memory(self) -> float:
        """MB that the app holds."""
        return float(self.process.memory_info().rss) / 1e6


def environment(workspace: Workspace) -> dict[str, str]:
    """That of every process which works in this home."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FIFTYONE_", "FOVEAL_"))}
    return {**kept, "FOVEAL_HOME": str(workspace.home), "FOVEAL_IDLE": "5", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def app(server: Workspace) -> Iterator[App]:
    """The app on 100,000 images (FOVEAL_LOAD_SAMPLES) with 8 boxes each; ends what it started."""
    workspace = Workspace(Path(tempfile.mkdtemp(prefix="fvl-")))
    run(workspace, _SETUP.format(samples=SAMPLES))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-u", "-m", "app", "serve", "--port", str(port)]
    started = subprocess.Popen(
        command, cwd=ROOT, env=environment(workspace), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        address = _address(started)
        pid = int((workspace.database / "mongod.lock").read_text())
        yield App(address, workspace, psutil.Process(started.pid), psutil.Process(pid))
    finally:
        started.terminate()
        started.wait(30)
        if started.stdout is not None:
            started.stdout.close()
        run(workspace, _END)
        shutil.rmtree(workspace.home, ignore_errors=True)


def run(workspace: Workspace, code: str) -> None:
    """Run statements in that home; from a file, because rendering starts processes that import it."""
    script = workspace.home / "do.py"
    script.write_text(code)
    subprocess.run([sys.executable, str(script)], cwd=ROOT, env=environment(workspace), check=True)


def _address(started: subprocess.Popen[str], seconds: float = 120) -> str:
    """The address that the app prints, with whatever it asks for, once its port is open."""
    assert started.stdout is not None
    for line in started.stdout:
        found = re.search(r"https?://[^\s)]+", line)
        if found:
            break
    else:
        raise AssertionError("the app printed no address")
    threading.Thread(target=started.stdout.read, daemon=True).start()  # or it would wait for a reader
    port = int(re.search(r":(\d+)", found.group().partition("//")[2]).group(1))  # type: ignore[union-attr]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return found.group()
        time.sleep(0.2)
    raise AssertionError(f"port {port} did not open within {seconds:.0f} s")
