"""Lightning callbacks: events of the run, and states to resume from."""

import logging
import os
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import Checkpoint

from datasets.evaluation.figures import Figure
from pipelines.errors import Stopped
from pipelines.runs.events import EventWriter
from pipelines.training import unread
from pipelines.training.figures import not_finite
from pipelines.training.learner import Learner

log = logging.getLogger(__name__)
SHOWN = 8  # figures in a line of the log

ASKED = "training was asked to stop; the best checkpoint so far is kept"


class Watch(Callback):  # type: ignore[misc]
    """Writes events, tells the dataset its epoch, and ends training when asked to or when its time is over."""

    def __init__(self, events: EventWriter, stop: threading.Event, max_minutes: float, work: Path) -> None:
        self.events, self.stop, self.max_minutes, self.work = events, stop, max_minutes, work
        self.began = self.epoch_began = time.monotonic()
        self.first, self.learned = 0, 0.0

    def on_train_start(self, trainer: Trainer, pl_module: Learner) -> None:  # noqa: ARG002
        """The epoch that this process begins with."""
        self.began, self.first = time.monotonic(), trainer.current_epoch

    def on_train_epoch_start(self, trainer: Trainer, pl_module: Learner) -> None:  # noqa: ARG002
        """Remember when the epoch began."""
        self.epoch_began = time.monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: Learner, outputs: Any, batch: Any, batch_idx: int  # noqa: ARG002
    ) -> None:  # fmt: skip
        """A beat; raises Stopped here, so that the state of the last whole epoch stays what resume starts from."""
        if self.stop.is_set():
            raise Stopped(ASKED)
        done, batches = batch_idx + 1, int(trainer.num_training_batches)
        if done == batches:
            self.learned = time.monotonic() - self.epoch_began
        if not trainer.is_global_zero or not self.events.due():
            return
        left = (int(trainer.max_epochs or 0) - trainer.current_epoch) * batches - done
        eta = (time.monotonic() - self.epoch_began) / done * left
        self.events.beat(
            "batch", epoch=trainer.current_epoch + 1, batch=done, batches=batches,
            loss=round(float(outputs["loss"]), 5), eta=round(eta, 1),
        )  # fmt: skip

    def on_train_epoch_end(self, trainer: Trainer, pl_module: Learner) -> None:
        """An epoch event, a line in the log, and the end of the time that was given."""
        now, epoch, epochs = time.monotonic(), trainer.current_epoch + 1, int(trainer.max_epochs or 0)
        dataset: Any = trainer.train_dataloader.dataset
        dataset.epoch = epoch
        if self.max_minutes and now - self.began > self.max_minutes * 60:
            trainer.should_stop = True
        if not trainer.is_global_zero:
            return
        for finding in (*unread.findings(self.work), *not_finite(pl_module.epoch_figures, epoch)):
            self.events.write("finding", **asdict(finding))
        values = {**pl_module.epoch_figures, "lr": max(group["lr"] for group in trainer.optimizers[0].param_groups)}
        eta = 0.0 if trainer.should_stop else (now - self.began) / (epoch - self.first) * (epochs - epoch)
        speed = len(dataset) / max(self.learned, 1e-9)
        self.events.write("epoch", epoch=epoch, epochs=epochs, metrics=values, eta=round(eta, 1), speed=round(speed, 2))
        shown = [f"{name} {value:.4g}" for name, value in values.items() if name.count("/") < 2][:SHOWN]
        log.info("epoch %d of %d in %.1f s  %s", epoch, epochs, now - self.epoch_began, "  ".join(shown))


class States(Checkpoint):  # type: ignore[misc]
    """The state after every whole epoch as `last.ckpt`, that of the best one as `best.ckpt`; each is written whole."""

    def __init__(self, folder: Path, monitor: Figure) -> None:
        self.folder, self.monitor, self.best = folder, monitor, monitor.worst

    def on_train_epoch_end(self, trainer: Trainer, pl_module: Learner) -> None:
        """Write the state; keep it as the best when its figure is better than any before."""
        score = pl_module.epoch_figures[self.monitor.name]
        better = self.monitor.beats(score, self.best)
        self.best = score if better else self.best
        self.folder.mkdir(parents=True, exist_ok=True)
        part, last = self.folder / "last.part", self.folder / "last.ckpt"
        trainer.save_checkpoint(part)
        if not trainer.is_global_zero:
            return
        if better:
            link = self.folder / "best.part"
            link.unlink(missing_ok=True)
            os.link(part, link)
            link.replace(self.folder / "best.ckpt")
        part.replace(last)

    def state_dict(self) -> dict[str, Any]:
        """The best figure so far."""
        return {"best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on comparing with the best figure so far."""
        self.best = state_dict["best"]
