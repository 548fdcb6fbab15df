"""A run of a tiny model that draws masks, on drawn ellipses."""

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

W, H, CLASSES = 96, 72, ("red", "green")


class Trial:
    """One run and what it wrote."""

    def __init__(self, run: Run) -> None:
        self.run, self.stop = run, threading.Event()

    def train(self) -> None:
        registry.trainer("instances")(self.job())

    def predict(self, **options: Any) -> None:
        given = {**self.run.request.config, **options}
        registry.predictor("instances")(replace(self.job(), config=given))

    def job(self) -> Job[Any]:
        return Job.of(self.run, EventWriter(self.run.events), self.stop)

    def events(self, kind: str) -> list[Event]:
        return [event for event in read_events(self.run.events)[0] if event["kind"] == kind]

    def epochs(self) -> list[int]:
        return [event["epoch"] for event in self.events("epoch")]


@pytest.fixture
def trial(workspace: Workspace, tmp_path: Path) -> Callable[..., Trial]:
    """Make a run: options over a tiny config."""

    def make(**options: Any) -> Trial:
        tiny = {"image_size": 64, "batch": 4, "epochs": 1, "weights": "none", "device": "cpu", "predict_batch": 4}
        config = registry.task("instances").resolve("fast", {**tiny, **options})
        run = Run.create(workspace, kind="train", name="tiny", task="instances", config=config.model_dump(mode="json"))
        write_table(make_ellipses(tmp_path / "images"), run.manifest)
        return Trial(run)

    return make


def make_ellipses(folder: Path, n: int = 8) -> Any:
    """A manifest of n drawn images (the last two val, the rest train), one ellipse of each class on each.

    The mask of every second one is as large as the image, the others fill their boxes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random, rows = np.random.default_rng(51), []
    for i in range(n):
        pixels, labels = random.integers(0, 60, (H, W, 3), dtype=np.uint8), []
        for k, name in enumerate(CLASSES):
            w, h = (int(side) for side in random.integers(16, 30, 2))
            x, y = int(random.integers(0, W - w)), int(random.integers(0, H - h))
            down, across = np.mgrid[:H, :W]
            mask = ((across + 0.5 - x - w / 2) / (w / 2)) ** 2 + ((down + 0.5 - y - h / 2) / (h / 2)) ** 2 < 1
            pixels[mask] = np.eye(3, dtype=np.uint8)[k] * 255
            path = folder / f"{i}-{name}.mask.png"
            Image.fromarray((mask if i % 2 else mask[y : y + h, x : x + w]).astype(np.uint8) * 255).save(path)
            box = [x / W, y / H, w / W, h / H]
            labels.append({"label": name, "box": box, "crowd": False, "mask_path": str(path)})
        image = folder / f"{i}.png"
        Image.fromarray(pixels).save(image)
        row = {"sample_id": f"{i:024x}", "path": str(image), "split": "val" if i >= n - 2 else "train"}
        rows.append({**row, "width": W, "height": H, "labels": labels})
    metadata = {"foveal.classes": json.dumps(CLASSES), "foveal.revision": "0" * 64, "foveal.kind": "detections"}
    return pa.Table.from_pylist(rows, schema=MANIFEST.with_metadata(metadata))
