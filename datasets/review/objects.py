"""What the Review page shows of one run on one dataset, computed from its outcome table at any pair of thresholds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from datasets.evaluation import stored
from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.cards import ObjectsCard, Report, plain
from datasets.evaluation.objects import report
from datasets.evaluation.objects.confusion import Pairs, confusion
from datasets.evaluation.objects.curves import RECALLS
from datasets.evaluation.objects.figures import best_confidence
from datasets.evaluation.objects.outcomes import BKG, BOTH, CLS, DUPE, ERRORS, FN, FP, LOC, TP, Outcomes
from datasets.evaluation.objects.part import Part
from datasets.evaluation.objects.table import Table, read
from datasets.evaluation.stored import table_path
from datasets.evaluation.thresholds import IOU, PRESENT, SHOWN
from datasets.review.page import Page
from datasets.skeleton import Edges, Skeleton
from datasets.workspace import Workspace

BACKGROUND = "background"
LOW_IOU = 0.75  # a hit below it is worth a look: half of the COCO thresholds call it a miss
SURE = PRESENT  # a background prediction at least this confident may be a missing label


@dataclass(frozen=True)
class Item:
    """One object to look at. Boxes are relative (x, y, width, height).

    `label` and `label_box` are the truth (None for none), `predicted` and `predicted_box` the prediction; `error` is
    one of `outcomes.ERRORS`; `iou` is the overlap of the two.
    """

    sample_id: str
    path: str
    split: str
    width: int
    height: int
    label_id: str | None
    label: str | None
    label_box: tuple[float, ...] | None
    prediction_id: str | None
    predicted: str | None
    predicted_box: tuple[float, ...] | None
    confidence: float | None
    iou: float | None
    error: str

    @property
    def box(self) -> tuple[float, ...]:
        """Where to look: the prediction, else the label."""
        return self.predicted_box or self.label_box or ()


@dataclass(frozen=True)
class WorstImage:
    """A sample and its counts."""

    sample_id: str
    path: str
    split: str
    tp: int
    fp: int
    fn: int


@dataclass(frozen=True)
class ConfusionMatrix:
    """`counts[true][predicted]`; the last of `names` is background."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Curve:
    """Precision at 101 recalls, and the confidence at which each is reached (None beyond the last recall)."""

    label: str
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    confidence: tuple[float | None, ...]
    average_precision: float


class Look:
    """A part of an evaluation at one confidence and one IoU threshold. Made by `Review.at`."""

    def __init__(self, part: Part, about: Mapping[str, Any], confidence: float, iou: float) -> None:
        self._part, self._about, self.confidence, self.iou = part, about, confidence, iou
        self._found: Outcomes = part.outcomes(confidence, iou)
        self._pairs: Pairs = part.pairs(confidence, iou)

    @property
    def about(self) -> Mapping[str, Any]:
        """Run, fields and when it was scored."""
        return self._about

    @property
    def masked(self) -> bool:
        """Whether objects were compared by their masks."""
        return self._part.table.masked

    @property
    def measure(self) -> str:
        """How much two objects agree is measured by IoU, or by OKS."""
        return self._part.table.measure

    @property
    def edges(self) -> Edges:
        """Which key points a line joins; none for objects without."""
        found = Skeleton.read(self._about.get("skeleton"))
        return found.edges if found else ()

    def report(self) -> Report[ObjectsCard]:
        """The report that the command line prints."""
        known = stored.report(self._about, self._part.split)
        return report.report(self._part, stored.origin(self._about), self.confidence, self.iou, stored=known)

    def confusion(self) -> ConfusionMatrix:
        """Predictions and labels paired without regard to class."""
        names = self._part.table.classes
        counts = confusion(self._pairs, len(names))
        return ConfusionMatrix((*names, BACKGROUND), tuple(tuple(row) for row in counts.tolist()))

    def cell(self, true: str, predicted: str, page: int = 0, size: int = 60) -> Page[Item]:
        """The objects behind one cell of the matrix, most confident first. Raises KeyError for an unknown class."""
        codes = {name: row for row, name in enumerate((*self._part.table.classes, BACKGROUND))}
        rows = np.flatnonzero((self._pairs.true == codes[true]) & (self._pairs.predicted == codes[predicted]))
        label, prediction = self._pairs.label[rows], self._pairs.prediction[rows]
        return self._page(label, prediction, _by_confidence(self._part, prediction), page, size)

    def curves(self) -> list[Curve]:
        """One curve for each class that has labels, at this IoU threshold."""
        found = self._part.curves(self.iou)
        known = [row for row in range(len(self._part.table.classes)) if found.labels[row]]
        return [self._curve(row, found.precision[0, row], found.confidence[0, row]) for row in known]

    def gallery(self, kind: str, page: int = 0, size: int = 60) -> Page[Item]:
        """A page of one of GALLERIES, most confident first (missed labels: largest first; low IoU: lowest first)."""
        if kind not in GALLERIES:
            raise KeyError(f"expected a gallery of {', '.join(GALLERIES)}, found {kind!r}")
        found = self._found
        if kind == "fn":
            label = np.flatnonzero(found.labels == FN)
            size_ = self._part.labels.box[label, 2] * self._part.labels.box[label, 3]
            return self._page(label, found.label_partner[label], -size_, page, size)
        prediction = np.flatnonzero(GALLERIES[kind](self._part, found))
        order = found.iou[prediction] if kind == "low_iou" else _by_confidence(self._part, prediction)
        return self._page(found.partner[prediction], prediction, order, page, size)

    def worst(self, page: int = 0, size: int = 60) -> Page[WorstImage]:
        """Samples by false positives and false negatives together."""
        table, count = self._part.table, len(self._part.table.sample_id)
        labels, predictions = self._part.labels, self._part.predictions
        tp = np.bincount(predictions.image[self._found.predictions == TP], minlength=count)
        fp = np.bincount(predictions.image[self._found.predictions == FP], minlength=count)
        fn = np.bincount(labels.image[self._found.labels == FN], minlength=count)
        order = np.argsort(-(fp + fn), kind="stable")
        total = int(((fp + fn) > 0).sum())
        rows = order[page * size : min((page + 1) * size, total)]
        return Page(
            total,
            tuple(
                WorstImage(table.sample_id[r], table.path[r], table.split[r], int(tp[r]), int(fp[r]), int(fn[r]))
                for r in rows
            ),
        )

    def ids(self, items: Sequence[Item]) -> tuple[str, ...]:
        """The samples of these items, once each, in order: for a view."""
        return tuple(dict.fromkeys(item.sample_id for item in items))

    def _curve(self, row: int, precision: Floats, confidence: Floats) -> Curve:
        reached = [value if exact > 0 else None for value, exact in zip(confidence.tolist(), precision, strict=True)]
        return Curve(
            label=self._part.table.classes[row],
            recall=tuple(RECALLS.tolist()),
            precision=tuple(precision.tolist()),
            confidence=tuple(reached),
            average_precision=float(precision.mean()),
        )

    def _page(self, label: Ints, prediction: Ints, order: Floats, page: int, size: int) -> Page[Item]:
        rows = np.argsort(order, kind="stable")[page * size : (page + 1) * size]
        return Page(len(order), tuple(self._item(int(label[row]), int(prediction[row])) for row in rows))

    def _item(self, label: int, prediction: int) -> Item:
        table, labels, predictions = self._part.table, self._part.labels, self._part.predictions
        sample = int(labels.image[label] if prediction < 0 else predictions.image[prediction])
        error = self._found.label_error[label] if prediction < 0 else self._found.error[prediction]
        confidence = float("nan") if prediction < 0 else float(predictions.confidence[prediction])
        iou = float(self._found.iou[prediction]) if prediction >= 0 else float("nan")
        return Item(
            sample_id=table.sample_id[sample],
            path=table.path[sample],
            split=table.split[sample],
            width=int(table.size[sample, 0]),
            height=int(table.size[sample, 1]),
            label_id=str(labels.id[label]) if label >= 0 else None,
            label=table.classes[labels.label[label]] if label >= 0 else None,
            label_box=tuple(labels.box[label].tolist()) if label >= 0 else None,
            prediction_id=str(predictions.id[prediction]) if prediction >= 0 else None,
            predicted=table.classes[predictions.label[prediction]] if prediction >= 0 else None,
            predicted_box=tuple(predictions.box[prediction].tolist()) if prediction >= 0 else None,
            confidence=plain(confidence),
            iou=plain(iou),
            error=ERRORS[error],
        )


class Review:
    """The evaluation of one run. Opening and looking cost milliseconds; parts and matchings are kept."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._parts: dict[str | None, Part] = {}

    @classmethod
    def open(cls, dataset: str, run: str, workspace: Workspace | None = None) -> "Review":
        """The stored evaluation. Raises EvaluationError where there is none."""
        path = table_path(dataset, run, workspace)
        return _open(path, path.stat().st_mtime_ns if path.is_file() else 0)

    @property
    def about(self) -> Mapping[str, Any]:
        """Run, fields and when it was scored."""
        return self._table.about

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the dataset."""
        return self._table.classes

    @property
    def measure(self) -> str:
        """IoU, or OKS: by what objects are compared."""
        return self._table.measure

    @property
    def splits(self) -> list[str]:
        """Splits that were scored."""
        return self._table.splits

    def best_confidence(self, split: str | None = None, iou: float = IOU) -> float:
        """The confidence of the highest F1 over all objects."""
        part = self._part(split)
        return best_confidence(part.labels, part.predictions, part.matches(iou))

    def at(self, split: str | None = None, confidence: float = SHOWN, iou: float = IOU) -> Look:
        """Everything about one split (all for None) at these thresholds."""
        return Look(self._part(split), self._table.about, confidence, iou)

    def _part(self, split: str | None) -> Part:
        if split not in self._parts:
            self._parts[split] = Part(self._table, split)
        return self._parts[split]


@lru_cache(maxsize=4)
def _open(path: Path, stamp: int) -> Review:  # noqa: ARG001  a new stamp is a new evaluation
    return Review(read(path))


def _by_confidence(part: Part, prediction: Ints) -> Floats:
    """Sorting key, most confident first; a missing confidence sorts first, a missing prediction last."""
    if not len(part.predictions):
        return np.zeros(len(prediction))
    known = part.predictions.confidence[np.maximum(prediction, 0)]
    return np.where(prediction < 0, 1.0, -np.where(np.isnan(known), 2.0, known))


def _mistake(code: int) -> Callable[[Part, Outcomes], Flags]:
    return lambda _, found: np.equal(found.error, code)


def _outcome(code: int) -> Callable[[Part, Outcomes], Flags]:
    return lambda _, found: np.equal(found.predictions, code)


def _missing_label(part: Part, found: Outcomes) -> Flags:
    chosen: Flags = (found.error == BKG) & (part.predictions.confidence >= SURE)
    return chosen


def _low_iou(_: Part, found: Outcomes) -> Flags:
    chosen: Flags = (found.predictions == TP) & (found.iou < LOW_IOU)
    return chosen


# Name of a gallery and which predictions are in it; "fn" is about labels.
GALLERIES: dict[str, Callable[[Part, Outcomes], Flags]] = {
    "fp": _outcome(FP),
    "fn": _outcome(FN),
    "low_iou": _low_iou,
    "missing": _missing_label,
    "cls": _mistake(CLS),
    "loc": _mistake(LOC),
    "both": _mistake(BOTH),
    "dupe": _mistake(DUPE),
    "bkg": _mistake(BKG),
    "tp": _outcome(TP),
}
