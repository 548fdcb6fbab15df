"""A run of a tiny network on drawn shapes."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pytest

from datasets.tables import MANIFEST, write_table
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.job import Job
from pipelines.runs.events import Event, EventWriter, read_events
from pipelines.runs.run import Run

TARGETS = {0: "ground", 3: "disc", 7: "box"}
VOID = 9  # a value that no class has
SIZE = (80, 96)


def draw(folder: Path, number: int, size: tuple[int, int] = SIZE) -> tuple[Path, Path]:
    """An image (height, width) of a red disc and a green box on noise, and its mask; the box has a void edge."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(number)
    height, width = size
    image = random.integers(0, 60, (height, width, 3), dtype=np.uint8)
    mask = np.zeros((height, width), np.uint8)
    centre, radius = (int(random.integers(15, width // 2)), int(random.integers(15, height - 15))), 14
    cv2.circle(image, centre, radius, (0, 0, 220), -1)
    cv2.circle(mask, centre, radius, 3, -1)
    x, y = int(random.integers(width // 2, width - 26)), int(random.integers(2, height - 26))
    cv2.rectangle(image, (x, y), (x + 22, y + 22), (0, 220, 0), -1)
    cv2.rectangle(mask, (x, y), (x + 22, y + 22), 7, -1)
    cv2.rectangle(mask, (x, y), (x + 22, y + 22), VOID, 1)
    paths = folder / f"{number}.png", folder / f"{number}_mask.png"
    for path, pixels in zip(paths, (image, mask), strict=True):
        cv2.imwrite(str(path), pixels)
    return paths


def row(number: int, image: Path, mask: Path | None, split: str, size: tuple[int, int] = SIZE) -> dict[str, Any]:
    """A row of a manifest."""
    labels = [] if mask is None else [{"id": f"{number:024x}", "label": "", "crowd": False, "mask_path": str(mask)}]
    return {"sample_id": f"{number:024x}", "path": str(image), "split": split,
            "height": size[0], "width": size[1], "labels": labels}  # fmt: skip


def write_manifest(path: Path, rows: list[dict[str, Any]], targets: Mapping[int, str] = TARGETS) -> Path:
    """`manifest.parquet` as `datasets.handover.manifest.freeze` leaves it for a field of semantic masks."""
    metadata = {
        "foveal.classes": json.dumps(list(targets.values())), "foveal.kind": "segmentation",
        "foveal.targets": json.dumps(targets), "foveal.revision": "0" * 64,
    }  # fmt: skip
    write_table(pa.Table.from_pylist(rows, schema=MANIFEST.with_metadata(metadata)), path)
    return path


def shapes(folder: Path, count: int = 10) -> list[dict[str, Any]]:
    """Rows of drawn images, the last two val, the rest train."""
    return [row(n, *draw(folder, n), "val" if n >= count - 2 else "train") for n in range(count)]


class Trial:
    """One run and what it wrote."""

    def __init__(self, run: Run) -> None:
        self.run, self.stop = run, threading.Event()

    def train(self) -> None:
        registry.trainer("segmentation")(self.job())

    def predict(self, manifest: Path | None = None, **options: Any) -> None:
        given = {**self.run.request.config, **options}
        job = replace(self.job(), config=given, manifest=manifest or self.run.manifest)
        registry.predictor("segmentation")(job)

    def job(self) -> Job[Any]:
        return Job.of(self.run, EventWriter(self.run.events), self.stop)

    def events(self, kind: str) -> list[Event]:
        return [event for event in read_events(self.run.events)[0] if event["kind"] == kind]

    def metrics(self) -> list[dict[str, float]]:
        return [event["metrics"] for event in self.events("epoch")]


TINY = {
    "model": "mobilenet_v2", "weights": "none", "epochs": 1, "batch": 4, "crop_size": 64, "device": "cpu",
    "precision": "fp32", "warmup_epochs": 0.0, "ema": 0.0,
}  # fmt: skip


@pytest.fixture
def trial(workspace: Workspace, tmp_path: Path) -> Callable[..., Trial]:
    """Make a run: options over a tiny config."""
    return lambda rows=None, **options: made(workspace, rows or shapes(tmp_path / "shapes"), **options)


def made(workspace: Workspace, rows: list[dict[str, Any]], **options: Any) -> Trial:
    """A run on these rows: options over a tiny config."""
    config = registry.task("segmentation").resolve("balanced", {**TINY, **options})
    run = Run.create(workspace, kind="train", name="t", task="segmentation", config=config.model_dump(mode="json"))
    write_manifest(run.manifest, rows)
    return Trial(run)


@pytest.fixture(scope="module")
def place(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace for runs that the tests of a module share."""
    fresh = Workspace(tmp_path_factory.mktemp("shared") / "home").create()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEAL_HOME", str(fresh.home))
        yield fresh
