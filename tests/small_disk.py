"""A small file system of its own for code that a test runs in another process: really full, or really read-only."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOUNTED = """
import errno, os, sqlite3, sys
from pathlib import Path
disk = Path(sys.argv[1])
def full():
    with (disk / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096: pass
        except OSError as error:
            assert error.errno == errno.ENOSPC
"""


def mounted(tmp_path: Path, options: str, body: str) -> str:
    """Run code with a small file system of its own at sys.argv[1]; skips where this user may not mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    code = MOUNTED + textwrap.dedent(body)
    shell = f'mount -t tmpfs -o mode=0700,{options} none "$1" || exit 77; exec "$2" -W ignore -c "$3" "$1"'
    words = ["unshare", "-rm", "sh", "-c", shell, "sh", str(disk), sys.executable, code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FOVEAL_HOME": str(disk)}
    for name in ("FIFTYONE_DATABASE_URI", "FOVEAL_DATABASE_URI"):
        environment.pop(name, None)
    try:
        done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=120, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare to make a small disk with")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"this user may not mount a small disk: {done.stderr.strip()[:100]}")
    assert done.returncode == 0, done.stderr
    return done.stdout
