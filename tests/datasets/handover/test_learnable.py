from pathlib import Path

import numpy as np

from datasets.handover import learnable
from datasets.images import masks
from datasets.records import Label
from datasets.storage import collection, documents, labels, store
from datasets.workspace import Workspace


def fill(database: Workspace, path: str | None) -> None:
    store.create("d", {"scene": "classification", "boxes": "detections", "pred_r1": "detections"})
    truth = labels.to_document("detections", [Label("cat", (0.1, 0.1, 0.2, 0.2), mask_path=path)])
    collection.insert("d", [collection.sample_document("/nowhere/0.jpg", boxes=truth, pred_r1=truth)])


def test_fields_of_the_asked_kinds_without_predictions(database: Workspace) -> None:
    fill(database, None)
    assert learnable.fields("d", ("detections",)) == ["boxes"]
    assert learnable.fields("d", ("detections", "classification")) == ["boxes", "scene"]
    assert learnable.fields("d", ("segmentation",)) == []


def test_a_task_that_needs_masks_finds_fields_with_some(database: Workspace, tmp_path: Path) -> None:
    fill(database, None)
    assert learnable.fields("d", ("detections",), masks=True) == []
    (sample,) = [str(one["_id"]) for one in collection.stream("d", {}, {"_id": 1})]
    path = masks.write(np.ones((2, 2), np.uint8))
    collection.update("d", [(sample, {"boxes.detections.0.mask_path": path})])
    assert learnable.fields("d", ("detections",), masks=True) == ["boxes"]


def test_classes_are_those_of_labels_or_of_mask_values(database: Workspace) -> None:
    fill(database, None)
    assert learnable.classes("d", "boxes") == ("cat",)
    store.create("m", {"labels": "segmentation"})
    documents.update("m", {"default_mask_targets": {"2": "sky", "1": "road"}})
    assert learnable.classes("m", "labels") == ("road", "sky")
