"""The engine of any number of classes per image."""

from functools import partial

from datasets.evaluation.multilabel import reading, storing
from datasets.evaluation.multilabel.report import report
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
