"""Figures and curves of one class against the rest, over all thresholds. Pure functions of arrays."""

from dataclasses import dataclass

import numpy as np

from datasets.evaluation.arrays import Flags, Floats, Ints


@dataclass(frozen=True)
class RocCurve:
    """False positive rate and recall (m) at each different score, highest first; the first point is before any."""

    fallout: Floats
    recall: Floats
    threshold: Floats


@dataclass(frozen=True)
class PrecisionCurve:
    """Recall and precision (m) at each different score, highest first."""

    recall: Floats
    precision: Floats
    threshold: Floats


def roc_curve(truth: Flags, score: Floats) -> RocCurve:
    """As scikit-learn's `roc_curve` with `drop_intermediate=False`. NaN for a rate without samples."""
    hits, shown = _steps(truth, score)
    positives = int(hits[-1]) if len(hits) else 0
    with np.errstate(invalid="ignore"):
        recall, fallout = hits / positives, (shown - hits) / (len(truth) - positives)
    limits = _limits(score)
    return RocCurve(np.append(0.0, fallout), np.append(0.0, recall), np.append(np.inf, limits))


def precision_curve(truth: Flags, score: Floats) -> PrecisionCurve:
    """As scikit-learn's `precision_recall_curve`, the other way round, without its last point. Empty without positives.

    Its last points may go on after recall 1 was reached, where scikit-learn stops.
    """
    hits, shown = _steps(truth, score)
    if not len(hits) or not hits[-1]:
        return PrecisionCurve(np.empty(0), np.empty(0), np.empty(0))
    return PrecisionCurve(hits / hits[-1], hits / shown, _limits(score))


def best_threshold(truth: Flags, score: Floats) -> float:
    """The score above 0 from which F1 is highest, of several the highest; NaN without a positive or such a score."""
    hits, shown = _steps(truth, score)
    limits = _limits(score)
    above = limits > 0
    if not above.any() or not hits[-1]:
        return float("nan")
    return float(limits[np.argmax(np.where(above, 2 * hits / (shown + hits[-1]), -1.0))])


def average_precision(truth: Flags, score: Floats) -> float:
    """Sum of precision times gain in recall, without interpolation, as scikit-learn's `average_precision_score`.

    `truth` (n), `score` (n), higher is more confident; equal scores count together. NaN without a positive.
    """
    hits, shown = _steps(truth, score)
    if not len(hits) or not hits[-1]:
        return float("nan")
    gain = np.diff(hits, prepend=0) / hits[-1]
    return float((hits / shown * gain).sum())


def auroc(truth: Flags, score: Floats) -> float:
    """Probability that a positive scores above a negative, ties count half, as scikit-learn's `roc_auc_score`.

    NaN unless both occur.
    """
    hits, shown = _steps(truth, score)
    positives = int(hits[-1]) if len(hits) else 0
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    recall, fallout = np.append(0.0, hits / positives), np.append(0.0, (shown - hits) / negatives)
    return float(((recall[1:] + recall[:-1]) / 2 * np.diff(fallout)).sum())


def _steps(truth: Flags, score: Floats) -> tuple[Ints, Ints]:
    """Positives and samples at or above each score, highest first."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True)) if len(order) else np.empty(0, np.int64)
    return np.cumsum(truth[order])[last].astype(np.int64), last + 1


def _limits(score: Floats) -> Floats:
    """The different scores, highest first: where `_steps` counts."""
    return np.unique(score)[::-1]
