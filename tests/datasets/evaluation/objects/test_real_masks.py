"""Real masks, jittered, scored through the database, against pycocotools and torchmetrics."""

import contextlib
import io
import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bson import ObjectId
from numpy.typing import NDArray
from PIL import Image

from datasets.evaluation import engines
from datasets.storage import collection, documents, store
from datasets.workspace import Workspace

pytestmark = pytest.mark.slow
NAME = "real"


def source(*parts: str) -> Path:
    folder = Path(os.environ.get("FOVEAL_SHARED") or "../shared").joinpath("data", *parts).resolve()
    if not folder.exists():
        pytest.skip("the shared data are not here")
    return folder


def save(path: Path, mask: NDArray[Any]) -> str:
    Image.fromarray(mask.astype(np.uint8)).save(path)
    return str(path)


def jittered(r: np.random.Generator, mask: NDArray[Any]) -> NDArray[Any]:
    """Moved by some pixels, and one class taken for another."""
    moved = np.roll(mask, r.integers(-4, 5, 2), (0, 1))
    values = np.unique(mask)
    moved[moved == r.choice(values)] = r.choice(values)
    return moved


CAMVID = ("sem_camvid", "valannot")
COCO128 = ("coco128_multitask", "semantic_segmentation", "masks", "train2017")


@pytest.mark.parametrize(("folder", "classes", "void"), [(CAMVID, 11, 11), (COCO128, 0, 255)])
def test_semantic_masks_score_as_in_torchmetrics(
    database: Workspace, tmp_path: Path, folder: tuple[str, ...], classes: int, void: int
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from torchmetrics.classification import MulticlassAccuracy, MulticlassJaccardIndex

    r = np.random.default_rng(1)
    store.create(NAME, {"truth": "segmentation", "pred_r1": "segmentation"})
    targets = {str(k): f"class {k}" for k in range(classes)}
    if classes:
        documents.update(NAME, {"default_mask_targets": targets})
    count = classes or 256
    figures = [
        MulticlassJaccardIndex(count, ignore_index=void, average="none"),
        MulticlassAccuracy(count, ignore_index=void, average="micro"),
    ]
    made, seen = [], np.zeros(256, np.bool_)
    for i, path in enumerate(sorted(source(*folder).glob("*.png"))[:60]):
        truth = np.asarray(Image.open(path))
        found = jittered(r, truth)
        found[found == void] = 0  # a model knows no void
        kept = truth != void
        seen[np.unique(truth[kept])] = seen[np.unique(found[kept])] = True
        for figure in figures:
            figure.update(torch.from_numpy(found.astype(np.int64)), torch.from_numpy(truth.astype(np.int64)))
        paths = {"truth": str(path), "pred_r1": save(tmp_path / f"{i}.png", found)}
        fields = {key: {"_id": ObjectId(), "_cls": "Segmentation", "tags": [], "mask_path": one}
                  for key, one in paths.items()}  # fmt: skip
        made.append(collection.sample_document(str(tmp_path / f"{i}.jpg"), split="val", **fields))
    collection.insert(NAME, made)
    metrics = engines.evaluate(NAME, "r1", "pred_r1", "truth").report().metrics
    ious = figures[0].compute().numpy()[seen[:count]]
    assert metrics["miou"] == pytest.approx(ious.mean(), abs=1e-6)
    assert metrics["pixel_accuracy"] == pytest.approx(float(figures[1].compute()), abs=1e-6)
    assert 0.1 < metrics["miou"] < 0.99
    assert 0.1 < metrics["boundary_f1"] < 0.99


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pycocotools")
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_instances_score_as_in_pycocotools(database: Workspace, tmp_path: Path) -> None:
    from pycocotools import mask as rle
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    known = json.loads((source("inst_dsb2018_nuclei") / "instances.json").read_text())
    images = {one["id"]: one for one in known["images"] if one["split"] == "val"}
    r, rows, annotations, results = np.random.default_rng(2), {}, [], []
    for one in known["annotations"]:
        if one["image_id"] not in images:
            continue
        image = images[one["image_id"]]
        size = image["height"], image["width"]
        truth = rle.decode(rle.merge(rle.frPyObjects(one["segmentation"], *size)))
        found, score = np.roll(truth, r.integers(-2, 3, 2), (0, 1)), float(r.random())
        sides = rows.setdefault(image["id"], ([], []))
        for side, mask, more in ((0, truth, {}), (1, found, {"confidence": score})):
            sides[side].append({**detection(mask, tmp_path), **more})
        annotation = {"area": float(truth.sum()), "segmentation": rle.encode(np.asfortranarray(truth))}
        annotations.append({**one, **annotation})
        result = {"image_id": image["id"], "category_id": 1, "score": score}
        results.append({**result, "segmentation": rle.encode(np.asfortranarray(found))})
    fill(images, rows)
    metrics = engines.evaluate(NAME, "r1", "pred_r1", "truth").report().metrics
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        kept = list(images.values())
        coco.dataset = {"images": kept, "annotations": annotations, "categories": known["categories"]}
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes(results), "segm")
        run.evaluate()
        run.accumulate()
        run.summarize()
    ours = [metrics[key] for key in ("map", "map50", "map75", "map_small", "map_medium", "ar_1", "ar_10", "ar_100")]
    np.testing.assert_allclose(ours, run.stats[[0, 1, 2, 3, 4, 6, 7, 8]], atol=1e-9)
    assert 0.1 < metrics["map"] < 0.95


def detection(mask: NDArray[np.uint8], folder: Path) -> dict[str, Any]:
    """The mask inside its box; a mask without pixels is a box of one pixel."""
    ys, xs = np.nonzero(mask)
    y0, x0, y1, x1 = (int(v) for v in (ys.min(), xs.min(), ys.max() + 1, xs.max() + 1)) if len(ys) else (0, 0, 1, 1)
    height, width = mask.shape
    key = ObjectId()
    box = [x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height]
    path = save(folder / f"{key}.png", mask[y0:y1, x0:x1] * 255)
    return {"_id": key, "_cls": "Detection", "tags": [], "label": "nucleus", "bounding_box": box, "mask_path": path}


def fill(images: dict[int, Any], rows: dict[int, Any]) -> None:
    store.create(NAME, {"truth": "detections", "pred_r1": "detections"}, ["nucleus"])
    made = []
    for key, image in images.items():
        truth, found = rows.get(key, ([], []))
        fields = {"truth": truth, "pred_r1": found}
        lists = {name: {"_cls": "Detections", "detections": some} for name, some in fields.items()}
        size = collection.image_metadata(image["width"], image["height"], 1, "image/png", 3)
        made.append(collection.sample_document(f"/nowhere/{image['file_name']}", size, split="val", **lists))
    collection.insert(NAME, made)
