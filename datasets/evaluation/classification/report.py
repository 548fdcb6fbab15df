"""The report of one part (a split, or all) of an evaluation of one class per image."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.cards import Card, ClassCard, Origin, Report, Value, agrees_with, plain
from datasets.evaluation.classification.figures import BINS, averages, calibration_error, confusion, log_loss, per_class
from datasets.evaluation.classification.reading import Choices
from datasets.evaluation.ranked import auroc, average_precision
from datasets.evaluation.samples import never_labelled

TOP = 5
MATRIX_UP_TO = 100  # classes; the matrix of more stays in the table
_PEERS = ("scikit-learn", "torchmetrics")  # tests/datasets/evaluation/classification


def report(
    choices: Choices,
    split: str | None,
    origin: Origin,
    confidence: float = 0.0,
    *,
    stored: Report[Card] | None = None,
) -> Report[ClassCard]:
    """The report of one split, of all for None.

    A prediction below `confidence` is no answer. `stored` is an earlier report of the same part: figures that do not
    depend on a threshold are taken from it.
    """
    inside = choices.samples.inside(split)
    matrix = answers(choices, inside, confidence)
    found = per_class(matrix)
    ranked = _ranked_stored(stored) if stored else (_ranked(choices, inside), _ranked_classes(choices, inside))
    classes = {
        name: {
            **{key: _plain(column[row]) for key, column in vars(found).items()},
            **{key: plain(float(column[row])) for key, column in ranked[1].items()},
        }
        for row, name in enumerate(choices.classes)
    }
    metrics = {**_counted(matrix), **{k: plain(v) for k, v in averages(found).items()}, **ranked[0]}
    return Report(metrics, classes, _card(choices, split, matrix, confidence, origin))


def answers(choices: Choices, inside: Flags, confidence: float) -> Ints:
    """The confusion matrix (k, k + 1) of samples `inside` (s), with answers below `confidence` in the last column."""
    shown = np.isnan(choices.confidence) | (choices.confidence >= confidence)
    given = np.where(shown, choices.predicted, -1)
    return confusion(choices.truth[inside], given[inside], len(choices.classes))


def _counted(matrix: Ints) -> dict[str, Value]:
    right, total, answered = int(np.trace(matrix[:, :-1])), int(matrix.sum()), int(matrix[:, :-1].sum())
    return {
        "accuracy": plain(right / total) if total else None,
        "answered": plain(answered / total) if total else None,
        "accuracy_of_answered": right / answered if answered else None,
    }


def _ranked(choices: Choices, inside: Flags) -> dict[str, float | None]:
    """The figures that do not depend on a threshold; None where logits are needed and missing."""
    right = choices.truth == choices.predicted
    made: dict[str, float | None] = {
        "top1": plain(float(right[inside].mean())) if inside.any() else None,
        "top5": None,
        "auroc": None,
        "map": None,
        "log_loss": None,
        "ece": plain(calibration_error(choices.confidence[inside], right[inside])),
    }
    if choices.rank is not None and choices.probability is not None:
        columns = _ranked_classes(choices, inside)
        made |= {"auroc": _nanmean(columns["auroc"]), "map": _nanmean(columns["ap"])}
        made["log_loss"] = plain(log_loss(choices.probability[inside]))
        if len(choices.model) > TOP:
            made["top5"] = plain(float((choices.rank[inside] < TOP).mean()))
    return made


def _ranked_classes(choices: Choices, inside: Flags) -> dict[str, Floats]:
    """AUROC and average precision (k) of each class against the rest."""
    count = len(choices.classes)
    found = {"auroc": np.full(count, np.nan), "ap": np.full(count, np.nan)}
    if choices.scores is None:
        return found
    column = {name: row for row, name in enumerate(choices.model)}
    truth, scores = choices.truth[inside], choices.scores[inside]
    for row, name in enumerate(choices.classes):
        if name in column:
            own, score = truth == row, scores[:, column[name]].astype(np.float64)
            found["auroc"][row], found["ap"][row] = auroc(own, score), average_precision(own, score)
    return found


def _ranked_stored(stored: Report[Card]) -> tuple[Mapping[str, Value], dict[str, Floats]]:
    metrics = {key: stored.metrics[key] for key in ("top1", "top5", "auroc", "map", "log_loss", "ece")}
    rows = list(stored.per_class.values())
    return metrics, {key: np.array([row[key] for row in rows], np.float64) for key in ("auroc", "ap")}


def _card(choices: Choices, split: str | None, matrix: Ints, confidence: float, origin: Origin) -> ClassCard:
    unsure = int(np.isnan(choices.confidence[choices.samples.inside(split)]).sum())
    small = len(choices.classes) <= MATRIX_UP_TO
    return ClassCard(
        protocol="one class per image; macro: mean over classes that are labelled or predicted; auroc, map: one class "
        "against the rest",
        averaging="balanced accuracy: mean recall of labelled classes; weighted: by labels",
        confidence=confidence,
        calibration=f"ece: {BINS} bins of equal width over the confidence of the answer",
        scores="logits of every class" if choices.scores is not None or choices.rank is not None
        else "none stored: top5, auroc, map and log_loss need logits",
        without_confidence=unsure,
        **choices.samples.card(split),
        confusion=tuple(map(tuple, matrix.tolist())) if small else None,
        findings=never_labelled("predictions", choices.classes, matrix.sum(axis=1), matrix[:, :-1].sum(axis=0)),
        agrees_with=agrees_with(*_PEERS),
        origin=origin,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, np.integer) else plain(float(value))


def _nanmean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None
