"""Figures of any number of classes per image. Pure functions of arrays."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.ratios import divide, ratios


@dataclass(frozen=True)
class Counts:
    """True positives, false positives and false negatives for k classes (k), or for n samples (n)."""

    tp: Ints
    fp: Ints
    fn: Ints

    @property
    def ratios(self) -> tuple[Floats, Floats, Floats]:
        """Precision, recall and F1, NaN where undefined."""
        return ratios(self.tp, self.tp + self.fp, self.tp + self.fn)

    @property
    def pooled(self) -> tuple[float, float, float]:
        """Precision, recall and F1 of everything together (micro)."""
        tp, fp, fn = int(self.tp.sum()), int(self.fp.sum()), int(self.fn.sum())
        precision, recall, f1 = ratios(tp, tp + fp, tp + fn)
        return float(precision), float(recall), float(f1)


def outcomes(truth: Ints, predicted: Ints) -> tuple[Ints, Ints, Ints]:
    """True positives, false positives and false negatives among keys of labels (m) and of predictions (p).

    Every key stands once, and for the same class of the same sample on both sides.
    """
    hit = np.isin(predicted, truth, assume_unique=True)
    return predicted[hit], predicted[~hit], truth[~np.isin(truth, predicted, assume_unique=True)]


def counts(groups: Iterable[Ints], size: int) -> Counts:
    """How many outcomes each of `size` groups has, from the groups (classes, or samples) of the three."""
    tp, fp, fn = (np.bincount(group, minlength=size).astype(np.int64) for group in groups)
    return Counts(tp, fp, fn)


def subset_accuracy(per_sample: Counts) -> float:
    """Share of samples whose classes are all right, and no other predicted; NaN without samples."""
    wrong = per_sample.fp + per_sample.fn > 0
    return float((~wrong).mean()) if wrong.size else float("nan")


def hamming_loss(per_sample: Counts, classes: int) -> float:
    """Share of wrong answers among samples times classes; NaN without any."""
    return float(divide((per_sample.fp + per_sample.fn).sum(), len(per_sample.tp) * classes))


def dense(sample: Ints, value: Floats, rows: Flags) -> Floats:
    """Scores of the samples in `rows` (n): `value` (p) where there is one, 0 elsewhere."""
    found = np.zeros(len(rows))
    found[sample] = value
    return found[rows]
