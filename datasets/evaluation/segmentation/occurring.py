"""The classes that occur in every image, sparse: figures of single images and of one class in each of them."""

from dataclasses import dataclass

import numpy as np

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.ratios import divide
from datasets.evaluation.segmentation.reading import Pixels


@dataclass(frozen=True)
class Occurring:
    """r rows, by sample, then class: pixels that are right, true, and predicted; `iou` (r).

    A class occurs in an image where pixels of it are true or predicted.
    """

    sample: Ints
    code: Ints
    hits: Ints
    truth: Ints
    predicted: Ints
    iou: Floats

    def of_class(self, code: int) -> Ints:
        """Rows of one class."""
        return np.flatnonzero(self.code == code)


def occurring(pixels: Pixels) -> Occurring:
    """Every class of every image, from the counts of pairs."""
    count = len(pixels.classes)
    sample, truth, found, number = pixels.pairs.T
    known = found < count
    on_truth, on_found = sample * count + truth, (sample * count + found)[known]
    keys = np.unique(np.concatenate([on_truth, on_found]))
    same = truth == found
    hits = _summed(keys, on_truth[same], number[same])
    true, predicted = _summed(keys, on_truth, number), _summed(keys, on_found, number[known])
    union = (true + predicted - hits).astype(np.float64)
    return Occurring(keys // max(count, 1), keys % max(count, 1), hits, true, predicted, divide(hits, union))


def mean_iou(found: Occurring, samples: int) -> Floats:
    """Mean IoU of every image (s) over its classes; NaN where none occurs."""
    total = np.bincount(found.sample, weights=found.iou, minlength=samples)
    return divide(total, np.bincount(found.sample, minlength=samples).astype(np.float64))


def accuracy(found: Occurring, samples: int) -> Floats:
    """Share of the pixels of every image (s) that are right; NaN where none counts."""
    hits = np.bincount(found.sample, weights=found.hits, minlength=samples)
    return divide(hits, np.bincount(found.sample, weights=found.truth, minlength=samples))


def _summed(keys: Ints, at: Ints, number: Ints) -> Ints:
    total = np.bincount(np.searchsorted(keys, at), weights=number, minlength=len(keys))
    return total.astype(np.int64)
