"""Runs of tiny classifiers on drawn squares."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from datasets.tables import MANIFEST, write_table
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.job import Job
from pipelines.runs.events import Event, EventWriter, read_events
from pipelines.runs.run import Run

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 230)}
SPLITS = ("train",) * 4 + ("val",) * 2


class Trial:
    """One run and what it wrote."""

    def __init__(self, run: Run) -> None:
        self.run, self.stop = run, threading.Event()

    def train(self) -> None:
        registry.trainer("classification")(self.job())

    def predict(self, manifest: Path | None = None, **options: Any) -> None:
        given = {**self.run.request.config, **options}
        registry.predictor("classification")(replace(self.job(), config=given, manifest=manifest or self.run.manifest))

    def job(self) -> Job[Any]:
        return Job.of(self.run, EventWriter(self.run.events), self.stop)

    def events(self, kind: str) -> list[Event]:
        return [event for event in read_events(self.run.events)[0] if event["kind"] == kind]


def draw(path: Path, names: tuple[str, ...], side: int, random: np.random.Generator) -> None:
    """A dark noisy square with a stripe in the colour of each class."""
    pixels = random.integers(0, 60, (side, side, 3)).astype(np.uint8)
    for place, name in enumerate(COLOURS):
        if name in names:
            start = place * side // 3 + int(random.integers(0, 2))
            pixels[2 : side - 2, start : start + side // 4] = COLOURS[name]
    Image.fromarray(pixels).save(path)


def stripes(folder: Path, kind: str = "classification", side: int = 16, count: int = 6) -> pa.Table:
    """A manifest of drawn images: one class each, or of many classes every set of them."""
    folder.mkdir(parents=True, exist_ok=True)
    random, rows = np.random.default_rng(51), []
    names = list(COLOURS)
    sets = (
        [(name,) for name in names]
        if kind == "classification"
        else [(), *((name,) for name in names), tuple(names[:2])]
    )
    for number in range(count * len(sets)):
        chosen = sets[number % len(sets)]
        path = folder / f"{number:03}.png"
        draw(path, chosen, side, random)
        labels = [{"label": name, "crowd": False} for name in chosen]
        rows.append({
            "sample_id": f"{number:024x}", "path": str(path), "split": SPLITS[number // len(sets) % len(SPLITS)],
            "width": side, "height": side, "labels": labels,
        })  # fmt: skip
    table = pa.Table.from_pylist(rows, MANIFEST)
    return table.replace_schema_metadata({b"foveal.classes": json.dumps(names), b"foveal.kind": kind})


@pytest.fixture
def trial(workspace: Workspace, tmp_path: Path) -> Callable[..., Trial]:
    """Make a run: options over a tiny config."""

    def make(kind: str = "classification", side: int = 16, preset: str = "balanced", **options: Any) -> Trial:
        tiny = {"batch": 4, "epochs": 1, "device": "cpu", "predict_batch": 4, "precision": "fp32"}
        config = registry.task("classification").resolve(preset, {**tiny, **options})
        run = Run.create(workspace, kind="train", name="tiny", task="classification", config=config.model_dump())
        write_table(stripes(tmp_path / "images", kind, side), run.manifest)
        return Trial(run)

    return make
