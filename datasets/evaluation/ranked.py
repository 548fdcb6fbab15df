"""Figures of one class against the rest that hang on no threshold. Pure functions of arrays."""

import numpy as np

from datasets.evaluation.boxes import Flags, Floats, Ints


def average_precision(truth: Flags, score: Floats) -> float:
    """Sum of precision times gain in recall, without interpolation, as scikit-learn's `average_precision_score`.

    `truth` (n), `score` (n), higher is surer; equal scores count together. NaN without a positive.
    """
    hits, shown = _steps(truth, score)
    if not len(hits) or not hits[-1]:
        return float("nan")
    gain = np.diff(hits, prepend=0) / hits[-1]
    return float((hits / shown * gain).sum())


def auroc(truth: Flags, score: Floats) -> float:
    """Chance that a positive scores above a negative, equal scores half, as scikit-learn's `roc_auc_score`.

    NaN unless there are both.
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
