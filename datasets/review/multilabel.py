"""What the Review page shows for any number of classes per image, from the stored table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from datasets.evaluation import stored
from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.cards import Report, TagsCard
from datasets.evaluation.multilabel import storing
from datasets.evaluation.multilabel.reading import Tags
from datasets.evaluation.multilabel.report import against_rest, best_thresholds, counted, report, visible
from datasets.evaluation.ranked import auroc, average_precision, precision_curve, roc_curve
from datasets.evaluation.ratios import divide
from datasets.evaluation.stored import table_path
from datasets.review.classes import ClassCurves
from datasets.review.page import Page
from datasets.workspace import Workspace

Outcome = Literal["tp", "fp", "fn"]
TOP = 6  # classes that are shown beside an image


@dataclass(frozen=True)
class Item:
    """One class of one image: a hit (tp), predicted and not labelled (fp), or labelled and not predicted (fn).

    `label_id` and `prediction_id` are None where there is none, or the table does not know it. `confidence` is that of
    the class, None where it was not predicted. `labels` are all classes of the image, `top` those predicted with
    the highest confidence.
    """

    sample_id: str
    path: str
    split: str
    name: str
    outcome: Outcome
    label_id: str | None
    prediction_id: str | None
    confidence: float | None
    labels: tuple[str, ...]
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class WorstImage:
    """A sample with the classes that are wrong on it."""

    sample_id: str
    path: str
    split: str
    extra: tuple[str, ...]
    missed: tuple[str, ...]
    labels: tuple[str, ...]
    top: tuple[tuple[str, float], ...]


class Look:
    """A part of an evaluation at one confidence, or one for each class (k). Made by `Review.at`."""

    def __init__(self, review: "Review", split: str | None, confidence: float | Floats) -> None:
        self._review, self._tags, self._split, self.confidence = review, review.tags, split, confidence
        tags, size = review.tags, len(review.tags.classes)
        self._inside: Flags = tags.samples.inside(split)
        self._shown: Flags = self._inside[tags.found[:, 0]] & visible(tags, confidence)
        self._known: Flags = self._inside[tags.truth[:, 0]]
        labelled, predicted = (pairs[:, 0] * size + pairs[:, 1] for pairs in (tags.truth, tags.found))
        self._hit: Flags = np.isin(predicted, labelled)  # of the predictions
        self._covered: Flags = np.isin(labelled, predicted[self._shown])  # of the labels

    def report(self) -> Report[TagsCard]:
        """The report that the command line prints."""
        about = self._review.about
        known = stored.report(about, self._split)
        return report(self._tags, self._split, stored.origin(about), self.confidence, stored=known)

    def curves(self, classes: Sequence[str]) -> list[ClassCurves]:
        """Curves of these classes, each against the rest."""
        wanted, made = set(classes), []
        for name, (truth, score) in zip(self._tags.classes, against_rest(self._tags, self._inside), strict=True):
            if name in wanted:
                roc, precision = roc_curve(truth, score), precision_curve(truth, score)
                made.append(ClassCurves(name, roc, auroc(truth, score), precision, average_precision(truth, score)))
        return made

    def gallery(self, kind: str, name: str | None = None, page: int = 0, size: int = 60) -> Page[Item]:
        """A page of one of GALLERIES, of one class or of all. Raises KeyError for another gallery."""
        if kind not in GALLERIES:
            raise KeyError(f"expected a gallery of {', '.join(GALLERIES)}, found {kind!r}")
        of_labels, flags, order = GALLERIES[kind](self)
        pairs = self._tags.truth if of_labels else self._tags.found
        if name is not None:
            flags = flags & (pairs[:, 1] == self._tags.classes.index(name))
        rows = np.flatnonzero(flags)
        rows = rows[np.argsort(order[rows], kind="stable")]
        shown = rows[page * size : (page + 1) * size].tolist()
        made = self._of_label if of_labels else self._of_prediction
        return Page(len(rows), tuple(made(row) for row in shown))

    def worst(self, page: int = 0, size: int = 60) -> Page[WorstImage]:
        """Samples by wrong classes, those predicted and those missed together."""
        tags = self._tags
        _, found = counted(tags, self._inside, self.confidence)
        wrong = found.fp + found.fn
        order, total = np.argsort(-wrong, kind="stable"), int((wrong > 0).sum())
        rows = order[page * size : min((page + 1) * size, total)].tolist()
        extra, missed = tags.found[self._shown & ~self._hit], tags.truth[self._known & ~self._covered]
        return Page(
            total,
            tuple(
                WorstImage(
                    *self._place(row), self._names(extra, row), self._names(missed, row), self._labels(row),
                    self._review.top(row),
                )
                for row in rows
            ),
        )  # fmt: skip

    def _of_label(self, row: int) -> Item:
        sample, code = self._tags.truth[row].tolist()
        other = self._review.prediction_of(sample, code)
        outcome: Outcome = "tp" if self._covered[row] else "fn"
        return self._item(sample, code, outcome, row, other)

    def _of_prediction(self, row: int) -> Item:
        sample, code = self._tags.found[row].tolist()
        label = int((self._tags.truth == (sample, code)).all(axis=1).argmax()) if self._hit[row] else None
        return self._item(sample, code, "fp" if label is None else "tp", label, row)

    def _item(self, sample: int, code: int, outcome: Outcome, label: int | None, prediction: int | None) -> Item:
        tags = self._tags
        sure = None if prediction is None or np.isnan(tags.confidence[prediction]) else tags.confidence[prediction]
        return Item(
            *self._place(sample),
            name=tags.classes[code],
            outcome=outcome,
            label_id=tags.label_id[label] if label is not None and tags.label_id else None,
            prediction_id=tags.prediction_id[prediction] if prediction is not None and tags.prediction_id else None,
            confidence=None if sure is None else float(sure),
            labels=self._labels(sample),
            top=self._review.top(sample),
        )

    def _place(self, sample: int) -> tuple[str, str, str]:
        kept = self._tags.samples
        return kept.sample_id[sample], kept.path[sample], kept.split[sample]

    def _labels(self, sample: int) -> tuple[str, ...]:
        return self._names(self._tags.truth, sample)

    def _names(self, pairs: Ints, sample: int) -> tuple[str, ...]:
        return tuple(self._tags.classes[code] for code in pairs[pairs[:, 0] == sample, 1].tolist())


class Review:
    """The evaluation of one run. Opening and looking cost milliseconds."""

    tags: Tags
    about: Mapping[str, Any]

    def __init__(self, path: Path) -> None:
        self.tags, self.about = storing.load(path)

    @classmethod
    def open(cls, dataset: str, run: str, workspace: Workspace | None = None) -> "Review":
        """The stored evaluation. Raises EvaluationError where there is none."""
        path = table_path(dataset, run, workspace)
        return _open(path, path.stat().st_mtime_ns if path.is_file() else 0)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the dataset; those that only predictions use follow."""
        return self.tags.classes

    def at(self, split: str | None, confidence: float | Floats) -> Look:
        """Everything about one split (all for None) at this confidence, or at one for each class (k)."""
        return Look(self, split, confidence)

    def best_thresholds(self, split: str | None) -> Floats:
        """The confidence (k) of each class's highest F1 on a split (all for None)."""
        return best_thresholds(self.tags, self.tags.samples.inside(split))

    def prediction_of(self, sample: int, code: int) -> int | None:
        """The row of the prediction of a class on a sample; None where it was not predicted at all."""
        key = sample * len(self.tags.classes) + code
        row = int(np.searchsorted(self._keys, key, sorter=self._order))
        found = row < len(self._order) and self._keys[self._order[row]] == key
        return int(self._order[row]) if found else None

    def top(self, sample: int) -> tuple[tuple[str, float], ...]:
        """The classes predicted with the highest confidence on a sample, best first."""
        rows = np.flatnonzero(self.tags.found[:, 0] == sample)
        rows = rows[np.argsort(-self.tags.score[rows], kind="stable")][:TOP]
        return tuple((self.tags.classes[self.tags.found[row, 1]], float(self.tags.score[row])) for row in rows)

    @cached_property
    def label_score(self) -> Floats:
        """The score of every label's class on its sample (m), 0 where it was not predicted."""
        rows = [self.prediction_of(*pair) for pair in self.tags.truth.tolist()]
        return np.array([0.0 if row is None else self.tags.score[row] for row in rows])

    @cached_property
    def _keys(self) -> Ints:
        keys: Ints = self.tags.found[:, 0] * len(self.tags.classes) + self.tags.found[:, 1]
        return keys

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self._keys)


@lru_cache(maxsize=4)
def _open(path: Path, stamp: int) -> Review:  # noqa: ARG001  a new stamp is a new evaluation
    return Review(path)


Listed = tuple[bool, Flags, Floats]  # whether labels (m) or predictions (p); which of them; their sorting key


def _extra(look: Look) -> Listed:
    return False, look._shown & ~look._hit, -look._tags.score


def _missed(look: Look) -> Listed:
    return True, look._known & ~look._covered, look._review.label_score


def _unlabelled(look: Look) -> Listed:
    """Predicted but not labelled, as confident as predictions of the class usually are where it is labelled."""
    tags, known = look._tags, look._known
    size = len(tags.classes)
    labelled = np.bincount(tags.truth[known, 1], minlength=size)
    total = np.bincount(tags.truth[known, 1], weights=look._review.label_score[known], minlength=size)
    usual = divide(total, labelled)[tags.found[:, 1]]
    return False, look._inside[tags.found[:, 0]] & ~look._hit & (tags.score >= usual), -tags.score


def _doubtful(look: Look) -> Listed:
    """Labelled, but no more confident than the class usually is where it is not labelled."""
    tags, known, size = look._tags, look._known, len(look._tags.classes)
    apart = look._inside[tags.found[:, 0]] & ~look._hit
    total = np.bincount(tags.found[apart, 1], weights=tags.score[apart], minlength=size)
    labelled = np.bincount(tags.truth[known, 1], minlength=size)
    usual = divide(total, int(look._inside.sum()) - labelled)[tags.truth[:, 1]]
    return True, known & (look._review.label_score <= usual), look._review.label_score


def _hits(look: Look) -> Listed:
    return False, look._shown & look._hit, look._tags.score


# Name of a gallery, what it lists and in which order, lowest key first. `unlabelled` and `doubtful` are confident
# learning (Northcutt et al. 2021) of each class against the rest.
GALLERIES: dict[str, Callable[[Look], Listed]] = {
    "fp": _extra,
    "fn": _missed,
    "unlabelled": _unlabelled,
    "doubtful": _doubtful,
    "tp": _hits,
}
