"""The report of one part of an evaluation of many classes per image."""

from collections.abc import Iterator

import numpy as np

from datasets.evaluation.arrays import Flags, Floats
from datasets.evaluation.cards import Card, Origin, Report, TagsCard, agrees_with, plain
from datasets.evaluation.multilabel.figures import Counts, counts, dense, hamming_loss, outcomes, subset_accuracy
from datasets.evaluation.multilabel.reading import Tags
from datasets.evaluation.ranked import auroc, average_precision, best_threshold
from datasets.evaluation.samples import never_labelled
from datasets.evaluation.thresholds import PRESENT

_PEERS = ("scikit-learn", "torchmetrics")  # tests/datasets/evaluation/multilabel


def report(
    tags: Tags,
    split: str | None,
    origin: Origin,
    confidence: float | Floats = PRESENT,
    *,
    stored: Report[Card] | None = None,
) -> Report[TagsCard]:
    """The report of one split, of all for None, counting predictions of at least `confidence`.

    `confidence` is one for all, or one for each class (k). `stored` is an earlier report of the same part: figures that
    do not depend on a threshold are taken from it.
    """
    inside = tags.samples.inside(split)
    per_class, per_sample = counted(tags, inside, confidence)
    ranked = _stored(stored) if stored else _ranked(tags, inside)
    columns = dict(zip(("precision", "recall", "f1"), per_class.ratios, strict=True))
    values = {
        **_counted(tags, per_class, per_sample, inside),
        "map": _mean(ranked["ap"]),
        "auroc": _mean(ranked["auroc"]),
    }
    each = {
        name: {
            **{key: plain(float(column[row])) for key, column in {**columns, **ranked}.items()},
            **{key: int(getattr(per_class, key)[row]) for key in ("tp", "fp", "fn")},
            "support": int(per_class.tp[row] + per_class.fn[row]),
        }
        for row, name in enumerate(tags.classes)
    }
    metrics = {key: plain(value) for key, value in values.items()}
    return Report(metrics, each, _card(tags, split, inside, confidence, origin))


def counted(tags: Tags, inside: Flags, confidence: float | Floats) -> tuple[Counts, Counts]:
    """Counts of every class (k) over the samples `inside` (s), and of every sample (s), all 0 of the others."""
    shown = inside[tags.found[:, 0]] & visible(tags, confidence)
    rows, size = (tags.truth[inside[tags.truth[:, 0]]], tags.found[shown]), len(tags.classes)
    truth, found = (pairs[:, 0] * size + pairs[:, 1] for pairs in rows)
    keys = outcomes(truth, found)
    return counts((key % size for key in keys), size), counts((key // size for key in keys), len(tags.samples))


def visible(tags: Tags, confidence: float | Floats) -> Flags:
    """Which predictions (p) have at least the confidence, or that of their class (k)."""
    limits = np.broadcast_to(confidence, len(tags.classes))
    shown: Flags = tags.score >= limits[tags.found[:, 1]]
    return shown


def best_thresholds(tags: Tags, inside: Flags) -> Floats:
    """The confidence (k) of each class's highest F1 over the samples `inside` (s); PRESENT where it has no label."""
    found = np.array([best_threshold(*pair) for pair in against_rest(tags, inside)])
    return np.where(np.isnan(found), PRESENT, found)


def against_rest(tags: Tags, inside: Flags) -> Iterator[tuple[Flags, Floats]]:
    """For every class: which of the samples `inside` (n) have it, and their scores (n), 0 where it is not predicted."""
    for row in range(len(tags.classes)):
        truth = np.zeros(len(inside), np.bool_)
        truth[tags.truth[tags.truth[:, 1] == row, 0]] = True
        own = tags.found[:, 1] == row
        yield truth[inside], dense(tags.found[own, 0], tags.score[own], inside)


def _counted(tags: Tags, per_class: Counts, per_sample: Counts, inside: Flags) -> dict[str, float]:
    of_inside = Counts(per_sample.tp[inside], per_sample.fp[inside], per_sample.fn[inside])
    precision, recall, f1 = per_class.pooled
    used = per_class.tp + per_class.fp + per_class.fn > 0
    macro = [float(np.nan_to_num(column[used]).mean()) if used.any() else float("nan") for column in per_class.ratios]
    return {
        "subset_accuracy": subset_accuracy(of_inside),
        "hamming_loss": hamming_loss(of_inside, len(tags.classes)),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        **dict(zip(("macro_precision", "macro_recall", "macro_f1"), macro, strict=True)),
    }


def _ranked(tags: Tags, inside: Flags) -> dict[str, Floats]:
    """Average precision and AUROC (k) of each class against the rest."""
    found = {key: np.full(len(tags.classes), np.nan) for key in ("ap", "auroc")}
    for row, (truth, score) in enumerate(against_rest(tags, inside)):
        found["ap"][row], found["auroc"][row] = average_precision(truth, score), auroc(truth, score)
    return found


def _stored(stored: Report[Card]) -> dict[str, Floats]:
    rows = list(stored.per_class.values())
    return {key: np.array([row[key] for row in rows], np.float64) for key in ("ap", "auroc")}


def _card(tags: Tags, split: str | None, inside: Flags, confidence: float | Floats, origin: Origin) -> TagsCard:
    known = tags.confidence[inside[tags.found[:, 0]]]
    labelled = np.bincount(tags.truth[inside[tags.truth[:, 0]], 1], minlength=len(tags.classes))
    predicted = np.bincount(tags.found[inside[tags.found[:, 0]], 1], minlength=len(tags.classes))
    lowest = known[~np.isnan(known)]
    return TagsCard(
        protocol="many classes per image; ap without interpolation; a class that is not predicted scores 0, one "
        "without confidence 1",
        averaging="precision, recall, f1: over all answers; macro: mean over labelled or predicted classes; map, "
        "auroc: mean over classes where they can be measured",
        confidence=confidence
        if isinstance(confidence, float | int)
        else dict(zip(tags.classes, confidence.tolist(), strict=True)),
        lowest_confidence=float(lowest.min()) if len(lowest) else None,
        without_confidence=int(np.isnan(known).sum()),
        **tags.samples.card(split),
        labels=int(labelled.sum()),
        predictions=int(predicted.sum()),
        findings=never_labelled("predictions", tags.classes, labelled, predicted),
        agrees_with=agrees_with(*_PEERS),
        origin=origin,
    )


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
