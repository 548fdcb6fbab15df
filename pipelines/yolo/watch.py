"""Ultralytics' callbacks write our events."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from datasets.records import Finding
from pipelines.errors import Stopped
from pipelines.events import EventWriter
from pipelines.yolo.data import Sample, sample_id

log = logging.getLogger(__name__)


class Watch:
    """Writes events, and ends training when asked to or when its time is over.

    `splits` holds the samples of `train` and `val`; `figures` are Ultralytics' names of figures, with ours.
    """

    def __init__(
        self,
        splits: Mapping[str, Sequence[Sample]],
        figures: Mapping[str, str],
        max_minutes: float,
        events: EventWriter,
        stop: threading.Event,
    ) -> None:
        self.splits, self.figures, self.max_minutes = splits, figures, max_minutes
        self.events, self.stop = events, stop
        self.began = self.epoch_began = time.monotonic()
        self.batch, self.batch_size = 0, 0

    def callbacks(self) -> Mapping[str, Callable[[Any], None]]:
        """Our functions by the name of Ultralytics' event."""
        return {
            "on_pretrain_routine_end": self.report_left_out,
            "on_train_epoch_start": self.start_epoch,
            "on_train_batch_end": self.end_batch,
            "on_fit_epoch_end": self.end_epoch,
        }

    def report_left_out(self, trainer: Any) -> None:
        """A finding for every sample that Ultralytics could not read."""
        for split, loader in (("train", trainer.train_loader), ("val", trainer.test_loader)):
            read = {sample_id(path) for path in _files(loader.dataset)}
            for sample in self.splits[split]:
                if sample.id not in read:
                    expected, action = "a readable image of 10 px or more", "it is left out of training"
                    found = Finding("warning", "unreadable_image", sample.path, expected, "none", action)
                    self.events.write("finding", **asdict(found))
        self.began = time.monotonic()

    def start_epoch(self, trainer: Any) -> None:
        """Remember when the epoch began; say so when Ultralytics halved the batch to fit into memory."""
        self.epoch_began, self.batch = time.monotonic(), 0
        if self.batch_size and trainer.batch_size < self.batch_size:
            text = f"memory ran out: training goes on with {trainer.batch_size} images per step"
            self.events.write("note", text=text)
        self.batch_size = trainer.batch_size

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


def measured(trainer: Any, figures: Mapping[str, str]) -> dict[str, float]:
    """Figures of an epoch: `train/*` and `val/*` losses, those in `figures` by our names, the learning rate `lr`."""
    losses = trainer.label_loss_items(trainer.tloss, prefix="train")
    losses |= {name: value for name, value in trainer.metrics.items() if name.startswith("val/")}
    scores = {ours: float(trainer.metrics.get(theirs, 0.0)) for theirs, ours in figures.items()}
    return {**{name: float(value) for name, value in losses.items()}, **scores, "lr": max(trainer.lr.values())}


def _files(dataset: Any) -> list[str]:
    """Of a dataset of objects, or of one of whole images."""
    found = getattr(dataset, "im_files", None)
    return list(found) if found is not None else [sample[0] for sample in dataset.samples]
