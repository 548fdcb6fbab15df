"""Real nuclei, from the importer to the figures: mask AP of our engine is that of pycocotools on the same masks."""

import contextlib
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.evaluation import engines
from datasets.images import masks, outlines
from datasets.storage import collection
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

ROOT = Path(__file__).parents[3]
NAME = "nuclei"


def shared(*parts: str) -> Path:
    import os

    return Path(os.environ.get("FOVEAL_SHARED") or ROOT.parent / "shared").joinpath(*parts)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.skipif(not shared("weights", "yolo", "yolov8n-seg.pt").exists(), reason="no shared data here")
def test_mask_ap_is_that_of_pycocotools(database: Workspace) -> None:
    """Three epochs on 48 images at 256 px: enough for masks that hit and miss."""
    from datasets.exchange.importing import ingest, preview
    from datasets.handover import manifest, predictions
    from pipelines import registry
    from pipelines.job import Job
    from pipelines.runs.events import EventWriter
    from pipelines.runs.run import Run

    ingest(preview(shared("data", "inst_dsb2018_nuclei")), NAME)
    ids = {"train": [], "val": []}  # type: dict[str, list[str]]
    for document in collection.stream(NAME, {}, {"split": 1}):
        ids[document["split"]].append(str(document["_id"]))
    view = ViewSpec(dataset=NAME, ids=(*ids["train"][:48], *ids["val"][:16]))
    quick = {"optimizer": "AdamW", "learning_rate": 1e-3, "warmup_epochs": 0, "batch": 4, "nominal_batch": 4}
    options = {"image_size": 256, "epochs": 3, "device": "cpu", "mosaic": 0.0, **quick}
    weights = str(shared("weights", "yolo", "yolov8n-seg.pt"))
    config = registry.task("instances").resolve("fast", {**options, "weights": weights}).model_dump(mode="json")
    run = Run.create(database, kind="train", name="nuclei", task="instances", config=config, view=view)
    manifest.freeze(view, "ground_truth", run.manifest)
    job = Job.of(run, EventWriter(run.events), threading.Event())
    registry.trainer("instances")(job)
    registry.predictor("instances")(job)
    predictions.store(NAME, run.field, run.predictions, {"classes": ["nucleus"], "run": run.id})
    ours = engines.evaluate(NAME, run.id, run.field).report("val").metrics
    theirs = reference(NAME, run.field, "val")
    assert ours["map50"] > 0.1
    for name, value in theirs.items():
        assert ours[name] == pytest.approx(value, abs=1e-6), name


def reference(dataset: str, field: str, split: str) -> dict[str, float]:
    """Figures of pycocotools, from the masks in the database as whole images, and from the boxes."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    images: list[Any] = []
    sides: tuple[list[Any], list[Any]] = ([], [])
    for document in collection.stream(dataset, {"split": split, field: {"$ne": None}}):
        size = document["metadata"]["width"], document["metadata"]["height"]
        images.append({"id": len(images), "width": size[0], "height": size[1]})
        for name, side in (("ground_truth", sides[0]), (field, sides[1])):
            side += [_annotation(label, size, len(images) - 1, len(side) + n + 1) for n, label in
                     enumerate(document[name]["detections"])]  # fmt: skip
    with contextlib.redirect_stdout(None), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coco, figures = COCO(), dict[str, float]()
        coco.dataset = {"images": images, "annotations": sides[0], "categories": [{"id": 1}]}
        coco.createIndex()
        for kind, prefix in (("segm", ""), ("bbox", "box_")):
            found = COCOeval(coco, coco.loadRes([dict(one) for one in sides[1]]), kind)
            found.evaluate()
            found.accumulate()
            found.summarize()
            figures |= {f"{prefix}map": float(found.stats[0]), f"{prefix}map50": float(found.stats[1])}
    return figures


def _annotation(label: Any, size: tuple[int, int], image: int, number: int) -> dict[str, Any]:
    from pycocotools import mask as rle

    x, y, w, h = label["bounding_box"]
    whole = outlines.pasted(masks.read(label), (x, y, w, h), size)
    box = [x * size[0], y * size[1], w * size[0], h * size[1]]
    return {
        "id": number, "image_id": image, "category_id": 1, "iscrowd": 0, "bbox": box, "area": float(whole.sum()),
        "segmentation": rle.encode(np.asfortranarray(whole)), "score": label.get("confidence"),
    }  # fmt: skip
