"""A test that leaves a process behind fails the run, and the process is ended."""

import os
import subprocess
import sys
from pathlib import Path

from tests.helpers import ROOT
from tests.leftovers import MARK

FORGETFUL = """
import subprocess, sys

def test_leaves_a_process_behind():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
"""


def test_a_run_that_leaves_a_process_behind_fails_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    (tmp_path / "test_forgetful.py").write_text(FORGETFUL)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", str(tmp_path)]
    env = {**os.environ, MARK: f"inner of {os.getpid()}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout
    assert done.returncode == 1
    assert "found alive" in done.stdout and "time.sleep(600)" in done.stdout
