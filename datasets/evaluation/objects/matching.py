"""Greedy matching of predictions to labels, the COCO protocol, compiled.

Reference: pycocotools `cocoeval.py: evaluateImg` and `maskApi.c: bbIou`; equal to it in every tie.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.overlaps import ByPrediction, Overlaps, given
from datasets.speed.compiled import compiled


@dataclass(frozen=True)
class Matches:
    """Which label each of n predictions found at each of t IoU thresholds.

    `label` (t, n) row of the label, -1 for none; `iou` (t, n), NaN for none; `ignored` (t, n) predictions that count
    as neither true nor false positives; `rank` (n) rank of the prediction in its group (sample and class), from 0.
    """

    label: Ints
    iou: Floats
    ignored: Flags
    rank: Ints


def match(
    labels: Boxes,
    predictions: Boxes,
    thresholds: Floats,
    *,
    classwise: bool = True,
    area: tuple[float, float] | None = None,
    overlaps: Overlaps | None = None,
) -> Matches:
    """Match at every threshold. Outside `area` (square pixels, both ends included) labels are ignored, and so are
    predictions that found nothing. IoU is that of the boxes, unless `overlaps` gives it.
    """
    ignore = labels.crowd if area is None else labels.crowd | outside(labels, area)
    groups = _groups(labels, predictions, ignore, classwise)
    shape = (len(thresholds), len(predictions))
    found, iou = np.full(shape, -1, np.int64), np.full(shape, np.nan)
    limits = np.minimum(np.asarray(thresholds, np.float64), 1 - 1e-10)
    sides = (
        _Labels(labels.box, labels.regions, ignore),
        _Predictions(predictions.box, given(overlaps, labels, predictions)),
    )
    _match(*sides, groups, limits, (found, iou))
    ignored = _chosen(ignore, found)
    if area is not None:
        ignored |= (found < 0) & outside(predictions, area)[None]
    rank = np.empty(len(predictions), np.int64)
    rank[groups.order] = np.arange(len(rank)) - np.repeat(groups.start[:-1], np.diff(groups.start))
    return Matches(found, iou, ignored, rank)


def ranking(predictions: Boxes) -> Floats:
    """The number that predictions are ranked by: confidence; those without come last, with -1 (as in FiftyOne)."""
    return np.where(np.isnan(predictions.confidence), -1.0, predictions.confidence)


def outside(rows: Boxes, area: tuple[float, float]) -> Flags:
    """Boxes smaller than the first or larger than the second bound."""
    return (rows.area < area[0]) | (rows.area > area[1])


def _chosen(flags: Flags, rows: Ints) -> Flags:
    return (rows >= 0) & flags[np.maximum(rows, 0)] if len(flags) else np.zeros(rows.shape, np.bool_)


def _groups(labels: Boxes, predictions: Boxes, ignore: Flags, classwise: bool) -> "_Groups":
    classes = 1 + max((int(rows.label.max()) for rows in (labels, predictions) if len(rows)), default=0)
    label_key = labels.image * classes + labels.label if classwise else labels.image
    key = predictions.image * classes + predictions.label if classwise else predictions.image
    order = np.lexsort((-ranking(predictions), key))
    label_order = np.lexsort((ignore, label_key))
    grouped = key[order]
    start = np.append(np.flatnonzero(np.diff(grouped, prepend=-1)), len(order)).astype(np.int64)
    keys = grouped[start[:-1]]
    known = label_key[label_order]
    first, last = np.searchsorted(known, keys), np.searchsorted(known, keys, side="right")
    return _Groups(order, start, label_order, np.argsort(label_order), first, last)


class _Labels(NamedTuple):
    box: Floats
    crowd: Flags
    ignore: Flags


class _Predictions(NamedTuple):
    box: Floats
    known: ByPrediction


class _Groups(NamedTuple):
    """Predictions by group, most confident first, and the range of each group in `label_order`, ignored labels last;
    `place` of each label in `label_order`.
    """

    order: Ints
    start: Ints
    label_order: Ints
    place: Ints
    first: Ints
    last: Ints


@compiled
def overlap(a: Floats, b: Floats, crowd: bool) -> float:
    """Intersection over union of two boxes (x, y, width, height); over the area of `a` alone when `b` is a crowd."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    if width <= 0:
        return 0.0
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if height <= 0:
        return 0.0
    common = width * height
    union = a[2] * a[3] if crowd else a[2] * a[3] + b[2] * b[3] - common
    return float(common / union) if union > 0 else 0.0


@compiled
def _choose(iou: Floats, used: Flags, rows: Ints, labels: _Labels, threshold: float) -> int:
    best, chosen = threshold, -1
    for g in range(len(rows)):
        if used[g] and not labels.crowd[rows[g]]:
            continue
        # Labels that count stand first: an ignored one may not take over from them.
        if chosen >= 0 and not labels.ignore[rows[chosen]] and labels.ignore[rows[g]]:
            break
        if iou[g] < best:
            continue
        best, chosen = iou[g], g
    return chosen


@compiled
def _measured(labels: _Labels, box: Floats, own: Ints, rows: Ints) -> Floats:
    iou = np.empty((len(own), len(rows)))
    for p in range(len(own)):
        for g in range(len(rows)):
            iou[p, g] = overlap(box[own[p]], labels.box[rows[g]], labels.crowd[rows[g]])
    return iou


@compiled
def _looked_up(known: ByPrediction, place: Ints, own: Ints, first: int, last: int) -> Floats:
    iou = np.zeros((len(own), last - first))
    for p in range(len(own)):
        for i in range(known.start[own[p]], known.start[own[p] + 1]):
            at = place[known.label[i]]
            if first <= at < last:
                iou[p, at - first] = known.iou[i]
    return iou


@compiled
def _match(
    labels: _Labels, predictions: _Predictions, groups: _Groups, thresholds: Floats, out: tuple[Ints, Floats]
) -> None:
    found, found_iou = out
    for group in range(len(groups.start) - 1):
        first, last = groups.first[group], groups.last[group]
        rows = groups.label_order[first:last]
        if len(rows) == 0:
            continue
        own = groups.order[groups.start[group] : groups.start[group + 1]]
        if predictions.known.use:
            iou = _looked_up(predictions.known, groups.place, own, first, last)
        else:
            iou = _measured(labels, predictions.box, own, rows)
        for t in range(len(thresholds)):
            used = np.zeros(len(rows), np.bool_)
            for p in range(len(own)):
                chosen = _choose(iou[p], used, rows, labels, thresholds[t])
                if chosen >= 0:
                    used[chosen] = True
                    found[t, own[p]] = rows[chosen]
                    found_iou[t, own[p]] = iou[p, chosen]


class _Targets(NamedTuple):
    box: Floats
    label: Ints
    crowd: Flags
    start: Ints


class _Sources(NamedTuple):
    box: Floats
    label: Ints
    image: Ints


def nearest(labels: Boxes, predictions: Boxes, overlaps: Overlaps | None = None) -> tuple[Ints, Floats]:
    """For each of n predictions the label it overlaps most: rows (2, n) and IoU (2, n), first of its own class, then of
    any other class; row -1 and IoU 0 where nothing overlaps. Crowds are ignored.
    """
    if overlaps is not None:
        return _nearest_given(labels, predictions, given(overlaps, labels, predictions))
    row, iou = np.full((2, len(predictions)), -1, np.int64), np.zeros((2, len(predictions)))
    images = 1 + max((int(rows.image.max()) for rows in (labels, predictions) if len(rows)), default=0)
    start = np.searchsorted(labels.image, np.arange(images + 1))
    targets = _Targets(labels.box, labels.label, labels.crowd, start)
    _nearest(targets, _Sources(predictions.box, predictions.label, predictions.image), (row, iou))
    return row, iou


@compiled
def _nearest(labels: _Targets, predictions: _Sources, out: tuple[Ints, Floats]) -> None:
    row, iou = out
    for p in range(len(predictions.box)):
        image = predictions.image[p]
        for g in range(labels.start[image], labels.start[image + 1]):
            if labels.crowd[g]:
                continue
            other = 0 if labels.label[g] == predictions.label[p] else 1
            value = overlap(predictions.box[p], labels.box[g], False)
            if value > iou[other, p]:
                iou[other, p], row[other, p] = value, g


def _nearest_given(labels: Boxes, predictions: Boxes, known: ByPrediction) -> tuple[Ints, Floats]:
    row, iou = np.full((2, len(predictions)), -1, np.int64), np.zeros((2, len(predictions)))
    prediction = np.repeat(np.arange(len(predictions)), np.diff(known.start))
    other = (labels.label[known.label] != predictions.label[prediction]).astype(np.int64)
    counted = np.flatnonzero(~labels.crowd[known.label])
    rising = counted[np.argsort(known.iou[counted], kind="stable")]  # of several the largest is written last
    row[other[rising], prediction[rising]] = known.label[rising]
    iou[other[rising], prediction[rising]] = known.iou[rising]
    return row, iou
