"""Figures of any number of classes per image. Pure functions of arrays."""

from dataclasses import dataclass

import numpy as np

from datasets.evaluation.boxes import Flags, Floats, Ints
from datasets.evaluation.detection import divide, ratios


@dataclass(frozen=True)
class Counts:
    """True positives, false positives and false negatives: of k classes (k), or of n samples (n)."""

    tp: Ints
    fp: Ints
    fn: Ints

    @property
    def ratios(self) -> tuple[Floats, Floats, Floats]:
        """Precision, recall and F1, NaN where nothing can be said."""
        return ratios(self.tp, self.tp + self.fp, self.tp + self.fn)

    @property
    def pooled(self) -> tuple[float, float, float]:
        """Precision, recall and F1 of everything together (micro)."""
        tp, fp, fn = int(self.tp.sum()), int(self.fp.sum()), int(self.fn.sum())
        precision, recall, f1 = ratios(tp, tp + fp, tp + fn)
        return float(precision), float(recall), float(f1)


def counts(truth: Ints, predicted: Ints, by: Ints, size: int) -> Counts:
    """From keys of labels (m) and of predictions (p), each once, that are equal where both say the same.

    `by` maps a key to the class, or to the sample, that it is counted for; there are `size` of these.
    """
    hit = np.isin(predicted, truth, assume_unique=True)
    missed = ~np.isin(truth, predicted, assume_unique=True)

    def of(keys: Ints) -> Ints:
        return np.bincount(by[keys], minlength=size).astype(np.int64)

    return Counts(of(predicted[hit]), of(predicted[~hit]), of(truth[missed]))


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
