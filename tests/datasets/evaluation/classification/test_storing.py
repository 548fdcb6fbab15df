"""One class per image in a database: FiftyOne reads it back, thresholds are instant, bad input is told."""

import io
import zlib
from typing import Any

import numpy as np
import pytest
from bson import ObjectId

from datasets.errors import EvaluationError
from datasets.evaluation import cards, engines
from datasets.evaluation.cards import Origin
from datasets.evaluation.classification import storing
from datasets.evaluation.classification.figures import probabilities
from datasets.evaluation.classification.report import report
from datasets.storage import collection, store
from datasets.workspace import Workspace

NAME, CLASSES = "sorted", ["ant", "bee", "cat", "dog", "ÄÖ.x", "fox"]


def one(label: str, **more: Any) -> dict[str, Any]:
    return {"_id": ObjectId(), "_cls": "Classification", "tags": [], "label": label, **more}


def packed(vector: Any) -> bytes:
    with io.BytesIO() as stream:
        np.save(stream, vector)
        return zlib.compress(stream.getvalue())


def fill(samples: int = 60, logits: bool = True) -> tuple[Any, Any]:
    """True classes (n) and logits (n, 6); the last class is never labelled."""
    r = np.random.default_rng(2)
    truth = r.integers(0, 5, samples)
    scores = (r.normal(0, 1, (samples, 6)) + 1.5 * np.eye(6)[truth]).astype(np.float32)
    store.create(NAME, {"truth": "classification", "pred_r1": "classification"}, CLASSES)
    made = []
    for i, row in enumerate(scores):
        p = probabilities(row[None])[0]
        found = one(CLASSES[row.argmax()], confidence=float(p.max()))
        if logits:
            found["logits"] = packed(row) if i % 2 else row.tolist()
        fields = {"truth": one(CLASSES[truth[i]]), "pred_r1": found}
        made.append(collection.sample_document(f"/nowhere/{i}.jpg", split="val" if i % 3 else "test", **fields))
    collection.insert(NAME, made)
    return truth, scores


def evaluate(**more: Any) -> engines.Evaluation:
    return engines.evaluate(NAME, "r1", "pred_r1", "truth", **more)


def test_fiftyone_reads_back_what_it_would_have_written(database: Workspace) -> None:
    fill()
    evaluate()
    dataset = collection.load(NAME)
    theirs = dataset.evaluate_classifications("pred_r1", "truth", eval_key="theirs", classes=CLASSES, progress=False)
    ours, reference = dataset.values(["eval_r1", "theirs"])
    assert ours == reference
    assert {type(one) for one in ours} == {bool}
    results = dataset.load_evaluation_results("eval_r1")
    assert results.report() == theirs.report()
    assert results.metrics() == theirs.metrics()
    assert results.confs.tolist() == theirs.confs.tolist()
    assert results.ypred_ids.tolist() == theirs.ypred_ids.tolist()
    assert dataset.get_evaluation_info("eval_r1").config.method == "simple"


def test_figures_of_all_and_of_splits_equal_scikit_learn(database: Workspace) -> None:
    from sklearn import metrics

    truth, scores = fill()
    scored = evaluate()
    p = probabilities(scores.astype(np.float64))
    parts = {"": np.ones(60, np.bool_), "val": np.arange(60) % 3 > 0, "test": np.arange(60) % 3 == 0}
    assert set(scored.reports) == set(parts)
    for split, rows in parts.items():
        found, t, q = p.argmax(axis=1)[rows], truth[rows], p[rows]
        ours = scored.report(split).metrics
        expected = {
            "accuracy": metrics.accuracy_score(t, found),
            "top1": metrics.accuracy_score(t, found),
            "top5": metrics.top_k_accuracy_score(t, q, k=5, labels=range(6)),
            "weighted_f1": metrics.f1_score(t, found, average="weighted", zero_division=0),
            "auroc": np.mean([metrics.roc_auc_score(t == k, q[:, k]) for k in range(5)]),
            "map": np.mean([metrics.average_precision_score(t == k, q[:, k]) for k in range(5)]),
            "log_loss": metrics.log_loss(t, q, labels=range(6)),
        }
        assert {key: ours[key] for key in expected} == pytest.approx(expected, abs=1e-6)
        assert scored.report(split).card.samples == rows.sum()
    assert "15 bins" in scored.report().card.calibration
    assert engines.load(NAME, "r1").report("val").metrics == scored.report("val").metrics


def test_any_confidence_is_computed_from_the_stored_table(database: Workspace) -> None:
    truth, scores = fill()
    scored = evaluate()
    choices, about = storing.load(scored.path)
    p = probabilities(scores.astype(np.float64))
    shown, right = p.max(axis=1) >= 0.6, p.argmax(axis=1) == truth
    found = report(choices, None, Origin(), 0.6, stored=cards.read(about["reports"][""]))
    metrics = found.metrics
    assert metrics["accuracy"] == pytest.approx((shown & right).mean())
    assert metrics["accuracy_of_answered"] == pytest.approx(right[shown].mean())
    assert metrics["answered"] == pytest.approx(shown.mean())
    assert metrics["auroc"] == scored.report().metrics["auroc"]
    assert engines.look(NAME, "r1", confidence=0.6).metrics == metrics
    assert engines.look(NAME, "r1", "val") == scored.report("val")
    again = report(choices, None, Origin(), stored=cards.read(about["reports"][""]))
    assert again.metrics == scored.report().metrics
    assert again.per_class == scored.report().per_class


def test_without_logits_the_card_says_what_is_missing(database: Workspace) -> None:
    fill(logits=False)
    scored = evaluate().report()
    assert [scored.metrics[key] for key in ("top5", "auroc", "map", "log_loss")] == [None] * 4
    assert scored.metrics["ece"] is not None
    assert "need logits" in scored.card.scores


def test_missing_predictions_and_labels_are_counted_and_said(database: Workspace) -> None:
    fill()
    ids = [str(document["_id"]) for document in collection.stream(NAME)]
    changes = [(ids[0], {"pred_r1": None}), (ids[1], {"truth": None}), (ids[2], {"pred_r1.label": None})]
    collection.update(NAME, changes)
    card = evaluate().report().card
    assert (card.samples, card.missing_predictions, card.unlabelled) == (57, 2, 1)
    assert collection.load(NAME).exists("eval_r1").count() == 57


def test_a_class_that_no_label_has_is_counted_and_found(database: Workspace) -> None:
    fill()
    first = str(next(collection.stream(NAME))["_id"])
    collection.update(NAME, [(first, {"pred_r1.label": "unicorn", "pred_r1.logits": None})])
    scored = evaluate().report()
    assert scored.per_class["unicorn"]["predicted"] == 1
    assert any("unicorn" in finding for finding in scored.card.findings)
    assert scored.metrics["auroc"] is None  # one prediction has no logits any more


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"pred_r1.confidence": float("nan")}, "confidence from 0 to 1, found nan"),
        ({"pred_r1.confidence": 1.5}, "confidence from 0 to 1, found 1.5"),
        ({"pred_r1.logits": [0.5, 0.5]}, "expected 6 logits"),
    ],
)
def test_bad_numbers_are_told_before_anything_is_written(
    database: Workspace, values: dict[str, Any], said: str
) -> None:
    fill()
    first = str(next(collection.stream(NAME))["_id"])
    collection.update(NAME, [(first, values)])
    with pytest.raises(EvaluationError, match=said):
        evaluate()
    dataset = collection.load(NAME)
    assert dataset.list_evaluations() == []
    assert "eval_r1" not in dataset.get_field_schema()


def test_scoring_again_ends_the_same(database: Workspace) -> None:
    fill()
    first, again = evaluate(), evaluate()
    assert first.report().metrics == again.report().metrics
    assert collection.load(NAME).list_evaluations() == ["eval_r1"]
