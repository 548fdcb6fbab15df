"""The engine of any number of classes per image."""

from functools import partial
from pathlib import Path
from typing import Any

from datasets.evaluation.multilabel import reading, storing
from datasets.evaluation.multilabel.report import CONFIDENCE, report
from datasets.evaluation.scoring import Asked, Scoring
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


def look(path: Path, split: str | None, confidence: float | None, iou: float | None) -> dict[str, Any]:  # noqa: ARG001
    """The stored evaluation at another confidence; there is no IoU."""
    found, about = storing.load(path)
    known, limit = about["reports"][split or ""], CONFIDENCE if confidence is None else confidence
    return report(found, split, about["card"], limit, stored=known)
