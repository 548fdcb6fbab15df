"""Predictions of the untrained-by-us YOLO weights score as Ultralytics' own validation does."""

import contextlib
import json
import os
import threading
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml
from PIL import Image

from datasets.tables import MANIFEST, PREDICTIONS, read_table, write_table
from datasets.workspace import Workspace
from pipelines.job import Job
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("FOVEAL_SHARED") or ROOT.parent / "shared")
COCO128 = SHARED / "data" / "coco128_multitask"
WEIGHTS = SHARED / "weights" / "yolo" / "yolov8n.pt"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not WEIGHTS.exists(), reason="no shared data here")]


@pytest.fixture
def names() -> list[str]:
    found = yaml.safe_load((COCO128 / "detection_config.yaml").read_text())["names"]
    return list(found.values()) if isinstance(found, dict) else found


def test_map_is_that_of_ultralytics(names: list[str], workspace: Workspace, tmp_path: Path) -> None:
    from pipelines import registry

    manifest, out = tmp_path / "manifest.parquet", tmp_path / "predictions.parquet"
    write_table(_manifest(names), manifest)
    registry.adopter("detection")(WEIGHTS, tmp_path / "checkpoint")
    events = EventWriter(tmp_path / "e")
    job = Job(Run(tmp_path), tmp_path / "checkpoint", manifest, {"device": "cpu"}, out, events, threading.Event())
    registry.predictor("detection")(job)
    ours = _coco(read_table(manifest, MANIFEST), read_table(out, PREDICTIONS), names)
    theirs = _ultralytics(names, tmp_path)
    print(f"ours {ours}, Ultralytics {theirs}")
    assert ours == pytest.approx(theirs, abs=0.005)


def _manifest(names: list[str]) -> pa.Table:
    rows = []
    for number, path in enumerate(sorted((COCO128 / "images" / "val2017").iterdir())):
        file = COCO128 / "labels" / "val2017" / f"{path.stem}.txt"
        lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
        labels = [
            {"label": names[int(cls)], "box": [float(x) - float(w) / 2, float(y) - float(h) / 2, float(w), float(h)]}
            for cls, x, y, w, h in lines
        ]
        with Image.open(path) as image:
            width, height = image.size
        rows.append(
            {"sample_id": f"{number:024x}", "path": str(path), "split": "val", "width": width, "height": height,
             "labels": labels}
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=MANIFEST.with_metadata({"foveal.classes": json.dumps(names)}))


def _coco(manifest: pa.Table, predictions: pa.Table, names: list[str]) -> tuple[float, float]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    index = {name: number for number, name in enumerate(names)}
    images, truth, found = [], [], []
    for number, (row, predicted) in enumerate(zip(manifest.to_pylist(), predictions.to_pylist(), strict=True)):
        assert row["sample_id"] == predicted["sample_id"]
        size = np.array([row["width"], row["height"]] * 2)
        images.append({"id": number, "width": row["width"], "height": row["height"]})
        for labels, target in ((row["labels"], truth), (predicted["labels"], found)):
            for label in labels:
                box = (np.array(label["box"]) * size).tolist()
                target.append(
                    {"id": len(target) + 1, "image_id": number, "category_id": index[label["label"]], "bbox": box,
                     "area": box[2] * box[3], "iscrowd": 0, "score": label["confidence"]}
                )  # fmt: skip
    with contextlib.redirect_stdout(None):
        coco = COCO()
        coco.dataset = {"images": images, "annotations": truth, "categories": [{"id": i} for i in range(len(names))]}
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "bbox")
        evaluation.params.maxDets = [1, 10, 300]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, 2]  # thresholds, recalls, classes
    seen = (precision > -1).any(axis=(0, 1))
    return float(precision[:, :, seen].mean()), float(precision[0][:, seen].mean())


def _ultralytics(names: list[str], folder: Path) -> tuple[float, float]:
    from ultralytics import YOLO

    for kind in ("images", "labels"):
        (folder / "hand" / kind / "val").mkdir(parents=True)
        for path in (COCO128 / kind / "val2017").iterdir():
            (folder / "hand" / kind / "val" / path.name).symlink_to(path)
    description = folder / "hand" / "data.yaml"
    content = {
        "path": str(folder / "hand"),
        "train": "images/val",
        "val": "images/val",
        "names": dict(enumerate(names)),
    }
    description.write_text(yaml.safe_dump(content))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the vendor leaves files open
        result = YOLO(WEIGHTS).val(
            data=str(description), imgsz=640, plots=False, device="cpu", project=str(folder), name="v"
        )
    return float(result.box.map), float(result.box.map50)
