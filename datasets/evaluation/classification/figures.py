"""Figures of classification. Pure functions of arrays; classes are indexes from 0, -1 for none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.ratios import divide, ratios

BINS = 15  # Guo et al., On Calibration of Modern Neural Networks (2017); torchmetrics' default
_TINY = float(np.finfo(np.float64).eps)  # as scikit-learn's `log_loss` clips


@dataclass(frozen=True)
class PerClass:
    """For k classes: precision, recall and F1 (k), NaN where undefined; numbers of labels and predictions (k)."""

    precision: Floats
    recall: Floats
    f1: Floats
    support: Ints
    predicted: Ints


@dataclass(frozen=True)
class Bins:
    """Answers in b bins of equal width over confidence: edges (b + 1); how many, how many right, mean confidence (b).

    Accuracy and confidence of an empty bin are NaN.
    """

    edges: Floats
    count: Ints
    right: Ints
    confidence: Floats

    @property
    def accuracy(self) -> Floats:
        """Share of right answers (b)."""
        return divide(self.right, self.count)


def confusion(truth: Ints, predicted: Ints, classes: int) -> Ints:
    """Counts (k, k + 1), rows true; the last column is for no answer."""
    column = np.where(predicted < 0, classes, predicted)
    counts = np.bincount(truth * (classes + 1) + column, minlength=classes * (classes + 1))
    return counts.reshape(classes, classes + 1).astype(np.int64)


def per_class(matrix: Ints) -> PerClass:
    """From a confusion matrix (k, k + 1)."""
    support, predicted = matrix.sum(axis=1), matrix[:, :-1].sum(axis=0)
    precision, recall, f1 = ratios(np.diagonal(matrix), predicted, support)
    return PerClass(precision, recall, f1, support, predicted)


def averages(found: PerClass) -> dict[str, float]:
    """Means over classes that are labelled or predicted, and weighted by labels, as scikit-learn with zero_division=0.

    `balanced_accuracy` is the mean recall of labelled classes.
    """
    used, labelled = found.support + found.predicted > 0, found.support > 0
    columns = {"precision": found.precision, "recall": found.recall, "f1": found.f1}
    macro = {f"macro_{key}": _mean(np.nan_to_num(column[used])) for key, column in columns.items()}
    weighted = float((np.nan_to_num(found.f1) * found.support).sum() / max(found.support.sum(), 1))
    return {"balanced_accuracy": _mean(found.recall[labelled]), **macro, "weighted_f1": weighted}


def ranks(truth: Ints, scores: NDArray[np.floating]) -> Ints:
    """How many classes rank above the true one (n) by `scores` (n, k); ties rank in class order. k for unknown."""
    own = np.where(truth >= 0, scores[np.arange(len(truth)), np.maximum(truth, 0)], -np.inf)[:, None]
    before = (scores > own) | ((scores == own) & (np.arange(scores.shape[1]) < truth[:, None]))
    found: Ints = np.where(truth >= 0, before.sum(axis=1), scores.shape[1]).astype(np.int64)
    return found


def log_loss(probability: Floats) -> float:
    """Mean negative logarithm of the probability (n) of the true class, clipped to the machine epsilon of a double."""
    return _mean(-np.log(np.clip(probability, _TINY, 1 - _TINY)))


def reliability(confidence: Floats, right: NDArray[np.bool_], bins: int = BINS) -> Bins:
    """Bins of confidence (n) with accuracy. A bin includes its lower edge, the last one both; NaN is skipped."""
    known = ~np.isnan(confidence)
    sure, hit = confidence[known], right[known]
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, sure, side="right") - 1, 0, bins - 1)
    count, hits = np.bincount(place, minlength=bins), np.bincount(place[hit], minlength=bins)
    return Bins(edges, count, hits, divide(np.bincount(place, weights=sure, minlength=bins), count))


def calibration_error(confidence: Floats, right: NDArray[np.bool_], bins: int = BINS) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over `reliability` bins, weighted by samples."""
    found = reliability(confidence, right, bins)
    gap = np.abs(np.nan_to_num(found.accuracy - found.confidence))
    return float(divide((gap * found.count).sum(), found.count.sum()))


def probabilities(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    """Softmax of rows (n, k), unless every row is a distribution already."""
    if (logits >= 0).all() and np.allclose(logits.sum(axis=1), 1, atol=1e-3):
        return logits
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")
