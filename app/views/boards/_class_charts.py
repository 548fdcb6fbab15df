"""The charts of the board of classes: how well classes are separated, and whether confidence can be trusted."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.components.curves import COLORS, Bar, Chart, Mark, Series
from app.components.words import counted
from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.cards import Value
from datasets.evaluation.classification.figures import Bins
from datasets.evaluation.figures import ONE_CLASS, PER_CLASS, find
from datasets.review.classes import ClassCurves, Coverage, Histogram, Look

AP, AUROC, ECE = find(PER_CLASS, "ap"), find(PER_CLASS, "auroc"), find(ONE_CLASS, "ece")
HEIGHT = 230
STEP = 1 / 250  # fraction of a curve's length: finer than a screen shows
RIGHT, WRONG, QUIET = COLORS[2], COLORS[1], "#888888"


def ranking(
    found: Sequence[ClassCurves], per_class: Mapping[str, Mapping[str, Value]], colours: Mapping[str, str]
) -> list[Chart]:
    """ROC and precision-recall curves of each class against the rest; rings mark the operating points."""
    roc = [
        Series(f"{one.label} {AUROC.text(one.auroc)}", points(one.roc.fallout, one.roc.recall), colours[one.label])
        for one in found
    ]
    precision = [
        Series(f"{one.label} {AP.text(one.average_precision)}", _until_all(one), colours[one.label]) for one in found
    ]
    marks = [mark for one in found if (mark := _mark(per_class[one.label], colours[one.label]))]
    return [
        _chart("ROC", roc, "false positive rate", "with AUROC", 1.02),
        _chart("Precision by recall", precision, "recall", "with AP; rings: the answers", 1.02, marks=marks),
    ]


def trust(look: Look, metrics: Mapping[str, Value]) -> list[Chart]:
    """Whether confidence can be trusted: reliability, confidence of right and wrong answers, accuracy by coverage."""
    return [
        _reliability(look.reliability(), metrics["ece"]),
        _histogram(look.histogram(), look.confidence),
        _coverage(look.coverage(), look.confidence, metrics),
    ]


def points(x: Floats, y: Floats) -> list[tuple[float, float]]:
    """The points of a curve that a screen can distinguish: one for each STEP of its length, corners kept."""
    if not len(x) or np.isnan(x).any() or np.isnan(y).any():
        return []
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    turned = np.flatnonzero(np.diff(np.floor(way / STEP), prepend=-1) > 0)
    kept = np.union1d(np.union1d(turned, np.maximum(turned - 1, 0)), [len(x) - 1])
    return [(round(float(x[row]), 5), round(float(y[row]), 5)) for row in kept]


def _reliability(found: Bins, error: float | None) -> Chart:
    """Accuracy of the answers beside their confidence, bin by bin (Guo et al. 2017)."""
    bars = []
    for row in np.flatnonzero(found.count):
        accuracy, sure = float(found.accuracy[row]), float(found.confidence[row])
        left, right, count = float(found.edges[row]), float(found.edges[row + 1]), int(found.count[row])
        says = f"{counted(count, 'answer')} from {left:.2f} to {right:.2f}\n"
        says += f"accuracy {accuracy:.3f}, confidence {sure:.3f}"
        bars += [
            Bar(left, right, accuracy, color=COLORS[0], name="accuracy", text=_short(count), says=says),
            Bar(left, right, sure, accuracy, color=WRONG, name="gap to confidence", faint=True),
        ]
    diagonal = Series("perfect", [(0.0, 0.0), (1.0, 1.0)], QUIET, dashed=True)
    note = f"{ECE.title} {ECE.text(error)}, {len(found.count)} bins; above: how many answers"
    return _chart("Reliability", [diagonal], "confidence", note, 1.08, bars=bars)


def _histogram(found: Histogram, confidence: float) -> Chart:
    """Confidence of right and wrong answers, each as shares of its own total, so that small groups are visible too."""
    bars = _shares("right", found.right, found.edges, RIGHT) + _shares("wrong", found.wrong, found.edges, WRONG)
    top = max((bar.top for bar in bars), default=1.0)
    ends = [(confidence, 0.0), (confidence, top)] if confidence else []
    note = f"shares of {int(found.right.sum()):,} right and {int(found.wrong.sum()):,} wrong answers"
    lines = [Series("threshold", ends, QUIET, dashed=True)] if ends else []
    return _chart("Confidence", lines, "confidence", note, top * 1.04, bars=bars)


def _coverage(found: Coverage, confidence: float, metrics: Mapping[str, Value]) -> Chart:
    """Accuracy of the answers when only the most confident are given (Geifman and El-Yaniv 2017)."""
    low = max(0.0, float(np.min(found.accuracy, initial=1.0)) - 0.02)
    answered, accuracy = metrics["answered"], metrics["accuracy_of_answered"]
    marks = (
        [Mark(answered, accuracy, f"from {confidence:.2f}" if confidence else "all")]
        if answered is not None and accuracy
        else []
    )
    line = Series("accuracy", points(found.answered, found.accuracy))
    return Chart(
        "Accuracy by coverage", [line], "share of images that get an answer", "the surest first",
        (0, 1), (low, 1 + (1 - low) * 0.03), marks, whole=False, height=HEIGHT,
    )  # fmt: skip


def _chart(
    title: str,
    lines: Sequence[Series],
    across: str,
    note: str,
    top: float,
    *,
    bars: Sequence[Bar] = (),
    marks: Sequence[Mark] = (),
) -> Chart:
    return Chart(title, lines, across, note, (0, 1), (0, top), marks, bars, whole=False, height=HEIGHT)


def _shares(name: str, counts: Ints, edges: Floats, color: str) -> list[Bar]:
    """Bars of one group, which takes half of each bin."""
    total, wide = int(counts.sum()), float(edges[1] - edges[0])
    start = 0.0 if name == "right" else wide / 2
    return [
        Bar(left + start, left + start + wide / 2, count / total, color=color, name=name,
            says=f"{count:,} {name} from {left:.2f} to {left + wide:.2f}")
        for left, count in zip(edges[:-1].tolist(), counts.tolist(), strict=True)
        if count
    ]  # fmt: skip


def _until_all(one: ClassCurves) -> list[tuple[float, float]]:
    """The curve up to where all samples of the class are found; beyond it precision only falls."""
    stop = int(np.searchsorted(one.precision.recall, 1.0)) + 1
    return points(one.precision.recall[:stop], one.precision.precision[:stop])


def _mark(values: Mapping[str, Value], colour: str) -> Mark | None:
    """The operating point: recall and precision of the class at the chosen confidence."""
    if values["precision"] is None or values["recall"] is None:
        return None
    return Mark(values["recall"], values["precision"], color=colour)


def _short(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.1f}k" if count < 10_000 else f"{count // 1000}k"
