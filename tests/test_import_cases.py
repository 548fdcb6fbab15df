"""Small inputs that real people's habits produce, each with what is right: all of them come in right, or are told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import ROOT

SHARED = Path(os.environ.get("FOVEAL_SHARED", ROOT.parent / "shared"))
CASES, CHECKER = SHARED / "cases" / "import", SHARED / "cases" / "check_cases.py"


@pytest.mark.slow
@pytest.mark.skipif(not CHECKER.is_file(), reason=f"expected the cases of imports in {CASES}, found none")
def test_every_case_of_an_import_is_right() -> None:
    command = [sys.executable, str(CHECKER), str(CASES), "--python", sys.executable, "--project", str(ROOT)]
    done = subprocess.run([*command, "--jobs", "2"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    expected = len(list(CASES.glob("*/expected.json")))
    assert f"{expected} of {expected} right" in done.stdout
