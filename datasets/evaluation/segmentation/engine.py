"""The engine of semantic masks."""

from functools import partial

from datasets.evaluation.scoring import Asked, Scoring
from datasets.evaluation.segmentation import reading, storing
from datasets.evaluation.segmentation.report import report
from datasets.records import Progress


def read(asked: Asked, progress: Progress) -> Scoring:
    """Read and check both fields."""
    pixels = reading.read(asked, progress)
    return Scoring(
        pixels.samples.split,
        partial(report, pixels),
        partial(storing.write_back, asked, pixels),
        partial(storing.save, pixels),
    )
