"""Nothing leaves this machine: no process of the loop asks for an address beyond loopback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datasets.workspace import Workspace
from tests.helpers import make_coco, run_foveal

HERE = Path(__file__).parent


@pytest.fixture
def watched(server: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that lists every attempt to reach beyond this machine, by this test's child processes."""
    seen = tmp_path / "sockets.txt"
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("FOVEAL_TEST_SOCKETS", str(seen))
    monkeypatch.setenv("FOVEAL_HOME", str(server.home))
    return seen


def attempts(seen: Path) -> str:
    return seen.read_text() if seen.exists() else ""


def test_the_watch_sees_an_attempt(watched: Path) -> None:
    reach = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=0.1)"
    subprocess.run([sys.executable, "-c", reach], env=dict(os.environ), check=False, capture_output=True)
    assert "192.0.2.1" in attempts(watched)


def test_the_loop_is_quiet(database: Workspace, watched: Path, tmp_path: Path) -> None:
    run_foveal("import", make_coco(tmp_path / "source", 12), "--name", "quiet", "--splits", "0.5,0.25,0.25")
    small = ("epochs=1", "image_size=64", "batch=4", "weights=none")
    options = [word for pair in small for word in ("--set", pair)]
    run = json.loads(run_foveal("train", "quiet", "--json", "--wait", *options))["run"]
    run_foveal("predict", run, "--dataset", "quiet", "--split", "train", "--wait")
    report = json.loads(run_foveal("evaluate", "quiet", "--run", run, "--json"))
    assert report["card"]["samples"] == 12  # val and test by the training, train by the prediction
    run_foveal("doctor")
    assert attempts(watched) == ""
