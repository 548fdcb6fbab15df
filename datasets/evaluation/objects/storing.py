"""Stores evaluations of objects: outcomes per label and sample in FiftyOne, and its own results object.

What is written equals FiftyOne's `evaluate_detections` (`eval_<run>`, `_id` and `_iou` on labels, counts on samples),
which counts a prediction on a crowd as a hit; our own figures ignore crowds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.figures import IOUS
from datasets.evaluation.objects.matching import Matches, ranking
from datasets.evaluation.objects.part import Part
from datasets.evaluation.thresholds import IOU
from datasets.fieldnames import evaluation_key
from datasets.records import Progress, no_progress
from datasets.speed import garbage
from datasets.storage import collection, evaluations, labels


@dataclass(frozen=True)
class Columns:
    """The values written on each of n labels or predictions: outcome, id of its partner, IoU with it."""

    outcome: NDArray[Any]
    partner: NDArray[Any]
    iou: NDArray[Any]


def columns(part: Part, matches: Matches) -> tuple[Columns, Columns]:
    """FiftyOne's fields for labels and predictions, from the first threshold of `matches`."""
    found, iou = matches.label[0], matches.iou[0].astype(object)
    hits = np.flatnonzero(found >= 0)
    predicted = _blank(len(found), "fp")
    predicted.outcome[hits], predicted.iou[hits] = "tp", iou[hits]
    predicted.partner[hits] = part.labels.id[found[hits]]
    truth = _blank(len(part.labels), "fn")
    hits = hits[np.argsort(ranking(part.predictions)[hits], kind="stable")]  # the most confident is last
    truth.outcome[found[hits]], truth.iou[found[hits]] = "tp", iou[hits]
    truth.partner[found[hits]] = part.predictions.id[hits]
    return truth, predicted


def write_back(
    dataset: str, run: str, part: Part, fields: tuple[str, str], *, iou: float = IOU, progress: Progress = no_progress
) -> int:
    """Register the evaluation with FiftyOne, then write outcomes in bulk. Idempotent.

    Returns how many samples were left out, because labels were added or removed while they were scored.

    `fields` are label field and prediction field. Afterwards `load_evaluation_results("eval_<run>")` works, and
    FiftyOne's Model Evaluation panel.
    """
    key, matches = evaluation_key(run), part.matches(iou)
    both = columns(part, matches)
    with garbage.paused():
        registered = _register(dataset, part, fields, key, iou)
    total = len(part.table.sample_id)
    written = collection.update_if(dataset, _changes(key, part, both, fields), total, progress)
    with garbage.paused():
        registered.save()
    return total - written


def _blank(count: int, outcome: str) -> Columns:
    return Columns(np.full(count, outcome, object), np.full(count, "", object), np.full(count, None, object))


def _changes(
    key: str, part: Part, both: tuple[Columns, Columns], fields: tuple[str, str]
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    samples = len(part.table.sample_id)
    sides = [
        _Side(key, labels.list_path(name, part.table.kind.name), rows, values, samples)
        for name, rows, values in zip(fields, (part.labels, part.predictions), both, strict=True)
    ]
    hit = both[1].outcome == "tp"
    predicted, truth = part.predictions.image, part.labels.image
    tp, fp = np.bincount(predicted[hit], minlength=samples), np.bincount(predicted[~hit], minlength=samples)
    fn = np.bincount(truth[both[0].outcome == "fn"], minlength=samples)
    counts = zip(tp.tolist(), fp.tolist(), fn.tolist(), strict=True)
    for row, (sample, (hits, wrong, missed)) in enumerate(zip(part.table.sample_id, counts, strict=True)):
        values: dict[str, Any] = {f"{key}_tp": hits, f"{key}_fp": wrong, f"{key}_fn": missed}
        condition: dict[str, Any] = {}
        for side in sides:
            side.put(row, values, condition)
        yield sample, condition, values


class _Side:
    """The values of one field, handed out by sample, under paths such as `ground_truth.detections.3.eval_r1_iou`."""

    def __init__(self, key: str, path: str, rows: Boxes, values: Columns, samples: int) -> None:
        self._offset = np.searchsorted(rows.image, np.arange(samples + 1)).tolist()
        self._rows = list(zip(values.outcome.tolist(), values.partner.tolist(), values.iou.tolist(), strict=True))
        most = max(np.diff(self._offset), default=0)
        self._path = path
        self._names = [(f"{path}.{i}.{key}", f"{path}.{i}.{key}_id", f"{path}.{i}.{key}_iou") for i in range(most)]

    def put(self, sample: int, into: dict[str, Any], condition: dict[str, Any]) -> None:
        mine = self._rows[self._offset[sample] : self._offset[sample + 1]]
        if mine:  # a path behind the end of a list that became shorter would make a broken label
            condition[self._path] = {"$size": len(mine)}
        for (outcome, partner, iou), (a, b, c) in zip(mine, self._names, strict=False):
            into[a], into[b], into[c] = outcome, partner, iou


def _register(dataset: str, part: Part, fields: tuple[str, str], key: str, iou: float) -> evaluations.Registered:
    curves, matches = part.summary.curves, part.matches(iou)
    return evaluations.detections(
        evaluations.Scored(dataset, key, fields, part.table.sample_id),
        _pairs(part, matches.label[0], matches.iou[0]),
        curves.precision,
        iou=iou,
        masks=part.table.masked,
        recall=np.linspace(0, 1, 101),
        iou_threshs=IOUS.tolist(),
        classes=list(part.table.classes),
        recall_sweep=curves.recall,
        thresholds=curves.confidence,
    )


def _pairs(part: Part, found: Ints, iou: NDArray[Any]) -> list[tuple[Any, ...]]:
    """FiftyOne's list: label, predicted label, IoU, confidence, label id, prediction id; None for missing entries."""
    names = np.array([*part.table.classes, None], object)
    hit = found >= 0
    truth = _or_none(names[np.append(part.labels.label, -1)[found]], hit)
    ids = _or_none(np.append(part.labels.id, "")[found], hit)
    confidence = _or_none(part.predictions.confidence, ~np.isnan(part.predictions.confidence)).tolist()
    overlap = _or_none(iou, hit).tolist()
    guessed = names[part.predictions.label].tolist()
    rows = list(
        zip(truth.tolist(), guessed, overlap, confidence, ids.tolist(), part.predictions.id.tolist(), strict=True)
    )
    rest = np.setdiff1d(np.arange(len(part.labels)), found[hit])
    missed = zip(names[part.labels.label[rest]].tolist(), part.labels.id[rest].tolist(), strict=True)
    return rows + [(label, None, None, None, key, None) for label, key in missed]


def _or_none(values: NDArray[Any], known: NDArray[Any]) -> NDArray[Any]:
    made = values.astype(object)
    made[~known] = None
    return made
