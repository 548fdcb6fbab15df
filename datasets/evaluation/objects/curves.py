"""Precision-recall curves and the figures made from them, as pycocotools' `accumulate` and `summarize` make them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.matching import Matches, outside, ranking
from datasets.speed.compiled import compiled

RECALLS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True)
class Curves:
    """Curves of k classes at t IoU thresholds; -1 everywhere for a class without labels.

    `precision` (t, k, 101) at RECALLS, never rising (0 beyond the last recall); `confidence` (t, k, 101) at which that
    recall is reached; `recall` (t, k) reached at the end; `labels` (k) number of labels that count.
    """

    precision: Floats
    confidence: Floats
    recall: Floats
    labels: Ints

    @property
    def average_precision(self) -> Floats:
        """(t, k) mean precision over RECALLS, NaN for classes without labels."""
        return np.where(self.labels > 0, self.precision.mean(axis=2), np.nan)

    def mean_precision(self) -> float:
        """Mean over thresholds and classes that have labels; NaN without any."""
        return _mean(self.precision)

    def mean_recall(self) -> float:
        """Mean over thresholds of the recall of classes that have labels; NaN without any."""
        return _mean(self.recall)


def curves(
    labels: Boxes,
    predictions: Boxes,
    matches: Matches,
    classes: int,
    *,
    most: int | None = 100,
    area: tuple[float, float] | None = None,
    hits_first: bool = False,
    order: Ints | None = None,
) -> Curves:
    """Curves from `matches`, which was made with the same `area`; only the `most` confident predictions per sample and
    class count. Equal confidences keep the order of the input, as in pycocotools.

    `hits_first` ranks hits first among equals, as FiftyOne does, which overestimates: only for comparing with it.
    `order` is that of `by_class`, where it is known already.
    """
    counted = ~labels.crowd if area is None else ~labels.crowd & ~outside(labels, area)
    totals = np.bincount(labels.label[counted], minlength=classes).astype(np.int64)
    score, label = ranking(predictions), predictions.label
    if not hits_first:
        return Curves(*_of(score, label, matches, totals, most=most, order=order), totals)
    parts = []
    for t in range(len(matches.label)):  # each with its hits in front, where stable sorting keeps them among equals
        front = np.argsort(matches.label[t] < 0, kind="stable")
        one = slice(t, t + 1)
        moved = Matches(
            matches.label[one, front], matches.iou[one, front], matches.ignored[one, front], matches.rank[front]
        )
        parts.append(_of(score[front], label[front], moved, totals, most=most))
    precision, confidence, recall = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Curves(precision, confidence, recall, totals)


def by_class(predictions: Boxes) -> Ints:
    """Rows of n predictions by class, the most confident first; equal ones keep the order of the input."""
    return np.lexsort((-ranking(predictions), predictions.label))


def _of(
    score: Floats, label: Ints, matches: Matches, totals: Ints, *, most: int | None, order: Ints | None = None
) -> tuple[Floats, Floats, Floats]:
    classes = len(totals)
    order = np.lexsort((-score, label)) if order is None else order
    start = np.searchsorted(label[order], np.arange(classes + 1))
    kept = ~matches.ignored if most is None else ~matches.ignored & (matches.rank < most)[None]
    # One byte for each: rows are visited in another order than they lie in, and so stay in the processor's cache.
    state = kept.astype(np.uint8) << (matches.label >= 0).view(np.uint8)
    shape = (len(matches.label), classes)
    precision, confidence = np.full((*shape, len(RECALLS)), -1.0), np.full((*shape, len(RECALLS)), -1.0)
    recall = np.full(shape, -1.0)
    _accumulate(_Ranked(order, start, score[order], state, totals), RECALLS, (precision, confidence, recall))
    return precision, confidence, recall


def _mean(values: Floats) -> float:
    known = values[values > -1]
    return float(known.mean()) if known.size else float("nan")


class _Ranked(NamedTuple):
    """Predictions by class, most confident first: order, where each class starts, `score` in that order, and `state` at
    each threshold (t, n), in the order of the input: 0 does not count, 1 found nothing, 2 is a hit; `totals` labels per
    class.
    """

    order: Ints
    start: Ints
    score: Floats
    state: NDArray[np.uint8]
    totals: Ints


@compiled
def _curve(ranked: _Ranked, t: int, k: int) -> tuple[Floats, Floats, Floats]:
    tiny = np.finfo(np.float64).eps  # np.spacing(1) in pycocotools
    first, last = ranked.start[k], ranked.start[k + 1]
    reached, exact, at = np.empty(last - first), np.empty(last - first), np.empty(last - first)
    count, hits = 0, 0
    for place in range(first, last):
        state = ranked.state[t, ranked.order[place]]
        if state:
            hits += state == 2
            reached[count], at[count] = hits / ranked.totals[k], ranked.score[place]
            exact[count] = hits / (count + 1 + tiny)
            count += 1
    for i in range(count - 2, -1, -1):
        exact[i] = max(exact[i], exact[i + 1])
    return reached[:count], exact[:count], at[:count]


@compiled
def _accumulate(ranked: _Ranked, recalls: Floats, out: tuple[Floats, Floats, Floats]) -> None:
    precision, confidence, recall = out
    for t in range(len(ranked.state)):
        for k in range(len(ranked.totals)):
            if ranked.totals[k] == 0:
                continue
            reached, exact, at = _curve(ranked, t, k)
            recall[t, k] = reached[-1] if len(reached) else 0.0
            i = 0
            for r in range(len(recalls)):
                while i < len(reached) and reached[i] < recalls[r]:
                    i += 1
                precision[t, k, r] = exact[i] if i < len(reached) else 0.0
                confidence[t, k, r] = at[i] if i < len(reached) else 0.0
