"""Ultralytics' callbacks write our events."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from datasets.records import Finding
from pipelines.errors import Stopped
from pipelines.runs.events import EventWriter
from pipelines.training.figures import not_finite
from pipelines.yolo.data import LinkedImage
from pipelines.yolo.left_out import left_out

log = logging.getLogger(__name__)


class Watch:
    """Writes events, and ends training when asked to or when its time is over.

    `splits` holds the samples of `train` and `val`; `figures` are Ultralytics' names of figures, with ours; the model
    gets the names of the `classes`, in the order of its outputs.
    """

    def __init__(
        self,
        splits: Mapping[str, Sequence[LinkedImage]],
        figures: Mapping[str, str],
        max_minutes: float,
        events: EventWriter,
        stop: threading.Event,
        *,
        classes: Sequence[str],
    ) -> None:
        self.splits, self.figures, self.max_minutes = splits, figures, max_minutes
        self.events, self.stop, self.classes = events, stop, tuple(classes)
        self.began = self.epoch_began = time.monotonic()
        self.batch, self.batch_size, self.recovered = 0, 0, 0
        self.told: set[Finding] = set()

    def callbacks(self) -> Mapping[str, Callable[[Any], None]]:
        """Our functions by the name of Ultralytics' event."""
        return {
            "on_pretrain_routine_end": self.report_left_out,
            "on_train_epoch_start": self.start_epoch,
            "on_train_batch_end": self.end_batch,
            "on_fit_epoch_end": self.end_epoch,
        }

    def report_left_out(self, trainer: Any) -> None:
        """A finding for every sample that Ultralytics could not read, and one for objects that it left out."""
        for split, loader in (("train", trainer.train_loader), ("val", trainer.test_loader)):
            for finding in left_out(split, self.splits[split], loader.dataset, Path(trainer.data[split])):
                if finding not in self.told:
                    self.events.write("finding", **asdict(finding))
                self.told.add(finding)
        # Ultralytics names classes by their folders, and renames those that look like codes of ImageNet.
        trainer.model.names = dict(enumerate(self.classes))
        self.began = time.monotonic()

    def start_epoch(self, trainer: Any) -> None:
        """Remember when the epoch began; say so when Ultralytics halved the batch to fit into memory."""
        self.epoch_began, self.batch = time.monotonic(), 0
        if self.batch_size and trainer.batch_size < self.batch_size:
            text = f"memory ran out: training goes on with {trainer.batch_size} images per step"
            self.events.write("note", text=text)
        self.batch_size = trainer.batch_size
        self._tell_recovery(trainer)

    def end_batch(self, trainer: Any) -> None:
        """A beat; raises Stopped here, so that the state of the last whole epoch stays what resume starts from."""
        if self.stop.is_set():
            raise Stopped("training was asked to stop; the best checkpoint so far is kept")
        self.batch += 1
        batches = len(trainer.train_loader)
        left = (trainer.epochs - trainer.epoch) * batches - self.batch
        eta = (time.monotonic() - self.epoch_began) / self.batch * left
        loss = float(sum(trainer.tloss.values()))
        self.events.beat(
            "batch", epoch=trainer.epoch + 1, batch=self.batch, batches=batches, loss=round(loss, 5), eta=round(eta, 1)
        )

    def end_epoch(self, trainer: Any) -> None:
        """An epoch event, a line in the log, and the end of the time that was given."""
        now = time.monotonic()
        took = now - self.epoch_began
        done = trainer.epoch - trainer.start_epoch + 1
        eta = 0.0 if trainer.stop else (now - self.began) / done * (trainer.epochs - trainer.epoch - 1)
        values = measured(trainer, self.figures)
        for finding in not_finite(values, trainer.epoch + 1):
            self.events.write("finding", **asdict(finding))
        speed = len(trainer.train_loader.dataset) / took
        self.events.write(
            "epoch",
            epoch=trainer.epoch + 1,
            epochs=trainer.epochs,
            metrics=values,
            eta=round(eta, 1),
            speed=round(speed, 2),
        )
        shown = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        log.info("epoch %d of %d in %.1f s  %s", trainer.epoch + 1, trainer.epochs, took, shown)
        if self.max_minutes and now - self.began > self.max_minutes * 60:
            trainer.stop = True

    def _tell_recovery(self, trainer: Any) -> None:
        """Ultralytics goes back to the last whole epoch, up to three times, when its figures are no numbers."""
        if trainer.nan_recovery_attempts > self.recovered:
            self.recovered = trainer.nan_recovery_attempts
            finding = Finding(
                "warning", "went_back", f"epoch {trainer.epoch + 1}", "losses and scores that are numbers", "NaN",
                "training went back to the last whole epoch; lower the learning rate, or take precision=fp32",
            )  # fmt: skip
            self.events.write("finding", **asdict(finding))


def measured(trainer: Any, figures: Mapping[str, str]) -> dict[str, float]:
    """Figures of an epoch: `train/*` and `val/*` losses, those in `figures` by our names, the learning rate `lr`."""
    losses = trainer.label_loss_items(trainer.tloss, prefix="train")
    losses |= {name: value for name, value in trainer.metrics.items() if name.startswith("val/")}
    scores = {ours: float(trainer.metrics.get(theirs, 0.0)) for theirs, ours in figures.items()}
    return {**{name: float(value) for name, value in losses.items()}, **scores, "lr": max(trainer.lr.values())}
