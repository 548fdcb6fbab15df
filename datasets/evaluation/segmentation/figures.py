"""Figures of semantic segmentation from counts of pixels. Pure functions of arrays."""

from dataclasses import dataclass

import numpy as np

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.ratios import divide, ratios


@dataclass(frozen=True)
class Figures:
    """For k classes, NaN where undefined: IoU, Dice, precision, recall (k)."""

    iou: Floats
    dice: Floats
    precision: Floats
    recall: Floats


def per_class(confusion: Ints) -> Figures:
    """From pixels (k, k + 1), rows true; the last column is predicted as none of the classes, which is a mistake."""
    hits = np.diagonal(confusion).astype(np.float64)
    truth, found = confusion.sum(axis=1), confusion[:, :-1].sum(axis=0)
    precision, recall, dice = ratios(hits, found, truth)
    return Figures(divide(hits, truth + found - hits), dice, precision, recall)


def pixel_accuracy(confusion: Ints) -> float:
    """Share of pixels that are right; NaN without any."""
    total = int(confusion.sum())
    return float(np.trace(confusion[:, :-1]) / total) if total else float("nan")


def frequency_weighted(confusion: Ints, iou: Floats) -> float:
    """IoU weighted by the pixels of each class; NaN without any."""
    truth = confusion.sum(axis=1)
    return float((np.nan_to_num(iou) * truth).sum() / truth.sum()) if truth.sum() else float("nan")


def contour_f1(counts: Ints) -> Floats:
    """F1 of contours (..., k) from `counting.contours` (..., k, 4); NaN where neither side has a contour."""
    found = counts.astype(np.float64)
    precision, recall = (np.nan_to_num(divide(found[..., i], found[..., i + 1])) for i in (0, 2))
    f1 = np.nan_to_num(divide(2 * precision * recall, precision + recall))
    return np.where(counts[..., 1] + counts[..., 3] > 0, f1, np.nan)


def mean(values: Floats) -> float:
    """Mean of the known values; NaN without any."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def foreground(confusion: Ints, background: bool) -> tuple[float, float, float] | None:
    """Accuracy, precision and recall (micro) of one image as FiftyOne's `evaluate_segmentations` counts them.

    From pixels (k, k). With `background` the first class counts only where it is mistaken; None without other pixels.
    """
    start = int(background)
    hits = float(np.trace(confusion[start:, start:]))
    truth, found = int(confusion[start:].sum()), int(confusion[:, start:].sum())
    counted = int(confusion.sum()) - (int(confusion[0, 0]) if background else 0)
    if not truth:
        return None
    return hits / counted, hits / found if found else 0.0, hits / truth
