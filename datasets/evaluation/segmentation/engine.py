"""The engine of semantic masks."""

from functools import partial
from pathlib import Path

from datasets.evaluation.cards import PixelsCard, Report, read_as
from datasets.evaluation.scoring import Asked, Scoring
from datasets.evaluation.segmentation import reading, storing
from datasets.evaluation.segmentation.report import report
from datasets.evaluation.stored import read_about
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


def look(path: Path, split: str | None, confidence: float | None, iou: float | None) -> Report[PixelsCard]:  # noqa: ARG001
    """The stored report: pixels have one class and no threshold."""
    return read_as(read_about(path)["reports"][split or ""], PixelsCard)
