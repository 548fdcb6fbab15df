"""The engine of one class per image."""

from functools import partial
from pathlib import Path

from datasets.evaluation.cards import Card, Report
from datasets.evaluation.classification import reading, storing
from datasets.evaluation.classification.report import report
from datasets.evaluation.scoring import Asked, Scoring
from datasets.evaluation.stored import origin
from datasets.evaluation.stored import report as stored_report
from datasets.records import Progress


def read(asked: Asked, progress: Progress) -> Scoring:
    """Read and check both fields."""
    choices = reading.read(asked, progress)
    return Scoring(
        choices.samples.split,
        partial(report, choices),
        partial(storing.write_back, asked, choices),
        partial(storing.save, choices),
    )


def look(path: Path, split: str | None, confidence: float | None, iou: float | None) -> Report[Card]:  # noqa: ARG001
    """The stored evaluation at another confidence; there is no IoU."""
    found, about = storing.load(path)
    limit = 0.0 if confidence is None else confidence
    return report(found, split, origin(about), limit, stored=stored_report(about, split))
