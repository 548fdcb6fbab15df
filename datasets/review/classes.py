"""What the Review page shows for one class per image, from the stored table at any confidence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation import stored
from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.cards import ClassCard, Report, plain
from datasets.evaluation.classification import storing
from datasets.evaluation.classification.figures import BINS, Bins, reliability
from datasets.evaluation.classification.reading import Choices
from datasets.evaluation.classification.report import answers, report
from datasets.evaluation.ranked import PrecisionCurve, RocCurve, auroc, average_precision, precision_curve, roc_curve
from datasets.evaluation.ratios import divide
from datasets.evaluation.stored import table_path
from datasets.review.page import Page
from datasets.workspace import Workspace

Side = Literal["label", "prediction"]


@dataclass(frozen=True)
class Item:
    """One image. `top` are its most probable classes with their probabilities; `own` is the probability of its label.

    `confidence` and `own` are None where they are not known.
    """

    sample_id: str
    path: str
    split: str
    label_id: str
    label: str
    prediction_id: str
    predicted: str
    confidence: float | None
    own: float | None
    top: tuple[tuple[str, float], ...]

    @property
    def right(self) -> bool:
        """Whether label and prediction are the same."""
        return self.label == self.predicted


@dataclass(frozen=True)
class ClassCurves:
    """One class against the rest."""

    label: str
    roc: RocCurve
    auroc: float
    precision: PrecisionCurve
    average_precision: float


@dataclass(frozen=True)
class Histogram:
    """Right and wrong answers in bins of equal width (b) over confidence; `edges` (b + 1)."""

    edges: Floats
    right: Ints
    wrong: Ints


@dataclass(frozen=True)
class Coverage:
    """Share of samples that are answered (m) when only the most confident answers are given, and their accuracy (m)."""

    answered: Floats
    accuracy: Floats


class Look:
    """A part of an evaluation at one confidence: a prediction below it is no answer. Made by `Review.at`."""

    def __init__(self, review: "Review", split: str | None, confidence: float) -> None:
        self._review, self._choices, self._split, self.confidence = review, review.choices, split, confidence
        self._inside: Flags = self._choices.samples.inside(split)
        sure = self._choices.confidence
        self._answered: Flags = self._inside & (np.isnan(sure) | (sure >= confidence))
        self._right: Flags = self._choices.truth == self._choices.predicted

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the dataset; those that only predictions use follow."""
        return self._choices.classes

    def report(self) -> Report[ClassCard]:
        """The report that the command line prints."""
        about = self._review.about
        known = stored.report(about, self._split)
        return report(self._choices, self._split, stored.origin(about), self.confidence, stored=known)

    def confusion(self) -> tuple[tuple[int, ...], ...]:
        """Counts (k, k + 1), rows labels, columns predictions; the last column is for no answer."""
        return tuple(tuple(row) for row in answers(self._choices, self._inside, self.confidence).tolist())

    def reliability(self, bins: int = BINS) -> Bins:
        """Confidence and accuracy over all answers of the part, regardless of the threshold."""
        return reliability(self._choices.confidence[self._inside], self._right[self._inside], bins)

    def histogram(self, bins: int = 20) -> Histogram:
        """The confidence of right and of wrong answers, regardless of the threshold."""
        found = self.reliability(bins)
        return Histogram(found.edges, found.right, found.count - found.right)

    def coverage(self) -> Coverage:
        """Accuracy at every share of answers; answers of equal confidence go together."""
        sure, right = self._sure[self._inside], self._right[self._inside]
        order = np.argsort(-sure, kind="stable")
        last = np.flatnonzero(np.append(np.diff(sure[order]) != 0, True)) if len(order) else np.empty(0, np.int64)
        return Coverage((last + 1) / max(len(order), 1), np.cumsum(right[order])[last] / (last + 1))

    def curves(self, classes: Sequence[str]) -> list[ClassCurves]:
        """Curves of these classes, each against the rest; none for those that the model does not know."""
        made = []
        for name in classes:
            score = self._review.scores(name)
            if score is None:
                continue
            truth = self._choices.truth[self._inside] == self._choices.classes.index(name)
            found = score[self._inside].astype(np.float64)
            roc, precision = roc_curve(truth, found), precision_curve(truth, found)
            made.append(ClassCurves(name, roc, auroc(truth, found), precision, average_precision(truth, found)))
        return made

    def cell(self, true: str, predicted: str | None, page: int = 0, size: int = 60) -> Page[Item]:
        """The images behind one cell of the matrix, None for no answer; most confident first.

        Raises ValueError for an unknown class.
        """
        kept, names = self._choices, self._choices.classes
        if predicted is None:
            given = self._inside & ~self._answered
        else:
            given = self._answered & (kept.predicted == names.index(predicted))
        return self._page(given & (kept.truth == names.index(true)), -self._sure, page, size)

    def of_class(self, name: str, side: Side, page: int = 0, size: int = 60) -> Page[Item]:
        """Images with this label (or this answer): mistakes, most confident first, then hits, least confident first.

        Raises ValueError for an unknown class.
        """
        kept, code = self._choices, self._choices.classes.index(name)
        flags = self._inside & (kept.truth == code) if side == "label" else self._answered & (kept.predicted == code)
        return self._page(flags, np.where(self._right, 2 + self._sure, -self._sure), page, size)

    def gallery(self, kind: str, page: int = 0, size: int = 60) -> Page[Item]:
        """A page of one of GALLERIES. Raises KeyError for another one."""
        if kind not in GALLERIES:
            raise KeyError(f"expected a gallery of {', '.join(GALLERIES)}, found {kind!r}")
        flags, order = GALLERIES[kind](self)
        return self._page(flags, order, page, size)

    @property
    def _sure(self) -> Floats:
        """Confidence; 1 where it is missing."""
        return np.where(np.isnan(self._choices.confidence), 1.0, self._choices.confidence)

    def _page(self, flags: Flags, order: Floats, page: int, size: int) -> Page[Item]:
        rows = np.flatnonzero(flags)
        rows = rows[np.argsort(order[rows], kind="stable")]
        shown = rows[page * size : (page + 1) * size].tolist()
        return Page(len(rows), tuple(self._item(row) for row in shown))

    def _item(self, row: int) -> Item:
        kept = self._choices
        own = kept.probability
        return Item(
            sample_id=kept.samples.sample_id[row],
            path=kept.samples.path[row],
            split=kept.samples.split[row],
            label_id=kept.label_id[row],
            label=kept.classes[kept.truth[row]],
            prediction_id=kept.prediction_id[row],
            predicted=kept.classes[kept.predicted[row]],
            confidence=plain(float(kept.confidence[row])),
            own=None if own is None else float(own[row]),
            top=self._review.top(row),
        )


class Review:
    """The evaluation of one run. Opening and looking cost milliseconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.choices, self.about = storing.load(path)

    choices: Choices
    about: Mapping[str, Any]

    @classmethod
    def open(cls, dataset: str, run: str, workspace: Workspace | None = None) -> "Review":
        """The stored evaluation. Raises EvaluationError where there is none."""
        path = table_path(dataset, run, workspace)
        return _open(path, path.stat().st_mtime_ns if path.is_file() else 0)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the dataset; those that only predictions use follow."""
        return self.choices.classes

    @property
    def has_scores(self) -> bool:
        """Whether the probability of every class is known, not that of the answer alone."""
        return self.choices.probability is not None

    def at(self, split: str | None = None, confidence: float = 0.0) -> Look:
        """Everything about one split (all for None) at this confidence."""
        return Look(self, split, confidence)

    def scores(self, name: str) -> NDArray[np.floating] | None:
        """The probability that every sample was given for this class; None for one that the model does not know."""
        if name not in self.choices.model:
            return None
        return storing.scores(self._path, self.choices.model.index(name))

    def top(self, row: int) -> tuple[tuple[str, float], ...]:
        """The most probable classes of a sample, best first."""
        classes, scores = self._top
        return tuple((self.choices.model[k], float(p)) for k, p in zip(classes[row], scores[row], strict=True))

    @cached_property
    def _top(self) -> tuple[Ints, NDArray[np.floating]]:
        return storing.top(self._path)


@lru_cache(maxsize=4)
def _open(path: Path, stamp: int) -> Review:  # noqa: ARG001  a new stamp is a new evaluation
    return Review(path)


def _wrong(look: Look) -> tuple[Flags, Floats]:
    return look._answered & ~look._right, -look._sure


def _unsure(look: Look) -> tuple[Flags, Floats]:
    return look._answered & look._right, look._sure


def _doubtful(look: Look) -> tuple[Flags, Floats]:
    """Mistakes where another class is as probable as it usually is for samples labelled with that class.

    Northcutt et al., Confident Learning (2021). Sorted by the probability of the label minus that of the answer, lowest
    first. Empty without the probabilities of all classes.
    """
    kept, inside = look._choices, look._inside
    own = np.full(len(kept.truth), np.nan) if kept.probability is None else kept.probability
    labelled = np.bincount(kept.truth[inside], minlength=len(kept.classes))
    usual = divide(np.bincount(kept.truth[inside], weights=own[inside], minlength=len(kept.classes)), labelled)
    return inside & ~look._right & (kept.confidence >= usual[kept.predicted]), own - look._sure


def _unanswered(look: Look) -> tuple[Flags, Floats]:
    return look._inside & ~look._answered, look._sure


# Name of a gallery: which samples are in it, and the key they are sorted by, lowest first.
GALLERIES: dict[str, Callable[[Look], tuple[Flags, Floats]]] = {
    "wrong": _wrong,
    "unsure": _unsure,
    "doubtful": _doubtful,
    "unanswered": _unanswered,
}
