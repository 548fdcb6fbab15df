"""Ultralytics' trainers with two changes: states are written whole, and nothing is validated twice.

Their names hold no "Trainer": Ultralytics adds its trackers and its platform to every class that does. They stand at
the top of a module, because Ultralytics' distributed children import them by name.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ultralytics.models.yolo.classify import ClassificationTrainer
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.models.yolo.pose import PoseTrainer
from ultralytics.models.yolo.segment import SegmentationTrainer


class Whole:
    """What is changed, before any of Ultralytics' trainers in the order of bases."""

    wdir: Path

    def save_model(self) -> bool:
        """Write `last.pt` and `best.pt` under other names first: a kill while writing leaves the earlier ones."""
        last, best = self.wdir / "last.pt", self.wdir / "best.pt"
        self.last, self.best = last.with_suffix(".part"), best.with_suffix(".best_part")
        try:
            super().save_model()  # type: ignore[misc]
            if self.best.exists():
                self.best.replace(best)
            self.last.replace(last)
        finally:
            self.last, self.best = last, best
        return True

    def final_eval(self) -> None:
        """Nothing: the best epoch was validated when it ended, and `yolo.train.keep` strips it."""


class Detecting(Whole, DetectionTrainer):  # type: ignore[misc]
    """Learns boxes."""


class Segmenting(Whole, SegmentationTrainer):  # type: ignore[misc]
    """Learns boxes with masks."""


class Posing(Whole, PoseTrainer):  # type: ignore[misc]
    """Learns boxes with key points."""


class Classifying(Whole, ClassificationTrainer):  # type: ignore[misc]
    """Learns classes of whole images."""


TRAINERS: Mapping[str, type[Any]] = {
    "detect": Detecting, "segment": Segmenting, "pose": Posing, "classify": Classifying
}  # fmt: skip
