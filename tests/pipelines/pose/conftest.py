"""A run of a tiny model that finds key points, on drawn stick figures."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datasets.skeleton import Skeleton
from datasets.tables import MANIFEST, write_table
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.job import Job
from pipelines.runs.events import Event, EventWriter, read_events
from pipelines.runs.run import Run
from tests.helpers import FIGURE, LIMBS, make_figure

SIDE = 64
SKELETON = Skeleton(FIGURE, LIMBS)


class Trial:
    """One run and what it wrote."""

    def __init__(self, run: Run) -> None:
        self.run, self.stop = run, threading.Event()

    def train(self) -> None:
        registry.trainer("pose")(self.job())

    def predict(self, **options: Any) -> None:
        given = {**self.run.request.config, **options}
        registry.predictor("pose")(replace(self.job(), config=given))

    def job(self) -> Job[Any]:
        return Job.of(self.run, EventWriter(self.run.events), self.stop)

    def events(self, kind: str) -> list[Event]:
        return [event for event in read_events(self.run.events)[0] if event["kind"] == kind]


@pytest.fixture
def trial(workspace: Workspace, tmp_path: Path) -> Callable[..., Trial]:
    """Make a run: options over a tiny config, and what the manifest says of its skeleton."""

    def make(skeleton: Skeleton | None = SKELETON, **options: Any) -> Trial:
        tiny = {"image_size": 64, "batch": 4, "epochs": 1, "weights": "none", "device": "cpu", "predict_batch": 4}
        config = registry.task("pose").resolve("fast", {**tiny, **options})
        run = Run.create(workspace, kind="train", name="tiny", task="pose", config=config.model_dump(mode="json"))
        write_table(make_figures(tmp_path / "images", skeleton), run.manifest)
        return Trial(run)

    return make


def make_figures(folder: Path, skeleton: Skeleton | None, n: int = 8) -> Any:
    """A manifest of n drawn images (the last two val, the rest train), a stick figure on each."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for i in range(n):
        image, points = make_figure(i, SIDE)
        path = folder / f"{i}.png"
        image.save(path)
        seen = points[points[:, 2] > 0, :2] / SIDE
        low, high = seen.min(axis=0), seen.max(axis=0)
        numbers = [[x / SIDE, y / SIDE, v] if v else [float("nan"), float("nan"), 0] for x, y, v in points.tolist()]
        label = {"label": "figure", "box": [*low.tolist(), *(high - low).tolist()], "crowd": False,
                 "points": [value for one in numbers for value in one]}  # fmt: skip
        row = {"sample_id": f"{i:024x}", "path": str(path), "split": "val" if i >= n - 2 else "train"}
        rows.append({**row, "width": SIDE, "height": SIDE, "labels": [label]})
    metadata = {
        "foveal.classes": json.dumps(["figure"]), "foveal.revision": "0" * 64, "foveal.kind": "keypoints",
        "foveal.skeleton": json.dumps(skeleton.plain() if skeleton else None),
    }  # fmt: skip
    return pa.Table.from_pylist(rows, schema=MANIFEST.with_metadata(metadata))
