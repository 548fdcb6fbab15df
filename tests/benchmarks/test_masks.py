"""Instance and semantic masks scored beside FiftyOne's documented way, on files that both read."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bson import ObjectId
from numpy.typing import NDArray

from datasets.evaluation import engines
from datasets.review import warm
from datasets.storage import collection, documents, store, vendor
from tests.benchmarks.measure import Bench

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
N, WIDTH, HEIGHT, OBJECTS = 200, 640, 480, 8
TRUTH, FOUND = "truth", "pred_r1"
TARGETS = {k: f"class {k}" for k in range(10)}


@pytest.fixture(scope="module", autouse=True)
def warmed() -> None:
    """Compiled code is loaded and FiftyOne imported on both sides; what that costs once is not measured here."""
    warm.warm()
    vendor.fiftyone()


def begin(name: str, kind: str) -> None:
    if store.exists(name):
        store.delete(name)
    store.create(name, {TRUTH: kind, FOUND: kind}, list(TARGETS.values()))


def insert(name: str, rows: list[dict[str, Any]], folder: Path) -> str:
    size = collection.image_metadata(WIDTH, HEIGHT, 1, "image/jpeg", 3)
    made = [collection.sample_document(str(folder / f"{i}.jpg"), size, **row) for i, row in enumerate(rows)]
    collection.insert(name, made)
    return name


def instance(r: np.random.Generator, folder: Path, near: dict[str, Any] | None = None) -> dict[str, Any]:
    """An ellipse inside its box; slipped from `near` and with a confidence if that is given."""
    w, h = r.integers(30, 160, 2).tolist()
    x, y = int(r.integers(0, WIDTH - w)), int(r.integers(0, HEIGHT - h))
    label = TARGETS[int(r.integers(10))]
    if near is not None:
        label = near["label"]
        box = np.array(near["bounding_box"]) * [WIDTH, HEIGHT, WIDTH, HEIGHT]
        x, y, w, h = (int(side) for side in np.rint(box))
        x, y = (int(np.clip(at + r.integers(-8, 9), 0, most)) for at, most in ((x, WIDTH - w), (y, HEIGHT - h)))
    mask = np.zeros((h, w), np.uint8)
    cv2.ellipse(mask, (w // 2, h // 2), (w // 2 - 1, h // 2 - 1), 0, 0, 360, 255, -1)
    key = ObjectId()
    path = str(folder / f"{key}.png")
    cv2.imwrite(path, mask)
    made = {"_id": key, "_cls": "Detection", "tags": [], "label": label, "mask_path": path,
            "bounding_box": [x / WIDTH, y / HEIGHT, w / WIDTH, h / HEIGHT]}  # fmt: skip
    return made if near is None else {**made, "confidence": float(r.random())}


def test_evaluate_instances(bench: Bench, tmp_path: Path) -> None:
    r, rows = np.random.default_rng(3), []
    for _ in range(N):
        truth = [instance(r, tmp_path) for _ in range(OBJECTS)]
        sides = {TRUTH: truth, FOUND: [instance(r, tmp_path, one) for one in truth]}
        rows.append({key: {"_cls": "Detections", "detections": some} for key, some in sides.items()})
    begin("instances", "detections")
    name = insert("instances", rows, tmp_path)
    dataset = collection.load(name)

    def theirs() -> Any:
        return dataset.evaluate_detections(
            FOUND, TRUTH, eval_key="theirs", compute_mAP=True, use_masks=True, progress=False
        )

    def equal(mine: engines.Evaluation, other: Any) -> bool:
        dataset.reload()
        same = [dataset.values([f"{field}.detections.{key}{end}" for key in ("eval_r1", "theirs")])
                for field in (TRUTH, FOUND) for end in ("", "_id", "_iou")]  # fmt: skip
        return all(a == b for a, b in same) and abs(mine.report().metrics["map"] - other.mAP()) < 1e-9

    row = bench.compare(
        "evaluate_instances",
        N,
        lambda: engines.evaluate(name, "r1", FOUND, TRUTH, protocol="instances"),
        "fiftyone",
        theirs,
        equal,
    )
    assert row.ratio and row.ratio > 5


def regions(r: np.random.Generator) -> NDArray[np.uint8]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for k in range(1, 10):
        centre, axes = r.integers(0, (WIDTH, HEIGHT)).tolist(), r.integers(30, 150, 2).tolist()
        cv2.ellipse(mask, centre, axes, 0, 0, 360, k, -1)
    return mask


def test_evaluate_segmentation(bench: Bench, tmp_path: Path) -> None:
    r, rows = np.random.default_rng(4), []
    for i in range(N):
        truth = regions(r)
        made = {TRUTH: truth, FOUND: np.roll(truth, r.integers(-9, 10, 2), (0, 1))}
        for key, mask in made.items():
            cv2.imwrite(str(tmp_path / f"{i}_{key}.png"), mask)
        rows.append({key: {"_id": ObjectId(), "_cls": "Segmentation", "tags": [],
                           "mask_path": str(tmp_path / f"{i}_{key}.png")} for key in made})  # fmt: skip
    begin("semantic", "segmentation")
    documents.update("semantic", {"default_mask_targets": {str(k): v for k, v in TARGETS.items()}})
    name = insert("semantic", rows, tmp_path)
    dataset = collection.load(name)

    def theirs() -> Any:
        return dataset.evaluate_segmentations(FOUND, TRUTH, eval_key="theirs", mask_targets=TARGETS, progress=False)

    def equal(mine: engines.Evaluation, other: Any) -> bool:
        dataset.reload()
        per_sample = [dataset.values([f"{key}_{end}" for key in ("eval_r1", "theirs")])
                      for end in ("accuracy", "precision", "recall")]  # fmt: skip
        counted = np.array(mine.report().card.confusion)[:, :-1]
        return all(np.allclose(a, b, atol=1e-12) for a, b in per_sample) and bool(
            (counted == other.pixel_confusion_matrix).all()
        )

    row = bench.compare(
        "evaluate_segmentation", N, lambda: engines.evaluate(name, "r1", FOUND, TRUTH), "fiftyone", theirs, equal
    )
    assert row.ratio and row.ratio > 2  # both decode every mask, and ours measures contours too
