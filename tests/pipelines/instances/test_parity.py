"""Masks of weights that we did not train score as in Ultralytics' own validation, in the same protocol."""

import contextlib
import json
import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from PIL import Image

from datasets.images import outlines
from datasets.tables import MANIFEST, PREDICTIONS, read_table, write_table
from datasets.workspace import Workspace
from pipelines.job import Job
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("FOVEAL_SHARED") or ROOT.parent / "shared")
COCO128 = SHARED / "data" / "coco128_multitask"
WEIGHTS = SHARED / "weights" / "yolo" / "yolov8n-seg.pt"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3000),
    pytest.mark.skipif(not WEIGHTS.exists(), reason="no shared data here"),
]
Labels = list[dict[str, Any]]


@pytest.fixture
def names() -> list[str]:
    found = yaml.safe_load((COCO128 / "detection_config.yaml").read_text())["names"]
    return list(found.values()) if isinstance(found, dict) else found


def test_mask_map_is_that_of_ultralytics(names: list[str], workspace: Workspace, tmp_path: Path) -> None:
    from pipelines import registry

    manifest, out = tmp_path / "manifest.parquet", tmp_path / "predictions.parquet"
    write_table(pa.Table.from_pylist(list(images()), schema=MANIFEST.with_metadata(about(names))), manifest)
    registry.adopter("instances")(WEIGHTS, tmp_path / "checkpoint")
    options = {"device": "cpu", "max_detections": 100}
    events = EventWriter(tmp_path / "e")
    job = Job(Run(tmp_path), tmp_path / "checkpoint", manifest, options, out, events, threading.Event())
    registry.predictor("instances")(job)
    rows = read_table(manifest, MANIFEST).to_pylist()
    found = [ours(row, one) for row, one in zip(rows, read_table(out, PREDICTIONS).to_pylist(), strict=True)]
    index = {name: number for number, name in enumerate(names)}
    figures, theirs = scored(rows, found, index), ultralytics(rows, names, tmp_path)
    print(f"ours {figures}, Ultralytics {theirs}")
    assert figures["segm"] == pytest.approx(theirs["segm"], abs=0.005)
    assert figures["bbox"] == pytest.approx(theirs["bbox"], abs=0.005)


def about(names: Sequence[str]) -> dict[str, str]:
    return {"foveal.classes": json.dumps(list(names)), "foveal.kind": "detections"}


def images() -> Iterator[dict[str, Any]]:
    """Rows of a manifest: the images that have polygons."""
    paths = sorted((COCO128 / "images" / "val2017").iterdir())
    paths = [path for path in paths if label_file(path).exists()]
    for number, path in enumerate(paths):
        with Image.open(path) as image:
            width, height = image.size
        yield {"sample_id": f"{number:024x}", "path": str(path), "split": "val", "width": width, "height": height,
               "labels": []}  # fmt: skip


def label_file(path: Path) -> Path:
    return COCO128 / "labels_seg80" / "val2017" / f"{path.stem}.txt"


def ours(row: dict[str, Any], predicted: dict[str, Any]) -> Labels:
    size = row["width"], row["height"]
    found = []
    for label in predicted["labels"]:
        mask = outlines.pasted(np.asarray(Image.open(label["mask_path"])), label["box"], size)
        box = [side * full for side, full in zip(label["box"], size * 2, strict=True)]
        found.append(
            {"class": label["label"], "bbox": box, "segmentation": encoded(mask), "score": label["confidence"]}
        )
    return found


def encoded(mask: Any) -> Any:
    from pycocotools import mask as rle

    return rle.encode(np.asfortranarray(mask))


def scored(rows: Labels, found: Sequence[Labels], index: dict[str, int]) -> dict[str, list[float]]:
    """mAP and mAP50 of masks and of boxes by pycocotools, 100 predictions per image; the truth is that of the files."""
    from pycocotools import mask as rle
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth, guesses = [], []
    for number, (row, labels) in enumerate(zip(rows, found, strict=True)):
        size = np.array([row["width"], row["height"]])
        for line in label_file(Path(row["path"])).read_text().splitlines():
            cls, *numbers = line.split()
            ring = np.array(numbers, float).reshape(-1, 2) * size
            low, high = ring.min(axis=0), ring.max(axis=0)
            mask = rle.merge(rle.frPyObjects([ring.reshape(-1).tolist()], int(size[1]), int(size[0])))
            shape = {"bbox": [*low, *(high - low)], "segmentation": mask, "area": float(rle.area(mask))}
            truth.append({"id": len(truth) + 1, "image_id": number, "category_id": int(cls), "iscrowd": 0, **shape})
        guesses += [{**one, "image_id": number, "category_id": index[one["class"]]} for one in labels]
    with contextlib.redirect_stdout(None), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coco, figures = COCO(), {}
        shown = [{"id": number, "width": row["width"], "height": row["height"]} for number, row in enumerate(rows)]
        coco.dataset = {"images": shown, "annotations": truth, "categories": [{"id": i} for i in index.values()]}
        coco.createIndex()
        for kind in ("segm", "bbox"):
            run = COCOeval(coco, coco.loadRes([dict(one) for one in guesses]), kind)
            run.evaluate()
            run.accumulate()
            run.summarize()
            figures[kind] = [float(value) for value in run.stats[:2]]
    return figures


def ultralytics(rows: Labels, names: list[str], folder: Path) -> dict[str, list[float]]:
    """The predictions that Ultralytics' validation writes with save_json: its native masks, at the image's size."""
    from ultralytics import YOLO

    for kind in ("images", "labels"):
        (folder / "hand" / kind / "val").mkdir(parents=True)
    for row in rows:
        path = Path(row["path"])
        (folder / "hand" / "images" / "val" / path.name).symlink_to(path)
        (folder / "hand" / "labels" / "val" / f"{path.stem}.txt").symlink_to(label_file(path))
    data = folder / "hand" / "data.yaml"
    content = {
        "path": str(folder / "hand"),
        "train": "images/val",
        "val": "images/val",
        "names": dict(enumerate(names)),
    }
    data.write_text(yaml.safe_dump(content))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = YOLO(str(WEIGHTS)).val(
            data=str(data), device="cpu", batch=16, plots=False, verbose=False, save_json=True, conf=0.001, iou=0.7,
            max_det=100, project=str(folder / "val"), workers=0,
        )  # fmt: skip
    print({name: round(value, 4) for name, value in result.results_dict.items()})
    written = json.loads(next((folder / "val").rglob("predictions.json")).read_text())
    found: dict[str, Labels] = {}
    for one in written:
        label = {"class": names[one["category_id"] - 1], "bbox": one["bbox"], "score": one["score"]}
        found.setdefault(Path(one["file_name"]).stem, []).append({**label, "segmentation": one["segmentation"]})
    index = {name: number for number, name in enumerate(names)}
    return scored(rows, [found.get(Path(row["path"]).stem, []) for row in rows], index)
