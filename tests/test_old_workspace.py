"""A workspace from before kinds had one table is read, shown and continued: `tests/fixtures/make_workspace.py`."""

import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.old_workspace import DATASETS, FIXTURE, SAME_BITS, TOLD
from tests.helpers import ROOT

# One process for all of it: a home has a database of its own, and FiftyOne knows one in each process.
CODE = """
import json, sys
from pathlib import Path
from tests.fixtures.old_workspace import go_on, look, unbroken, verb
from datasets.storage import database

home, backup, runs = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
try:
    restored = verb("restore", backup, "--into", str(home))
    told = look(home, runs)
    weights, anew = go_on(home / "runs" / runs["stopped"]), unbroken(home / "runs" / runs["stopped"])
finally:
    database.stop()
print(json.dumps({"restored": restored, "weights": weights, "anew": anew, **told}))
"""
Told = dict[str, Any]


@pytest.fixture(scope="module")
def before() -> Told:
    """What the commit that made the workspace told of it."""
    told: Told = json.loads(lzma.decompress(TOLD.read_bytes()))
    return told


@pytest.fixture(scope="module")
def now(before: Told) -> Iterator[Told]:
    """What is told of it now."""
    home = Path(tempfile.mkdtemp(prefix="fvo-"))
    backup = home.with_suffix(".tar")
    backup.write_bytes(lzma.decompress(FIXTURE.read_bytes()))
    environment = {**os.environ, **SAME_BITS, "FOVEAL_HOME": str(home), "FOVEAL_DEVICES": "cpu", "FOVEAL_IDLE": "1"}
    for name in ("FIFTYONE_DATABASE_URI", "FOVEAL_DATABASE_URI"):
        environment.pop(name, None)
    command = [sys.executable, "-W", "ignore", "-c", CODE, str(home), str(backup), json.dumps(before["runs"])]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout.splitlines()[-1])
    finally:
        backup.unlink()
        shutil.rmtree(home, ignore_errors=True)


def test_everything_is_restored(now: Told) -> None:
    restored = now["restored"]
    assert (restored["datasets"], restored["missing"], restored["consistent"]) == (len(set(DATASETS.values())), 0, True)


@pytest.mark.parametrize("what", ["datasets", "jobs", "verdicts", "manifests", "checkpoints"])
def test_files_and_documents_are_read(what: str, before: Told, now: Told) -> None:
    assert_kept(before[what], now[what])


@pytest.mark.parametrize("dataset", sorted(set(DATASETS.values())))
def test_the_rows_of_the_grid_are_the_same(dataset: str, before: Told, now: Told) -> None:
    assert_kept(before["rows"][dataset], now["rows"][dataset])


def test_a_saved_view_holds_the_same_rows(before: Told, now: Told) -> None:
    assert_kept(before["saved view"], now["saved view"])


@pytest.mark.parametrize("what", ["reviews", "review pages", "exports", "figures"])
@pytest.mark.parametrize("name", DATASETS)
def test_predictions_and_their_figures_are_the_same(name: str, what: str, before: Told, now: Told) -> None:
    assert_kept(before[what][name], now[what][name])


@pytest.mark.parametrize("what", ["stored", "run pages"])
def test_the_files_of_runs_are_read_and_shown(what: str, before: Told, now: Told) -> None:
    assert_kept(before[what], now[what])


def test_a_stopped_training_ends_with_the_weights_of_the_unbroken_one(before: Told, now: Told) -> None:
    """Its first epoch was learned where the workspace was made; they can compare only where bits are alike."""
    assert now["weights"].keys() == before["weights"].keys()
    if now["anew"] != before["weights"]:
        pytest.skip("this processor adds in another order than the one that made the workspace")
    assert_kept(before["weights"], now["weights"])


def assert_kept(before: Any, now: Any, where: str = "") -> None:
    """What was told before is told the same; more may be told beside it."""
    if isinstance(before, dict) and isinstance(now, dict):
        assert before.keys() <= now.keys(), f"{where}: expected {sorted(before)}, found {sorted(now)}"
        for key, value in before.items():
            assert_kept(value, now[key], f"{where}.{key}")
    elif isinstance(before, list) and isinstance(now, list):
        assert len(before) == len(now), f"{where}: expected {len(before)}, found {len(now)}"
        for number, (old, new) in enumerate(zip(before, now, strict=True)):
            assert_kept(old, new, f"{where}[{number}]")
    else:
        assert now == before, where
