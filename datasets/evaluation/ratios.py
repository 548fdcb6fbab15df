"""Precision, recall and F1 from counts."""

import numpy as np
from numpy.typing import ArrayLike

from datasets.evaluation.arrays import Floats


def ratios(hits: ArrayLike, shown: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 from counts of true positives, predictions and labels; NaN for a quotient by 0."""
    precision, recall = divide(hits, shown), divide(hits, labels)
    return precision, recall, divide(2 * np.asarray(hits), np.asarray(shown) + np.asarray(labels))


def divide(top: ArrayLike, bottom: ArrayLike) -> Floats:
    """Element by element; NaN where `bottom` is not above 0."""
    above, below = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    found: Floats = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
