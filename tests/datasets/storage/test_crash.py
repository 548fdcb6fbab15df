"""kill -9 at random moments of a long write; then the same write again ends as one that nobody disturbed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from datasets.evaluation import stored as kept
from datasets.evaluation.objects import table
from datasets.exchange import importing
from datasets.handover import predictions
from datasets.storage import collection, schemas, store
from datasets.workspace import Workspace
from tests.benchmarks.scene import predicted, preview, scene
from tests.datasets.storage.crash_child import FIELD, N

ROOT = Path(__file__).parents[3]
_ANEW = {"_id", "_rand", "_dataset_id", "created_at", "last_modified_at", "eval_r1_id"}


@contextmanager
def child(operation: str, name: str, path: Path) -> Iterator["subprocess.Popen[str]"]:
    words = [sys.executable, "-W", "ignore", "-m", "tests.datasets.storage.crash_child", operation, name, str(path)]
    with subprocess.Popen(words, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None and started.stdout.readline() == "go\n"
        yield started


def undisturbed(operation: str, name: str, path: Path) -> float:
    """Runs to its end. Returns seconds."""
    with child(operation, name, path) as started:
        since = time.monotonic()
        assert started.wait(120) == 0
        return time.monotonic() - since


def disturbed(operation: str, name: str, path: Path, seconds: float, kills: int) -> int:
    """Killed some times, then run to its end. Returns how many kills came before the end."""
    dice, hit = random.Random(), 0
    for _ in range(kills):
        with child(operation, name, path) as started:
            time.sleep(dice.uniform(0, 0.8 * seconds))
            started.kill()
            hit += started.wait() == -signal.SIGKILL
    undisturbed(operation, name, path)
    return hit


def content(name: str) -> list[Any]:
    return [_stripped(found) for found in collection.stream(name, sort=[("filepath", 1)])]


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stripped(one) for key, one in value.items() if key not in _ANEW}
    return [_stripped(one) for one in value] if isinstance(value, list) else value


def labelled(name: str) -> list[str]:
    importing.ingest(preview(scene(N)), name, None)
    return [str(found["_id"]) for found in collection.stream(name, projection={"_id": 1})]


@pytest.mark.slow
def test_ingest(database: Workspace, tmp_path: Path) -> None:
    for name in ("calm", "rough"):
        store.create(name, {importing.FIELD: "detections"})
    seconds = undisturbed("ingest", "calm", tmp_path)
    assert disturbed("ingest", "rough", tmp_path, seconds, 3)
    assert content("rough") == content("calm") and store.summary("rough").count == N
    assert store.summary("rough").classes == store.summary("calm").classes


@pytest.mark.parametrize("kills", [1, pytest.param(4, marks=pytest.mark.slow)])
def test_prediction_write(kills: int, database: Workspace, tmp_path: Path) -> None:
    paths = {name: predicted(scene(N), labelled(name), tmp_path) for name in ("calm", "rough")}
    for name in paths:
        schemas.declare(name, {FIELD: "detections"})
    seconds = undisturbed("predict", "calm", paths["calm"])
    assert disturbed("predict", "rough", paths["rough"], seconds, kills) == kills
    assert content("rough") == content("calm")
    assert predictions.info("rough", FIELD) == predictions.info("calm", FIELD)


@pytest.mark.slow
def test_evaluation_write(database: Workspace, tmp_path: Path) -> None:
    for name in ("calm", "rough"):
        predictions.store(name, FIELD, predicted(scene(N), labelled(name), tmp_path), {"run": "r1"})
    seconds = undisturbed("evaluate", "calm", tmp_path)
    assert disturbed("evaluate", "rough", tmp_path, seconds, 2)
    assert content("rough") == content("calm")
    schema = {name: collection.load(name).get_field_schema(flat=True).keys() for name in ("calm", "rough")}
    assert schema["rough"] == schema["calm"]
    results = [collection.load(name).load_evaluation_results("eval_r1") for name in ("calm", "rough")]
    assert results[0].mAP() == results[1].mAP() and results[0].report() == results[1].report()
    reports = [table.read(kept.table_path(name, "r1")).about["reports"][""]["metrics"] for name in ("calm", "rough")]
    assert reports[0] == reports[1]


@pytest.mark.slow
def test_ingest_into_a_new_dataset(database: Workspace, tmp_path: Path) -> None:
    seconds = undisturbed("ingest", "calm", tmp_path)
    assert disturbed("ingest", "rough", tmp_path, seconds, 3)
    assert content("rough") == content("calm") and store.names() == ["calm", "rough"]
