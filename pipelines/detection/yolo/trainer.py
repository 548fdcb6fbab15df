"""Ultralytics' detection trainer with two changes: states are written whole, and nothing is validated twice."""

from pathlib import Path

from ultralytics.models.yolo.detect import DetectionTrainer


class YoloTraining(DetectionTrainer):  # type: ignore[misc]
    """The name holds no "Trainer": Ultralytics adds its trackers and its platform to every class that does."""

    def save_model(self) -> bool:
        """Write `last.pt` and `best.pt` under other names first: a kill while writing leaves the earlier ones."""
        last: Path = self.wdir / "last.pt"
        best: Path = self.wdir / "best.pt"
        self.last, self.best = last.with_suffix(".part"), best.with_suffix(".best_part")
        try:
            super().save_model()
            if self.best.exists():
                self.best.replace(best)
            self.last.replace(last)
        finally:
            self.last, self.best = last, best
        return True

    def final_eval(self) -> None:
        """Nothing: the best epoch was validated when it ended, and `yolo.train.keep` strips it."""
