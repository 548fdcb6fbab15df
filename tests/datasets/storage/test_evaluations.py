"""Evaluations in FiftyOne's own books."""

import numpy as np
import pytest

from datasets.records import Label
from datasets.storage import collection, evaluations, labels, store
from datasets.workspace import Workspace

NAMES = ["cat", "dog"]


@pytest.fixture
def ids(database: Workspace) -> list[str]:
    """Three images of a class each, two of them with a prediction."""
    store.create("d", {"truth": "classification", "pred_r": "classification"}, NAMES)
    made = []
    for k, (truth, found) in enumerate((("cat", "cat"), ("dog", "cat"), ("dog", None))):
        guess = labels.to_document("classification", [Label(found, confidence=0.5)]) if found else None
        truth_ = labels.to_document("classification", [Label(truth)])
        made.append(collection.sample_document(f"/{k}.png", truth=truth_, pred_r=guess))
    return collection.insert("d", made)


def scored(ids: list[str]) -> evaluations.Scored:
    return evaluations.Scored("d", "eval_r", ("truth", "pred_r"), ids)


def test_classes_are_loaded_by_fiftyone_once_they_are_saved(ids: list[str]) -> None:
    made = evaluations.classification(
        scored(ids[:2]), ["cat", "dog"], ["cat", "cat"], confs=[0.5, 0.5], ytrue_ids=[], ypred_ids=[], classes=NAMES
    )
    dataset = collection.load("d")
    assert dataset.list_evaluations() == ["eval_r"] and dataset.get_field("eval_r") is not None
    made.save()
    results = collection.load("d").load_evaluation_results("eval_r")
    assert results.metrics()["accuracy"] == 0.5
    assert made.results.samples.values("id") == ids[:2]  # those with a prediction, said as a view of one stage
    assert len(made.results.samples._stages) == 1


def test_pixels_are_loaded_by_fiftyone(ids: list[str]) -> None:
    confusion = np.array([[3, 1], [0, 4]])
    evaluations.segmentation(scored(ids), confusion, NAMES, matches=[], missing=None).save()
    results = collection.load("d").load_evaluation_results("eval_r")
    assert results.pixel_confusion_matrix.tolist() == confusion.tolist() and list(results.classes) == NAMES


def test_objects_are_loaded_by_fiftyone(database: Workspace) -> None:
    store.create("d", {"truth": "detections", "pred_r": "detections"}, NAMES)
    box = labels.to_document("detections", [Label("cat", (0.0, 0.0, 0.5, 0.5), 0.5)])
    ids = collection.insert("d", [collection.sample_document("/a.png", truth=box, pred_r=box)])
    made = evaluations.detections(
        scored(ids), [("cat", "cat", 1.0, 0.5, "a", "b")], np.ones((1, 2, 101)), iou=0.5, masks=False,
        recall=np.linspace(0, 1, 101), iou_threshs=[0.5], classes=NAMES,
    )  # fmt: skip
    made.save()
    results = collection.load("d").load_evaluation_results("eval_r")
    assert results.mAP() == 1.0
    fields = collection.load("d").get_field_schema()
    assert {"eval_r_tp", "eval_r_fp", "eval_r_fn"} <= set(fields)


def test_another_field_of_labels_may_be_scored_against(database: Workspace) -> None:
    store.create("d", {"truth": "detections", "other": "detections", "pred_r": "detections"}, NAMES)
    box = labels.to_document("detections", [Label("cat", (0.0, 0.0, 0.5, 0.5), 0.5)])
    ids = collection.insert("d", [collection.sample_document("/a.png", truth=box, other=box, pred_r=box)])
    for field in ("truth", "other", "other", "truth"):
        made = evaluations.detections(
            evaluations.Scored("d", "eval_r", (field, "pred_r"), ids), [("cat", "cat", 1.0, 0.5, "a", "b")],
            np.ones((1, 2, 101)), iou=0.5, masks=False, recall=np.linspace(0, 1, 101), iou_threshs=[0.5], classes=NAMES,
        )  # fmt: skip
        made.save()
        dataset = collection.load("d")
        assert dataset.list_evaluations() == ["eval_r"]
        assert dataset.get_evaluation_info("eval_r").config.gt_field == field
        held = [one for one in ("truth", "other") if "eval_r" in dataset.get_field_schema(flat=True)[
            f"{one}.detections"].field.get_field_schema()]  # fmt: skip
        assert held == [field]
