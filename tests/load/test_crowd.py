"""Twenty people on 100,000 images with a training beside: how long pages take, and that none fails.

FOVEAL_LOAD_SECONDS (90) and FOVEAL_LOAD_CLIENTS (20) may be set.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import numpy as np
import pytest

from tests.helpers import ROOT
from tests.load.client import Place
from tests.load.conftest import App, environment
from tests.load.crowd import crowd

SECONDS = float(os.environ.get("FOVEAL_LOAD_SECONDS", "90"))
CLIENTS = int(os.environ.get("FOVEAL_LOAD_CLIENTS", "20"))
P95 = 3.0  # seconds, of a page


def view(field: str, value: str) -> str:
    return '{"filters":[{"field":"%s","op":"any_of","values":["%s"]}]}' % (field, value)  # noqa: UP031


def browse(**query: str) -> Place:
    return Place("browse", urlencode({"dataset": "big", **query}), 60)


PLACES = [
    Place(""),
    browse(),
    browse(page="900"),
    browse(view=view("split", "val")),
    browse(view=view("ground_truth.label", "class 3")),
    Place("browse", "dataset=street", 60),
    Place("train", "dataset=big"),
    Place("jobs"),
    Place("models"),
    Place("review", "dataset=big"),
    Place("import"),
]


@pytest.fixture
def training(app: App) -> Iterator[str]:
    """A training that runs beside; its run."""
    verb(app, "train", "digits", "--preset", "accurate", "--set", "epochs=400")
    until = time.monotonic() + 120
    while not (begun := list(app.workspace.runs.glob("*/events.jsonl"))):
        assert time.monotonic() < until, "the training did not begin"
        time.sleep(0.5)
    yield begun[0].parent.name
    verb(app, "jobs", begun[0].parent.name, "--cancel", "--wait", ends=4)  # cancelled


def verb(app: App, *words: str, ends: int = 0) -> None:
    done = subprocess.run([sys.executable, "-m", "app", *words], cwd=ROOT, env=environment(app.workspace), check=False)
    assert done.returncode == ends


@pytest.mark.slow
def test_twenty_people_and_a_training(app: App, training: str, capsys: pytest.CaptureFixture[str]) -> None:
    places = [*PLACES, Place("jobs", f"run={training}")]
    before = app.cpu()
    load = crowd(app.address, places, SECONDS, CLIENTS)
    spent = app.cpu() - before
    busy = os.getloadavg()[0]
    with capsys.disabled():
        print(load.table(f"{CLIENTS} clients for {SECONDS:.0f} s, a training beside, load {busy:.1f}"))
        print(f"app and database: {spent:.1f} s of CPU, {spent / max(1, len(load.all)) * 1000:.0f} ms a page")
    assert not load.errors
    assert np.quantile(load.all, 0.95) < P95
