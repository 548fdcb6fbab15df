"""The engine of any number of classes per image."""

from functools import partial
from pathlib import Path

from datasets.evaluation.cards import Card, Report
from datasets.evaluation.multilabel import reading, storing
from datasets.evaluation.multilabel.report import report
from datasets.evaluation.scoring import Asked, Scoring
from datasets.evaluation.stored import origin
from datasets.evaluation.stored import report as stored_report
from datasets.evaluation.thresholds import PRESENT
from datasets.records import Progress


def read(asked: Asked, progress: Progress) -> Scoring:
    """Read and check both fields."""
    tags = reading.read(asked, progress)
    return Scoring(
        tags.samples.split,
        partial(report, tags),
        partial(storing.write_back, asked, tags),
        partial(storing.save, tags),
    )


def look(path: Path, split: str | None, confidence: float | None, iou: float | None) -> Report[Card]:  # noqa: ARG001
    """The stored evaluation at another confidence; there is no IoU."""
    found, about = storing.load(path)
    limit = PRESENT if confidence is None else confidence
    return report(found, split, origin(about), limit, stored=stored_report(about, split))
