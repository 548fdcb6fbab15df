"""What is written into FiftyOne equals its own evaluation, and its API reads ours back."""

from typing import Any

import numpy as np
import pytest

from datasets.errors import EvaluationError, FieldError
from datasets.evaluation import engines
from datasets.evaluation import stored as kept
from datasets.evaluation.objects import engine, table
from datasets.review.objects import Review
from datasets.storage import collection, schemas, store
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

NAME = "scored"
CLASSES = ["cat", "dog", "ÄÖ.x/y"]


def fill(samples: int = 24, holes: bool = True, crowds: float = 0.1) -> None:
    """A dataset with labels and predictions, missing and empty fields, crowds and distinct confidences."""
    r = np.random.default_rng(7)
    store.create(NAME, {"ground_truth": "detections", "pred_r1": "detections"}, CLASSES)
    made = []
    for i in range(samples):
        truth = [box(r, crowd=r.random() < crowds) for _ in range(6)]
        found = [slipped(r, one) for one in truth if r.random() < 0.8] + [
            box(r, confidence=r.random()) for _ in range(3)
        ]
        hole = i % 8 if holes else 7
        fields = {
            "ground_truth": None if hole == 0 else {"_cls": "Detections", "detections": [] if hole == 1 else truth},
            "pred_r1": None if hole == 2 else {"_cls": "Detections", "detections": [] if hole == 3 else found},
        }
        size = collection.image_metadata(640, 480, 1, "image/jpeg", 3)
        made.append(collection.sample_document(f"/nowhere/{i}.jpg", size, split="val" if i % 2 else "test", **fields))
    collection.insert(NAME, made)
    schemas.declare_attributes(NAME, "ground_truth")


def box(r: np.random.Generator, **more: Any) -> dict[str, Any]:
    from bson import ObjectId

    wh = r.uniform(0.05, 0.5, 2)
    made = {"_id": ObjectId(), "_cls": "Detection", "tags": [], "label": CLASSES[r.integers(0, 3)],
            "bounding_box": [*(r.uniform(0, 1, 2) * (1 - wh)).tolist(), *wh.tolist()]}  # fmt: skip
    made |= {"iscrowd": 1} if more.pop("crowd", False) else {}
    return {**made, **more}


def slipped(r: np.random.Generator, one: dict[str, Any]) -> dict[str, Any]:
    other = box(r, confidence=float(r.random()))
    moved = np.array(one["bounding_box"]) + r.normal(0, 0.02, 4)
    return {
        **other,
        "label": one["label"],
        "bounding_box": [*moved[:2].tolist(), *np.maximum(moved[2:], 0.01).tolist()],
    }


@pytest.fixture
def scored(database: Workspace) -> engines.Evaluation:
    fill()
    return engines.evaluate(NAME, "r1", "pred_r1")


def test_every_field_equals_fiftyones_own_evaluation(scored: engines.Evaluation) -> None:
    dataset = collection.load(NAME).exists("pred_r1")
    theirs = dataset.evaluate_detections("pred_r1", "ground_truth", eval_key="theirs", compute_mAP=True, progress=False)
    for field in ("ground_truth", "pred_r1"):
        for end in ("", "_id", "_iou"):
            ours, reference = dataset.values([f"{field}.detections.eval_r1{end}", f"{field}.detections.theirs{end}"])
            assert ours == reference, (field, end)
    for end in ("tp", "fp", "fn"):
        ours, reference = dataset.values([f"eval_r1_{end}", f"theirs_{end}"])
        assert ours == reference, end
    results = dataset._dataset.load_evaluation_results("eval_r1")
    order = [list(theirs.classes).index(name) for name in CLASSES]
    np.testing.assert_allclose(results.precision, theirs.precision[:, order], atol=1e-12)
    assert results.mAP() == pytest.approx(theirs.mAP(), abs=1e-12)
    ours, reference = results.report(), theirs.report()
    assert {c: ours[c]["f1-score"] for c in CLASSES} == {c: reference[c]["f1-score"] for c in CLASSES}


def test_fiftyone_knows_the_evaluation_and_its_fields(scored: engines.Evaluation) -> None:
    dataset = collection.load(NAME)
    assert dataset.list_evaluations() == ["eval_r1"]
    assert dataset.get_evaluation_info("eval_r1").config.gt_field == "ground_truth"
    assert {"eval_r1_tp", "eval_r1_fp", "eval_r1_fn"} <= set(dataset.get_field_schema())
    assert dataset.count("ground_truth.detections.eval_r1") > 0
    assert dataset.load_evaluation_view("eval_r1").count() == scored.samples


def test_only_samples_with_predictions_are_scored(scored: engines.Evaluation) -> None:
    stored = table.read(kept.table_path(NAME, "r1"))
    assert len(stored.sample_id) == scored.samples == 21  # 3 of 24 were not predicted; empty lists count
    unscored = collection.load(NAME).exists("eval_r1_fp", False).count()
    assert unscored == 3


def test_scoring_again_ends_the_same(scored: engines.Evaluation) -> None:
    again = engines.evaluate(NAME, "r1", "pred_r1")
    for split in ("", "val", "test"):
        assert again.reports[split].metrics == scored.reports[split].metrics
        assert engines.load(NAME, "r1").report(split).metrics == scored.reports[split].metrics
    assert collection.load(NAME).list_evaluations() == ["eval_r1"]


def test_the_table_gives_back_what_the_database_holds(scored: engines.Evaluation) -> None:
    stored = table.read(scored.path)
    dataset = collection.load(NAME).exists("pred_r1")
    assert stored.classes == tuple(CLASSES)
    assert list(stored.sample_id) == dataset.values("id")
    ids = [key for some in dataset.values("pred_r1.detections.id") for key in some or ()]
    assert stored.predictions.id.tolist() == ids
    boxes = [one for some in dataset.values("pred_r1.detections.bounding_box") for one in some or ()]
    np.testing.assert_array_equal(stored.predictions.box, boxes)
    assert stored.predictions.area[0] == pytest.approx(boxes[0][2] * 640 * boxes[0][3] * 480)


def test_every_split_has_its_report_with_a_card(scored: engines.Evaluation) -> None:
    assert list(scored.reports) == ["", "val", "test"]
    card = scored.report("val").card
    assert card.split == "val"
    assert card.samples + scored.report("test").card.samples == 21
    assert "pycocotools" in card.agrees_with
    with pytest.raises(EvaluationError, match="val, test"):
        scored.report("train")


def test_absent_fields_and_no_predictions_are_told(database: Workspace) -> None:
    fill(samples=3, holes=False)
    with pytest.raises(FieldError, match="pred_r1"):
        engines.evaluate(NAME, "r2", "pred_r2")
    schemas.declare(NAME, {"pred_r3": "detections", "scene": "classification"})
    with pytest.raises(EvaluationError, match="predict first"):
        engines.evaluate(NAME, "r3", "pred_r3")
    with pytest.raises(FieldError, match="'pred_r1' of kind detections"):
        engines.evaluate(NAME, "r1", "pred_r1", gt_field="scene")
    with pytest.raises(EvaluationError, match=r"kind segmentation .* protocol .*, found detections; choose one of obj"):
        engines.evaluate(NAME, "r1", "pred_r1", protocol="semantic masks")


def test_a_broken_label_is_named_before_anything_is_written(database: Workspace) -> None:
    fill(samples=3, holes=False)
    first = next(collection.stream(NAME))
    collection.update(NAME, [(str(first["_id"]), {"ground_truth.detections.0.bounding_box": [float("nan"), 0, 1, 1]})])
    with pytest.raises(EvaluationError, match=str(first["ground_truth"]["detections"][0]["_id"])):
        engines.evaluate(NAME, "r1", "pred_r1")
    assert collection.load(NAME).list_evaluations() == []


def test_a_confidence_that_is_no_number_is_told_before_anything_is_written(database: Workspace) -> None:
    fill(samples=3, holes=False)
    first = str(next(collection.stream(NAME))["_id"])
    collection.update(NAME, [(first, {"pred_r1.detections.0.confidence": float("nan")})])
    with pytest.raises(EvaluationError, match=r"/nowhere/0\.jpg.*NaN"):
        engines.evaluate(NAME, "r1", "pred_r1")
    assert collection.load(NAME).list_evaluations() == []
    collection.update(NAME, [(first, {"pred_r1.detections.0.confidence": None})])  # missing is allowed
    assert engines.evaluate(NAME, "r1", "pred_r1").samples == 3


def test_a_class_that_no_label_has_is_counted_and_found(database: Workspace) -> None:
    fill(samples=3, holes=False)
    first = str(next(collection.stream(NAME))["_id"])
    collection.update(NAME, [(first, {"pred_r1.detections.0.label": "unicorn"})])
    found = engines.evaluate(NAME, "r1", "pred_r1").report()
    assert found.per_class["unicorn"]["ap"] is None
    assert any("unicorn" in one for one in found.card.findings)


def test_fiftyones_order_of_ties_is_an_option_that_equals_its_map(database: Workspace) -> None:
    from datasets.evaluation.objects.curves import curves
    from datasets.evaluation.objects.matching import match

    fill(holes=False, crowds=0)
    coarse = []
    for one in collection.stream(NAME):
        rounded = [{**d, "confidence": round(d["confidence"], 1)} for d in one["pred_r1"]["detections"]]
        coarse.append((str(one["_id"]), {"pred_r1.detections": rounded}))
    collection.update(NAME, coarse)
    scored = engines.evaluate(NAME, "r1", "pred_r1")
    stored = table.read(scored.path)
    matches = match(stored.labels, stored.predictions, np.linspace(0.5, 0.95, 10))
    theirs = collection.load(NAME).evaluate_detections("pred_r1", "ground_truth", compute_mAP=True, progress=False)
    flattered = curves(stored.labels, stored.predictions, matches, len(stored.classes), hits_first=True)
    assert flattered.mean_precision() == pytest.approx(theirs.mAP(), abs=1e-12)
    assert scored.report().metrics["map"] < theirs.mAP() - 0.001


def test_a_view_scores_only_its_samples_and_the_review_opens_it(scored: engines.Evaluation) -> None:
    spec = ViewSpec.model_validate({"dataset": NAME}).of_splits("val")
    evaluation = engines.evaluate(NAME, "r1", "pred_r1", spec=spec)
    assert list(evaluation.reports) == ["", "val"]
    assert evaluation.report().metrics == scored.report("val").metrics
    review = Review.open(NAME, "r1")
    assert review.splits == ["val"]
    assert review.at("val").report().metrics == evaluation.report("val").metrics
    fresh = Review(table.Table(**{**vars(table.read(evaluation.path)), "about": {}})).at("val", 0.6, 0.7).report()
    kept = review.at("val", 0.6, 0.7).report()
    assert (kept.metrics, kept.per_class) == (fresh.metrics, fresh.per_class)
    assert review.at().report().card.origin.label_field == "ground_truth"
    store.rename(NAME, "renamed")
    assert Review.open("renamed", "r1").splits == ["val"]


def test_an_evaluation_that_is_not_there_is_told(scored: engines.Evaluation) -> None:
    with pytest.raises(EvaluationError, match="evaluate this run first"):
        Review.open(NAME, "r9")


def test_labels_deleted_while_scoring_are_left_alone(
    scored: engines.Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = list(collection.stream(NAME))[7]
    read = engine.read_table

    def read_then_delete(*args: Any) -> table.Table:
        found = read(*args)
        collection.update(
            NAME, [(str(first["_id"]), {"ground_truth.detections": first["ground_truth"]["detections"][:2]})]
        )
        return found

    monkeypatch.setattr(engine, "read_table", read_then_delete)
    card = engines.evaluate(NAME, "r7", "pred_r1").report().card
    assert card.origin.changed_meanwhile == 1
    left = next(collection.by_ids(NAME, [str(first["_id"])]))["ground_truth"]["detections"]
    assert [one["_id"] for one in left] == [one["_id"] for one in first["ground_truth"]["detections"][:2]]


def test_predictions_that_were_cut_off_are_not_scored(scored: engines.Evaluation) -> None:
    store.set_info(NAME, "predictions_pred_r1", {"field": "pred_r1", "complete": False})
    with pytest.raises(EvaluationError, match="store them again"):
        engines.evaluate(NAME, "r1", "pred_r1")
