"""Figures of classes against plain Python, scikit-learn and torchmetrics."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.evaluation.classification.figures import (
    averages,
    calibration_error,
    confusion,
    log_loss,
    per_class,
    probabilities,
    ranks,
    reliability,
)
from datasets.evaluation.ranked import auroc, average_precision, best_threshold, precision_curve, roc_curve

K = 6


def draw(seed: int, n: int = 200) -> tuple[Any, Any, Any]:
    """True classes, and probabilities that lean towards them; class 5 is only predicted."""
    r = np.random.default_rng(seed)
    truth = r.integers(0, K - 1, n)
    logits = r.normal(0, 1, (n, K)) + 1.5 * np.eye(K)[truth]
    return truth, logits, probabilities(logits)


@pytest.mark.parametrize("seed", range(3))
def test_figures_equal_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    truth, _, p = draw(seed)
    found = p.argmax(axis=1)
    ours = per_class(confusion(truth, found, K))
    labels = range(K)
    for name, column in (("precision", ours.precision), ("recall", ours.recall), ("f1", ours.f1)):
        reference = getattr(metrics, f"{name}_score")(truth, found, average=None, labels=labels, zero_division=0)
        np.testing.assert_allclose(np.nan_to_num(column), reference, atol=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class that is only predicted
        balanced = metrics.balanced_accuracy_score(truth, found)
    macro = {"average": "macro", "zero_division": 0}
    assert averages(ours) == pytest.approx(
        {
            "balanced_accuracy": balanced,
            "macro_precision": metrics.precision_score(truth, found, **macro),
            "macro_recall": metrics.recall_score(truth, found, **macro),
            "macro_f1": metrics.f1_score(truth, found, **macro),
            "weighted_f1": metrics.f1_score(truth, found, average="weighted", zero_division=0),
        },
        abs=1e-9,
    )
    np.testing.assert_array_equal(confusion(truth, found, K)[:, :K], metrics.confusion_matrix(truth, found))
    own = p[np.arange(len(truth)), truth]
    assert log_loss(own) == pytest.approx(metrics.log_loss(truth, p, labels=list(labels)), abs=1e-9)
    for k in range(K - 1):
        assert auroc(truth == k, p[:, k]) == pytest.approx(metrics.roc_auc_score(truth == k, p[:, k]), abs=1e-9)
        assert average_precision(truth == k, p[:, k]) == pytest.approx(
            metrics.average_precision_score(truth == k, p[:, k]), abs=1e-9
        )
    top = (ranks(truth, p) < 3).mean()
    assert top == pytest.approx(metrics.top_k_accuracy_score(truth, p, k=3, labels=list(labels)), abs=1e-12)


def test_figures_equal_torchmetrics() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from torchmetrics.functional import classification as tm

    truth, _, p = draw(7)
    found = p.argmax(axis=1)
    t, q = torch.from_numpy(truth), torch.from_numpy(p)
    assert calibration_error(p.max(axis=1), found == truth) == pytest.approx(
        float(tm.multiclass_calibration_error(q, t, K, n_bins=15)), abs=1e-6
    )
    assert (ranks(truth, p) < 5).mean() == pytest.approx(
        float(tm.multiclass_accuracy(q, t, K, average="micro", top_k=5)), abs=1e-6
    )
    ours = per_class(confusion(truth, found, K))
    np.testing.assert_allclose(np.nan_to_num(ours.f1), tm.multiclass_f1_score(q, t, K, average=None).numpy(), atol=1e-6)
    reference = tm.multiclass_average_precision(q, t, K, average=None).numpy()
    np.testing.assert_allclose(
        [average_precision(truth == k, p[:, k]) for k in range(K - 1)], reference[:-1], atol=1e-6
    )


scored = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=0, max_size=30)


@settings(max_examples=100, deadline=None)
@given(rows=scored)
def test_ranked_figures_with_ties_equal_plain_python(rows: list[tuple[bool, int]]) -> None:
    truth, score = np.array([r[0] for r in rows], np.bool_), np.array([r[1] for r in rows], np.float64)
    positive, negative = [s for t, s in rows if t], [s for t, s in rows if not t]
    pairs = [(a > b) + (a == b) / 2 for a in positive for b in negative]
    expected = sum(pairs) / len(pairs) if pairs else math.nan
    assert auroc(truth, score) == pytest.approx(expected, abs=1e-9, nan_ok=True)
    area, before = 0.0, 0
    for limit in sorted({s for _, s in rows}, reverse=True):
        shown = [t for t, s in rows if s >= limit]
        area += sum(shown) / len(shown) * (sum(shown) - before)
        before = sum(shown)
    expected = area / len(positive) if positive else math.nan
    assert average_precision(truth, score) == pytest.approx(expected, abs=1e-9, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_calibration_equals_plain_python(rows: list[tuple[float, bool]]) -> None:
    edges = np.linspace(0, 1, 16).tolist()
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(15)]
    for sure, hit in rows:
        place = max(i for i in range(15) if edges[i] <= sure)
        bins[place].append((sure, hit))
    gaps = [abs(sum(h for _, h in some) - sum(s for s, _ in some)) for some in bins]
    ours = calibration_error(np.array([r[0] for r in rows]), np.array([r[1] for r in rows]))
    assert ours == pytest.approx(sum(gaps) / len(rows), abs=1e-9)


def test_probabilities_stay_and_logits_become_some() -> None:
    given_ = np.array([[0.2, 0.8], [1.0, 0.0]])
    assert probabilities(given_) is given_
    np.testing.assert_allclose(probabilities(np.array([[0.0, 0.0], [1000.0, 0.0]])), [[0.5, 0.5], [1, 0]])


def test_an_answer_that_is_withheld_costs_recall_and_not_precision() -> None:
    ours = per_class(confusion(np.array([0, 0, 1]), np.array([0, -1, 1]), 2))
    assert (ours.precision.tolist(), ours.recall.tolist()) == ([1, 1], [0.5, 1])


@pytest.mark.parametrize("ties", [False, True])
def test_curves_equal_scikit_learn(ties: bool) -> None:
    from sklearn import metrics

    truth, _, p = draw(3)
    own, score = truth == 1, np.round(p[:, 1], 1 if ties else 9)
    roc = roc_curve(own, score)
    fallout, recall, threshold = metrics.roc_curve(own, score, drop_intermediate=False)
    np.testing.assert_allclose(roc.fallout, fallout, atol=1e-12)
    np.testing.assert_allclose(roc.recall, recall, atol=1e-12)
    np.testing.assert_allclose(roc.threshold, threshold)
    ours = precision_curve(own, score)
    precision, recall, threshold = metrics.precision_recall_curve(own, score)
    np.testing.assert_allclose(ours.precision[::-1], precision[:-1], atol=1e-12)
    np.testing.assert_allclose(ours.recall[::-1], recall[:-1], atol=1e-12)
    np.testing.assert_allclose(ours.threshold[::-1], threshold)
    f1 = [metrics.f1_score(own, score >= limit) for limit in threshold]
    assert metrics.f1_score(own, score >= best_threshold(own, score)) == pytest.approx(max(f1))


def test_a_class_without_samples_has_no_curve() -> None:
    nobody, score = np.zeros(3, np.bool_), np.array([0.1, 0.5, 0.9])
    assert np.isnan(roc_curve(nobody, score).recall[1:]).all()
    assert len(precision_curve(nobody, score).recall) == 0
    assert math.isnan(best_threshold(nobody, score))
    assert len(precision_curve(nobody[:0], score[:0]).recall) == 0


def test_reliability_equals_scikit_learn() -> None:
    from sklearn.calibration import calibration_curve

    truth, _, p = draw(5)
    sure, right = p.max(axis=1), p.argmax(axis=1) == truth
    found = reliability(sure, right)
    shown = found.count > 0
    accuracy, confidence = calibration_curve(right, sure, n_bins=15, strategy="uniform")
    np.testing.assert_allclose(found.accuracy[shown], accuracy, atol=1e-12)
    np.testing.assert_allclose(found.confidence[shown], confidence, atol=1e-12)
    np.testing.assert_array_equal(found.count, np.histogram(sure, found.edges)[0])
    assert np.isnan(found.accuracy[~shown]).all()
