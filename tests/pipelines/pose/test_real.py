"""Weights that we did not train find the points on photographs that Ultralytics itself finds."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from datasets.tables import MANIFEST, PREDICTIONS, read_table, write_table
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.job import Job
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run

SHARED = Path(os.environ.get("FOVEAL_SHARED") or Path(__file__).parents[4] / "shared")
COCO128 = SHARED / "data" / "coco128_multitask"
WEIGHTS = SHARED / "weights" / "yolo" / "yolo11n-pose.pt"
IMAGES, SURE = 12, 0.4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not WEIGHTS.exists(), reason="no shared data here"),
]


def test_points_are_those_of_ultralytics(workspace: Workspace, tmp_path: Path) -> None:
    paths = people()
    ours, theirs = predicted(paths, tmp_path), ultralytics(paths, tmp_path)
    apart, matched = list[Any](), 0
    total = sum(len(found) for found in theirs)
    for found, known in zip(ours, theirs, strict=True):
        for box, points, sure in known:
            nearest = min(found, key=lambda one: np.abs(one[0] - box).sum(), default=None)
            if nearest is None or np.abs(nearest[0] - box).max() > 0.1 * box[2:].max():
                continue
            matched += 1
            apart += ((nearest[1] - points) / np.sqrt(box[2:].prod()))[sure > SURE].tolist()
    shift = np.mean(apart, axis=0)
    distance = np.linalg.norm(apart, axis=1)
    print(f"{matched} of {total} persons on {len(paths)} images, {len(apart)} sure points; shift {shift.round(4)}")
    print(f"apart, of the side of the box: {np.median(distance):.4f}, 95 % {np.quantile(distance, 0.95):.4f}")
    # Ultralytics places images on other canvases when it predicts than when it validates: the pixels differ.
    assert matched >= 0.9 * total > 10
    assert np.median(distance) < 0.02 and np.abs(shift).max() < 0.004


def people() -> list[Path]:
    found = []
    for label in sorted((COCO128 / "labels" / "val2017").glob("*.txt")):
        image = COCO128 / "images" / "val2017" / f"{label.stem}.jpg"
        if any(line.split()[:1] == ["0"] for line in label.read_text().splitlines()) and image.exists():
            found.append(image)
    return found[:IMAGES]


def predicted(paths: list[Path], folder: Path) -> list[list[tuple[Any, Any, Any]]]:
    """Boxes and points (17, 2) in pixels of what our way finds, and its scores."""
    rows, sizes = [], []
    for number, path in enumerate(paths):
        with Image.open(path) as image:
            sizes.append(image.size)
        rows.append({"sample_id": f"{number:024x}", "path": str(path), "split": "val", "width": sizes[-1][0],
                     "height": sizes[-1][1], "labels": []})  # fmt: skip
    manifest, out = folder / "manifest.parquet", folder / "predictions.parquet"
    write_table(pa.Table.from_pylist(rows, schema=MANIFEST), manifest)
    registry.adopter("pose")(WEIGHTS, folder / "checkpoint")
    options = {"device": "cpu", "confidence": 0.1, "workers": 0}
    events = EventWriter(folder / "e")
    job = Job(Run(folder), folder / "checkpoint", manifest, options, out, events, threading.Event())
    registry.predictor("pose")(job)
    found = []
    for row, size in zip(read_table(out, PREDICTIONS).to_pylist(), sizes, strict=True):
        found.append([
            (np.array(one["box"]) * np.tile(size, 2), np.array(one["points"]).reshape(-1, 3)[:, :2] * size,
             one["confidence"]) for one in row["labels"]
        ])  # fmt: skip
    return found


def ultralytics(paths: list[Path], folder: Path) -> list[list[tuple[Any, Any, Any]]]:
    """The same by Ultralytics' own predictor, with confidences of points in place of scores."""
    from pipelines.yolo.model import cleaned

    file = cleaned(WEIGHTS, "pose", folder / "own")
    from ultralytics import YOLO

    found = []
    for one in YOLO(str(file)).predict([str(path) for path in paths], conf=SURE, iou=0.7, imgsz=640, verbose=False,
                                       device="cpu", project=str(folder)):  # fmt: skip
        boxes = one.boxes.xyxy.numpy()
        boxes[:, 2:] -= boxes[:, :2]
        found.append(list(zip(boxes, one.keypoints.xy.numpy(), one.keypoints.conf.numpy(), strict=True)))
    return found
