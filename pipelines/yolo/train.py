"""Training with Ultralytics' own trainers, from the last whole epoch on; their callbacks write our events."""

import logging
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipelines import checkpoints, devices, weights
from pipelines.config import Offer
from pipelines.errors import CheckpointError, Stopped
from pipelines.events import EventWriter
from pipelines.runs import Run
from pipelines.training.options import TrainingConfig
from pipelines.yolo.kinds import Kind
from pipelines.yolo.model import load, metrics, names, quiet
from pipelines.yolo.watch import Watch

log = logging.getLogger(__name__)
NOMINAL = 64  # images per change of the weights, Ultralytics' default


def train(
    run: Run,
    kind: Kind,
    given: Mapping[str, Any],
    watch: Watch,
    *,
    beginning: Callable[[], Mapping[str, Any]],
    options: Mapping[str, Any],
) -> None:
    """Train with Ultralytics' arguments `given`, those of `beginning()` too at first, and leave a checkpoint folder.

    `options`, as JSON, are kept in it. Goes on from the last whole epoch, if there is one.
    Raises Stopped, after keeping the best epoch if one has ended.
    """
    last, best = (run.work / "yolo" / "weights" / name for name in ("last.pt", "best.pt"))
    done = epochs_done(run, kind)
    if done < given["epochs"]:
        try:
            fit(kind, {**given, **({"resume": str(last)} if done else beginning())}, watch)
        except Stopped:
            if not best.exists():
                raise Stopped("training was stopped before its first epoch ended; there is no checkpoint yet") from None
            keep(run, kind, options, best)
            raise
    keep(run, kind, options, best)


def epochs_done(run: Run, kind: Kind) -> int:
    """Whole epochs that an earlier attempt trained; 0 when there is no state or it cannot be read."""
    last = run.work / "yolo" / "weights" / "last.pt"
    if not last.exists():
        return 0
    try:
        _, state = load(last, kind.name)
    except CheckpointError as error:
        log.warning("the training state cannot be read, training starts anew: %s", error)
        return 0
    return int(state.get("epoch", -1)) + 1


def beginning(config: TrainingConfig, offer: Offer | None, nominal_batch: int, events: EventWriter) -> dict[str, Any]:
    """What a new training starts from: a weights file, or the layout of the model alone.

    `nominal_batch` images are summed up for a change of the weights; 0 for Ultralytics' own number. From scratch the
    weights then change with every batch: 14 epochs of 52 drawn images reach a box mAP50 of 0.95, against 0 with a
    change every 64 images.
    """
    found = weights.start(config, offer, events)
    if found:
        return {"model": str(found), "nbs": nominal_batch or NOMINAL}
    return {"model": f"{config.model}.yaml", "pretrained": False, "nbs": nominal_batch or config.batch}


def arguments(run: Run, kind: Kind, config: TrainingConfig, source: Path, device: str) -> dict[str, Any]:
    """The options of every task as Ultralytics' arguments; `source` is the folder or yaml to learn from."""
    numbers, folder = devices.precision(config.precision, device), run.work / "yolo"
    given = {
        "task": kind.name, "mode": "train", "data": str(source), "device": device, "workers": config.workers,
        "project": str(folder.parent), "name": folder.name, "exist_ok": True,
        "save_dir": str(folder), "plots": False, "verbose": False,
        "epochs": config.epochs, "batch": config.batch, "seed": config.seed,
        "patience": config.patience or config.epochs, "amp": "bf16" if numbers == "bf16" else False,
        "optimizer": config.optimizer, "warmup_epochs": config.warmup_epochs,
        "lrf": 1.0 if config.schedule == "constant" else config.final_learning_rate,
        "cos_lr": config.schedule == "cosine", "weight_decay": config.weight_decay, "momentum": config.momentum,
        "cache": config.cache if config.cache in ("ram", "disk") else False,
    }  # fmt: skip
    return given if config.learning_rate is None else {**given, "lr0": config.learning_rate}


def fit(kind: Kind, given: Mapping[str, Any], watch: Watch) -> None:
    """Run Ultralytics' trainer."""
    quiet()
    from ultralytics.utils import LOGGER, callbacks

    from pipelines.yolo.trainer import TRAINERS

    hooks = callbacks.get_default_callbacks()
    for event, function in watch.callbacks().items():
        hooks[event].append(function)
    level = LOGGER.level
    LOGGER.setLevel(logging.WARNING)  # no progress bars in log.txt; `Watch` writes a line per epoch
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns about schedulers and pinned memory inside the vendor's loop
            TRAINERS[kind.name](overrides=dict(given), _callbacks=hooks).train()
    finally:
        LOGGER.setLevel(level)


def keep(run: Run, kind: Kind, options: Mapping[str, Any], best: Path) -> None:
    """Write the checkpoint folder from the best epoch, without the state that only training needs."""
    from ultralytics.utils.torch_utils import strip_optimizer

    stripped = run.work / "best.pt"
    strip_optimizer(best, s=str(stripped))
    model, rest = load(stripped, kind.name)
    checkpoints.save(
        run.checkpoint, stripped, task=kind.task, family="yolo", kind=kind.label_kind, config=options,
        classes=names(model), preprocess=kind.preprocess(int(options["image_size"])), metrics=metrics(rest, kind),
    )  # fmt: skip
    stripped.unlink()
