"""The engine of semantic masks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets.evaluation.scoring import Asked, Scoring
from datasets.evaluation.segmentation import reading, storing
from datasets.evaluation.segmentation.report import report
from datasets.records import Progress


def read(asked: Asked, progress: Progress) -> Scoring:
    """Read and check both fields."""
    return Masks(asked, reading.read(asked, progress))


class Masks:
    """Counted pixels of every sample that has a label and a prediction."""

    def __init__(self, asked: Asked, pixels: reading.Pixels) -> None:
        self._asked, self._pixels = asked, pixels

    @property
    def samples(self) -> int:
        """How many samples are scored."""
        return len(self._pixels.samples)

    @property
    def splits(self) -> Sequence[str]:
        """The split of every sample."""
        return self._pixels.samples.split

    def report(self, split: str | None, about: Mapping[str, Any]) -> dict[str, Any]:
        """The figures of one split, or of all."""
        return report(self._pixels, split, about)

    def write_back(self, progress: Progress) -> int:
        """Figures on samples, and FiftyOne's results."""
        return storing.write_back(self._asked, self._pixels, progress)

    def save(self, about: Mapping[str, Any], path: Path) -> None:
        """Write the counts."""
        storing.save(self._pixels, dict(about), path)
