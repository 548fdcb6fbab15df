"""The engine of one class per image."""

from functools import partial

from datasets.evaluation.classification import reading, storing
from datasets.evaluation.classification.report import report
from datasets.evaluation.scoring import Asked, Scoring
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
