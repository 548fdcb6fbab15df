"""YOLO learns with Ultralytics' own trainer; its callbacks write our events."""

import logging
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from datasets.records import Finding
from pipelines import checkpoints, devices, weights
from pipelines.detection.config import Config, offer
from pipelines.detection.data import Manifest
from pipelines.detection.yolo import data
from pipelines.detection.yolo.model import FIGURES, load, metrics, names, preprocess, quiet
from pipelines.errors import CheckpointError, Stopped
from pipelines.events import EventWriter
from pipelines.runs import Run

log = logging.getLogger(__name__)


def train(
    run: Run, config: Config, manifest: Manifest, *, device: str, events: EventWriter, stop: threading.Event
) -> None:
    """Train from the last whole epoch on, if there is one; see `pipelines.detection.train`."""
    quiet()
    folder = run.work / "yolo"
    last, best = folder / "weights" / "last.pt", folder / "weights" / "best.pt"
    source = data.prepare(manifest, run.work / "data")
    epochs = epochs_done(last)
    if epochs < config.epochs:
        start = {"resume": str(last)} if epochs else beginning(config, events)
        watch = Watch(config, manifest, events, stop)
        try:
            _fit({**arguments(config, source, folder, device), **start}, watch)
        except Stopped:
            if not best.exists():
                raise Stopped("training was stopped before its first epoch ended; there is no checkpoint yet") from None
            keep(run, config, best)
            raise
    keep(run, config, best)


def beginning(config: Config, events: EventWriter) -> dict[str, Any]:
    """What a new training starts from: a weights file, or the layout of the model alone.

    From scratch the weights change with every batch: 14 epochs of 52 drawn images then reach an mAP50 of 0.95, against
    0 with Ultralytics' change every 64 images.
    """
    found = weights.start(config, offer(config.model), events)
    if found:
        return {"model": str(found), "nbs": config.nominal_batch or 64}
    return {"model": f"{config.model}.yaml", "pretrained": False, "nbs": config.nominal_batch or config.batch}


def arguments(config: Config, source: Path, folder: Path, device: str) -> dict[str, Any]:
    """Our options as Ultralytics' arguments; `yolo train` with the same ones gives the same model."""
    numbers = devices.precision(config.precision, device)
    given = {
        "task": "detect", "mode": "train", "data": str(source), "device": device, "workers": config.workers,
        "project": str(folder.parent), "name": folder.name, "exist_ok": True,
        "save_dir": str(folder), "plots": False, "verbose": False,
        "epochs": config.epochs, "imgsz": config.image_size, "batch": config.batch, "seed": config.seed,
        "patience": config.patience or config.epochs, "amp": "bf16" if numbers == "bf16" else False,
        "optimizer": config.optimizer, "lrf": config.final_learning_rate, "cos_lr": config.cosine,
        "warmup_epochs": config.warmup_epochs, "weight_decay": config.weight_decay, "momentum": config.momentum,
        "freeze": config.freeze or None, "mosaic": config.mosaic, "close_mosaic": config.close_mosaic,
        "mixup": config.mixup, "fliplr": config.flip_horizontal, "flipud": config.flip_vertical,
        "degrees": config.rotate, "translate": config.translate, "scale": config.scale,
        "hsv_h": config.hue, "hsv_s": config.saturation, "hsv_v": config.brightness,
        "iou": config.nms_iou, "max_det": config.max_detections,
    }  # fmt: skip
    return given if config.learning_rate is None else {**given, "lr0": config.learning_rate}


def epochs_done(last: Path) -> int:
    """Whole epochs in a training state; 0 when there is none or it cannot be read."""
    if not last.exists():
        return 0
    try:
        _, state = load(last)
    except CheckpointError as error:
        log.warning("the training state cannot be read, training starts anew: %s", error)
        return 0
    return int(state.get("epoch", -1)) + 1


def keep(run: Run, config: Config, best: Path) -> None:
    """Write the checkpoint folder from the best epoch, without the state that only training needs."""
    from ultralytics.utils.torch_utils import strip_optimizer

    stripped = run.work / "best.pt"
    strip_optimizer(best, s=str(stripped))
    model, rest = load(stripped)
    checkpoints.save(
        run.checkpoint, stripped, task="detection", family="yolo", config=config.model_dump(),
        classes=names(model),
        preprocess=preprocess(config.image_size), metrics=metrics(rest),
    )  # fmt: skip
    stripped.unlink()


class Watch:
    """Ultralytics' callbacks: writes events, and ends training when asked to or when its time is over."""

    def __init__(self, config: Config, manifest: Manifest, events: EventWriter, stop: threading.Event) -> None:
        self.config, self.manifest, self.events, self.stop = config, manifest, events, stop
        self.began = self.epoch_began = time.monotonic()
        self.batch, self.batch_size = 0, config.batch

    def callbacks(self) -> Mapping[str, Any]:
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
            read = {data.sample_id(path) for path in loader.dataset.im_files}
            for sample in self.manifest.split(split):
                if sample.id not in read:
                    expected, action = "a readable image of 10 px or more", "it is left out of training"
                    found = Finding("warning", "unreadable_image", sample.path, expected, "none", action)
                    self.events.write("finding", **asdict(found))
        self.began = time.monotonic()

    def start_epoch(self, trainer: Any) -> None:
        """Remember when the epoch began; say so when Ultralytics halved the batch to fit into memory."""
        self.epoch_began, self.batch = time.monotonic(), 0
        if trainer.batch_size < self.batch_size:
            self.batch_size = trainer.batch_size
            self.events.write("note", text=f"memory ran out: training goes on with {self.batch_size} images per step")

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
        values = figures(trainer)
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
        if self.config.max_minutes and now - self.began > self.config.max_minutes * 60:
            trainer.stop = True


def figures(trainer: Any) -> dict[str, float]:
    """Figures of an epoch: `train/*` and `val/*` losses, map, map50, precision, recall, and the learning rate `lr`."""
    losses = trainer.label_loss_items(trainer.tloss, prefix="train")
    losses |= {name: value for name, value in trainer.metrics.items() if name.startswith("val/")}
    scores = {ours: float(trainer.metrics.get(theirs, 0.0)) for theirs, ours in FIGURES.items()}
    return {**{name: float(value) for name, value in losses.items()}, **scores, "lr": max(trainer.lr.values())}


def _fit(given: dict[str, Any], watch: Watch) -> None:
    from ultralytics.utils import LOGGER, callbacks

    from pipelines.detection.yolo.trainer import YoloTraining

    hooks = callbacks.get_default_callbacks()
    for event, function in watch.callbacks().items():
        hooks[event].append(function)
    level = LOGGER.level
    LOGGER.setLevel(logging.WARNING)  # no progress bars in log.txt; `Watch` writes a line per epoch
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns about schedulers and pinned memory inside the vendor's loop
            YoloTraining(overrides=given, _callbacks=hooks).train()
    finally:
        LOGGER.setLevel(level)
