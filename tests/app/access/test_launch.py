"""A launch: its address, and the file that tells it again."""

import os
import subprocess
import sys

from app.access import launch
from datasets.workspace import Workspace
from tests.helpers import ROOT

SERVER = """
import pathlib, sys
from app.access import launch
launch.remember(pathlib.Path(sys.argv[1]), 8501, "http://x")
print("kept", flush=True)
sys.stdin.read()
"""


def test_every_launch_has_a_token_of_its_own_and_never_shows_it_by_chance() -> None:
    first, second = launch.Launch(), launch.Launch()
    assert first.fits(first.token) and not first.fits(second.token)
    assert not first.fits("") and not first.fits("é") and not first.fits(first.token[:-1])
    assert len(first.token) >= 43 and first.token not in repr(first)


def test_the_address_can_be_opened() -> None:
    one = launch.Launch()
    assert one.address("127.0.0.1", 8501) == f"http://127.0.0.1:8501/?token={one.token}"
    assert one.address("0.0.0.0", 1, "https").startswith("https://127.0.0.1:1/?")
    assert one.address("::1", 8501).startswith("http://[::1]:8501/?")


def test_only_the_token_is_taken_from_a_query() -> None:
    assert launch.without_token("a=1&token=x&b=&a=2&c=%26") == "a=1&b=&a=2&c=%26"


def test_the_address_is_told_while_its_server_lives(workspace: Workspace) -> None:
    ways = {"env": {**os.environ, "PYTHONPATH": str(ROOT)}, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", SERVER, str(workspace.home)], **ways) as server:
        assert server.stdout and server.stdout.readline() == b"kept\n"
        file = workspace.home / "serving" / "8501.json"
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert launch.running(workspace.home) == ["http://x"]
        server.kill()
    assert launch.running(workspace.home) == []
    assert not file.exists()
