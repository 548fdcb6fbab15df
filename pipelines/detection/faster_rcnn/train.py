"""Faster R-CNN learns through Lightning."""

import logging
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from torch.utils.data import DataLoader
from torchmetrics.detection import MeanAveragePrecision

from pipelines import checkpoints, devices, weights
from pipelines.detection.config import Config, offer
from pipelines.detection.data import Manifest
from pipelines.detection.faster_rcnn import model as network
from pipelines.detection.faster_rcnn.data import Images, Shuffle, collate
from pipelines.detection.faster_rcnn.optimizer import make_optimizer, rate
from pipelines.errors import Stopped
from pipelines.events import EventWriter
from pipelines.runs import Run

log = logging.getLogger(__name__)
PRECISIONS: dict[str, Any] = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


class Detector(LightningModule):  # type: ignore[misc]
    """What is learned, and how: losses of the four heads, SGD with warm-up, mAP on the validation split."""

    def __init__(self, model: Any, config: Config) -> None:
        super().__init__()
        self.model, self.config = model, config
        self.score = MeanAveragePrecision(backend="faster_coco_eval")
        self.score.warn_on_many_detections = False
        self.figures: dict[str, float] = {}
        self._sums: dict[str, float] = {}

    def on_train_epoch_start(self) -> None:
        """The network samples proposals at random: seeded per epoch, a resumed training is the same training."""
        torch.manual_seed(self.config.seed * 100_003 + self.current_epoch)
        self._sums = {}

    def training_step(self, batch: Any, _index: int) -> torch.Tensor:
        """The sum of the losses of region proposals and boxes."""
        losses = self.model(*batch)
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value.detach())
        return torch.stack(list(losses.values())).sum()

    def validation_step(self, batch: Any, _index: int) -> None:
        """Collect predictions beside the labels."""
        images, targets = batch
        self.score.update(self.model(images), targets)

    def on_validation_epoch_end(self) -> None:
        """Compute mAP and name the epoch's figures."""
        found = self.score.compute()
        self.score.reset()
        batches = max(len(self.trainer.train_dataloader), 1)
        self.figures = {f"train/{name}": value / batches for name, value in self._sums.items()}
        for ours, theirs in (("map", "map"), ("map50", "map_50"), ("map75", "map_75")):
            self.figures[ours] = max(float(found[theirs]), 0.0)
        self.log("map", self.figures["map"])

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The scores of this epoch go with its weights."""
        checkpoint["scores"] = {name: self.figures[name] for name in ("map", "map50", "map75")}

    def configure_optimizers(self) -> Any:
        """The optimizer, and its rate for every step: warm-up, then down to `final_learning_rate`."""
        chosen = make_optimizer(self.config, [value for value in self.model.parameters() if value.requires_grad])
        steps = int(self.trainer.estimated_stepping_batches)
        warm = min(round(self.config.warmup_epochs * steps / self.config.epochs), steps // 2)
        schedule = torch.optim.lr_scheduler.LambdaLR(chosen, lambda step: rate(self.config, step, steps, warm))
        return {"optimizer": chosen, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class Watch(Callback):  # type: ignore[misc]
    """Writes events, and ends training when asked to or when its time is over."""

    def __init__(self, events: EventWriter, stop: threading.Event, dataset: Images) -> None:
        self.events, self.stop, self.dataset = events, stop, dataset
        self.began, self.first = time.monotonic(), 0
        self.epoch_began = self.began

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:  # noqa: ARG002
        """The epoch that this process begins with."""
        self.began, self.first = time.monotonic(), trainer.current_epoch

    def on_train_epoch_start(self, trainer: Trainer, module: LightningModule) -> None:  # noqa: ARG002
        """Remember when the epoch began."""
        self.epoch_began = time.monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, module: LightningModule, outputs: Any, batch: Any, batch_idx: int  # noqa: ARG002
    ) -> None:  # fmt: skip
        """A beat; raises Stopped here, so that the state of the last whole epoch stays what resume starts from."""
        if self.stop.is_set():
            raise Stopped("training was asked to stop; the best checkpoint so far is kept")
        done, batches = batch_idx + 1, int(trainer.num_training_batches)
        left = (int(trainer.max_epochs or 0) - trainer.current_epoch) * batches - done
        eta = (time.monotonic() - self.epoch_began) / done * left
        self.events.beat(
            "batch", epoch=trainer.current_epoch + 1, batch=done, batches=batches,
            loss=round(float(outputs["loss"]), 5), eta=round(eta, 1),
        )  # fmt: skip

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        """An epoch event, a line in the log, and the end of the time that was given."""
        now, epoch, epochs = time.monotonic(), trainer.current_epoch + 1, int(trainer.max_epochs or 0)
        values = {**module.figures, "lr": float(trainer.optimizers[0].param_groups[0]["lr"])}
        eta = (now - self.began) / (epoch - self.first) * (epochs - epoch)
        speed = len(self.dataset) / (now - self.epoch_began)
        self.events.write("epoch", epoch=epoch, epochs=epochs, metrics=values, eta=round(eta, 1), speed=round(speed, 2))
        log.info(
            "epoch %d of %d  %s", epoch, epochs, "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        )
        self.dataset.epoch = epoch
        if module.config.max_minutes and now - self.began > module.config.max_minutes * 60:
            trainer.should_stop = True


def train(
    run: Run, config: Config, manifest: Manifest, *, device: str, events: EventWriter, stop: threading.Event
) -> None:
    """Train from the last whole epoch on, if there is one; see `pipelines.detection.train`."""
    best = ModelCheckpoint(
        run.work / "states", filename="best", monitor="map", mode="max", save_last=True, save_on_train_epoch_end=True,
        enable_version_counter=False,
    )  # fmt: skip
    last = run.work / "states" / "last.ckpt"
    torch.manual_seed(config.seed)
    model = network.start(
        config.model,
        len(manifest.classes),
        config.image_size,
        None if last.exists() else weights.start(config, offer(config.model), events),
    )
    network.freeze(model, config.freeze)
    dataset = Images(manifest.split("train"), config, augment=True)
    dataset.epoch = _epochs_done(last)
    loader = _loader(dataset, config, device, shuffle=True)
    checked = _loader(Images(manifest.split("val"), config, augment=False), config, device, shuffle=False)
    callbacks = [Watch(events, stop, dataset), best, *_optional(config)]
    try:
        with _quiet():
            _trainer(run.work, config, device, callbacks).fit(
                Detector(model, config), loader, checked, ckpt_path=last if last.exists() else None, weights_only=False
            )
    except Stopped:
        if not last.exists():
            raise Stopped("training was stopped before its first epoch ended; there is no checkpoint yet") from None
        keep(run, config, manifest)
        raise
    keep(run, config, manifest)


def keep(run: Run, config: Config, manifest: Manifest) -> None:
    """Write the checkpoint folder from the best epoch."""
    state = torch.load(run.work / "states" / "best.ckpt", map_location="cpu", weights_only=False)
    best = {
        name.removeprefix("model."): value for name, value in state["state_dict"].items() if name.startswith("model.")
    }
    file = run.work / "best.safetensors"
    network.save(best, file, config.model, manifest.classes, config.image_size)
    checkpoints.save(
        run.checkpoint, file, task="detection", family="faster_rcnn", config=config.model_dump(),
        classes=manifest.classes, preprocess=network.preprocess(config.image_size), metrics=state["scores"],
    )  # fmt: skip
    file.unlink()


def _loader(dataset: Images, config: Config, device: str, *, shuffle: bool) -> Any:
    return DataLoader(
        dataset, batch_size=config.batch, sampler=Shuffle(dataset) if shuffle else None, collate_fn=collate,
        num_workers=0 if device == "cpu" else config.workers, pin_memory=device != "cpu",
    )  # fmt: skip


def _optional(config: Config) -> Iterator[Callback]:
    if config.patience:
        yield EarlyStopping("map", mode="max", patience=config.patience)
    if config.ema:
        yield EMAWeightAveraging(decay=0.999)


def _trainer(folder: Path, config: Config, device: str, callbacks: list[Callback]) -> Trainer:
    return Trainer(
        accelerator="cpu" if device == "cpu" else "gpu",
        devices=1 if device == "cpu" else [int(device.partition(":")[2])],
        precision=PRECISIONS[devices.precision(config.precision, device)],
        max_epochs=config.epochs, gradient_clip_val=10.0, num_sanity_val_steps=0, callbacks=callbacks,
        default_root_dir=folder, logger=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip


def _epochs_done(last: Path) -> int:
    if not last.exists():
        return 0
    return int(torch.load(last, map_location="cpu", weights_only=False)["epoch"]) + 1


@contextmanager
def _quiet() -> Iterator[None]:
    """Lightning warns about workers and unused GPUs, which were chosen, and advertises in the log."""
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
