"""Fitting a learner: from the last whole epoch on, with events, early stop, and the best epoch kept."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import EarlyStopping, WeightAveraging
from lightning.pytorch.tuner.tuning import Tuner
from lightning.pytorch.utilities.exceptions import SIGTERMException

from pipelines import devices
from pipelines.errors import CheckpointError, Stopped
from pipelines.foreign import archives
from pipelines.job import Job
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.training.learner import Learner
from pipelines.training.options import TrainingConfig
from pipelines.training.watch import ASKED, States, Watch

PRECISIONS: dict[str, Any] = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}
MODES = {"higher": "max", "lower": "min"}  # what Lightning calls them
STATE = "a state of a training"
TRIED = 100  # batches of the search for a learning rate, as in Lightning's tuner


@dataclass(frozen=True)
class Best:
    """The best epoch: the state of the model (its moving average, if there is one) and the figures of that epoch."""

    state: dict[str, torch.Tensor]
    figures: dict[str, float]


def resumes(run: Run) -> bool:
    """Whether an earlier attempt left a state to go on from; pretrained weights are not needed then."""
    return (run.work / "states" / "last.ckpt").exists()


def fit(job: Job[Any], learner: Learner, train: Any, val: Any, *, keep: Callable[[Best], None]) -> None:
    """Train on the batches of `train`, validate on those of `val` after every epoch, and `keep` the best epoch.

    Goes on from the last whole epoch of an earlier attempt; the weights it ends with are those of an unbroken training.
    Raises Stopped when asked to stop, after `keep` if an epoch has ended.
    """
    config, work = learner.config, job.run.work
    states = work / "states"
    last = states / "last.ckpt"
    train.dataset.epoch = _epochs_done(last)
    watch = Watch(job.events, job.stop, config.max_minutes, work)
    callbacks = [watch, *_optional(learner), States(states, learner.monitor)]
    trainer = _trainer(work, config, job.device, callbacks)
    with _quiet():
        if config.find_learning_rate and not last.exists():
            _find_rate(learner, train, _trainer(work, config, job.device, []), job.events)
        if config.channels_last:
            learner.model.to(memory_format=torch.channels_last)
        path = last if last.exists() else None
        try:
            trainer.fit(learner, train, val, ckpt_path=path, weights_only=True)
        except (Stopped, SIGTERMException) as stopped:  # the second is Lightning's, and would end the process with 0
            if not (states / "best.ckpt").exists():
                raise Stopped("training was stopped before its first epoch ended; there is no checkpoint yet") from None
            _keep(states, trainer, keep)
            raise Stopped(ASKED) from stopped
    _keep(states, trainer, keep)


def _keep(states: Path, trainer: Trainer, keep: Callable[[Best], None]) -> None:
    if not trainer.is_global_zero:
        return
    kept = archives.read(states / "best.ckpt", STATE)
    names = [name for name in kept["state_dict"] if name.startswith("model.")]
    keep(Best({name.removeprefix("model."): kept["state_dict"][name] for name in names}, kept["figures"]))


def _epochs_done(last: Path) -> int:
    if not last.exists():
        return 0
    epoch = archives.read(last, STATE)["epoch"]
    if type(epoch) is not int:
        raise CheckpointError(f"{last}: expected {STATE} with its epoch, found another file; delete it to begin anew")
    return epoch + 1


def _optional(learner: Learner) -> Iterator[Callback]:
    config = learner.config
    if config.patience:
        yield EarlyStopping(learner.monitor.name, mode=MODES[learner.monitor.better], patience=config.patience)
    if config.ema:
        yield WeightAveraging(multi_avg_fn=_moving_average(config.ema))


def _moving_average(decay: float) -> Callable[..., None]:
    """Decay rises with the number of steps n to `decay`, as (1 + n) / (10 + n), so that short trainings profit too.

    As `tf.train.ExponentialMovingAverage` with `num_updates`.
    """

    @torch.no_grad()
    def update(average: Any, current: Any, count: Any) -> None:
        taken = 1 - min(decay, (1 + int(count)) / (10 + int(count)))
        if average[0].is_floating_point():
            torch._foreach_lerp_(list(average), list(current), taken)
        else:
            torch._foreach_copy_(list(average), list(current))

    return update


def _trainer(folder: Path, config: TrainingConfig, device: str, callbacks: list[Callback]) -> Trainer:
    numbers = devices.precision(config.precision, device, cpu=config.bf16_on_cpu)
    many = config.processes > 1
    chosen = [int(device.partition(":")[2])] if device != "cpu" and not many else config.processes
    return Trainer(
        accelerator="cpu" if device == "cpu" else "gpu", devices=chosen, strategy="ddp" if many else "auto",
        precision=PRECISIONS[numbers], max_epochs=config.epochs, gradient_clip_val=config.clip or None,
        num_sanity_val_steps=0, callbacks=callbacks, default_root_dir=folder,
        logger=False, enable_checkpointing=bool(callbacks), enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip


def _find_rate(learner: Learner, train: Any, trainer: Trainer, events: EventWriter) -> None:
    """Lightning's range test: the rate at which the loss falls fastest. Model and optimizer begin anew afterwards."""
    found = Tuner(trainer).lr_find(
        learner, train, num_training=min(TRIED, max(len(train) * learner.config.epochs - 1, 2)), update_attr=False
    )
    suggestion = found.suggestion() if found else None
    if suggestion is None:
        text = f"no learning rate stood out in the search; learning starts with {learner.learning_rate:g}"
    else:
        learner.learning_rate = float(suggestion)
        text = f"the loss falls fastest at a learning rate of {learner.learning_rate:.3g}: it is used"
    events.write("note", text=text)


@contextmanager
def _quiet() -> Iterator[None]:
    """Lightning warns about workers and unused GPUs, which were chosen, and advertises in the log."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
