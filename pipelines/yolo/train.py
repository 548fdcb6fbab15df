"""Training with Ultralytics' own trainers, from the last whole epoch on; their callbacks write our events."""

import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2

from datasets.skeleton import Skeleton
from pipelines import devices, registry, weights
from pipelines.errors import CheckpointError, ConfigError, DataError, Stopped
from pipelines.families import Family
from pipelines.job import Job
from pipelines.runs import checkpoints
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.training.options import TrainingConfig
from pipelines.yolo import classes, files, objects
from pipelines.yolo.heads import HEADS, Head
from pipelines.yolo.left_out import discard_broken
from pipelines.yolo.lesson import Lesson
from pipelines.yolo.model import cleaned, metrics, quiet
from pipelines.yolo.warned import told
from pipelines.yolo.watch import Watch

STOPPER = ("best_fitness", "best_epoch")
MODEL = re.compile(r"[\w-]+")  # no folder: Ultralytics would read a layout there
NOT_FOUND = re.compile(r"Image Not Found (.+)")
NOMINAL = 64  # images per change of the weights, Ultralytics' default
LESSONS: Mapping[str, Callable[[Job[Any]], Lesson]] = {
    "detect": objects.boxes, "segment": objects.masks, "pose": objects.points, "classify": classes.classes
}  # fmt: skip


def train(job: Job[Any], family: Family) -> None:
    """Train from the last whole epoch on, if there is one, and leave a checkpoint folder.

    Raises DataError, ConfigError, WeightsMissing, CheckpointError for weights of another head, and Stopped, after
    keeping the best epoch if one has ended.
    """
    run, head, lesson = job.run, HEADS[family.part], LESSONS[family.part](job)
    given = {**arguments(run, head, lesson.config, lesson.source, job.device), **lesson.given}
    best = run.work / "yolo" / "weights" / "best.pt"
    options = lesson.config.model_dump(mode="json")
    try:
        learn(job, head, lesson, given)
    except Stopped:
        if not best.exists():
            raise Stopped("training was stopped before its first epoch ended; there is no checkpoint yet") from None
        keep(job, head, options, best, lesson.skeleton)
        raise
    keep(job, head, options, best, lesson.skeleton)


def learn(job: Job[Any], head: Head, lesson: Lesson, given: Mapping[str, Any]) -> None:
    """Train the epochs that are left. Images whose pixels turn out to be broken are left out, and it begins again.

    Raises DataError, WeightsMissing and Stopped.
    """
    run, last = job.run, job.run.work / "yolo" / "weights" / "last.pt"
    watch = Watch(
        lesson.splits, head.figures, lesson.config.max_minutes, job.events, job.stop, classes=lesson.classes
    )  # fmt: skip
    fresh: Mapping[str, Any] = {}
    while (done := epochs_done(run, head, job.events)) < given["epochs"]:
        forget_labels(run.work / "data")
        if not done:
            fresh = fresh or started(run, head, beginning(job, lesson))
        first = resumed(last, head, given) if done else fresh
        try:
            fit(head, {**given, **first}, watch)
            return
        except DataError:
            if not discard_broken(run.work / "data", lesson.splits):
                raise


def epochs_done(run: Run, head: Head, events: EventWriter) -> int:
    """Whole epochs that an earlier attempt trained; 0 when there is no state, or, with a note, if it cannot be read."""
    last = run.work / "yolo" / "weights" / "last.pt"
    if not last.exists():
        return 0
    try:
        rest = files.read(last, head.name).rest
        if not all(type(rest.get(count)) is int for count in ("epoch", "updates")):
            raise CheckpointError(f"{last}: expected the numbers of epochs and updates in it, found none")
    except CheckpointError as error:
        events.write("note", text=f"training starts anew, as its state cannot be used: {error}")
        return 0
    return int(rest["epoch"]) + 1


def forget_labels(folder: Path) -> None:
    """Let Ultralytics read labels from their files: what it remembers of them is a pickle, and may be of others."""
    for kept in (*folder.glob("*.cache"), *folder.glob("labels/*.cache")):
        kept.unlink()


def started(run: Run, head: Head, beginning: Mapping[str, Any]) -> Mapping[str, Any]:
    """A beginning whose weights, if it has some, were written here: Ultralytics opens no other file."""
    if "pretrained" in beginning:
        return beginning
    return {**beginning, "model": str(cleaned(Path(beginning["model"]), head.name, run.work / "start"))}


def resumed(last: Path, head: Head, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The argument that lets Ultralytics go on from a state, which is written anew from what it says.

    Arguments are those `given`, never those in the state: they name files that Ultralytics would open.
    """
    found = files.read(last, head.name)
    rest, told = found.rest, found.rest.get("train_args") or {}
    kept = {key: told[key] for key in ("nbs", "freeze") if type(told.get(key)) is int}
    arguments = {**{key: value for key, value in given.items() if key != "augmentations"}, **kept}
    stopper = {key: value for key, value in (rest.get("stopper") or {}).items() if key in STOPPER}
    state = {key: rest.get(key) for key in ("epoch", "best_fitness", "updates", "optimizer", "scaler", "train_metrics")}
    files.write(last, found.model, {**state, "stopper": stopper, "train_args": arguments}, as_ema=True)
    return {"resume": str(last)}


def beginning(job: Job[Any], lesson: Lesson) -> dict[str, Any]:
    """What a new training starts from: a weights file, or the layout of the model alone.

    `nominal_batch` images are summed up for a change of the weights; 0 for Ultralytics' own number. From scratch the
    weights then change with every batch: 14 epochs of 52 drawn images reach a box mAP50 of 0.95, against 0 with a
    change every 64 images.
    """
    config = lesson.config
    if not MODEL.fullmatch(config.model):
        raise ConfigError(f"option 'model': expected the name of a network, such as yolo11n, found {config.model!r}")
    found = weights.start(config, registry.task(job.run.request.task).offer(config.model), job.events)
    if found is None:
        return {
            "model": f"{config.model}.yaml", "pretrained": False, "nbs": lesson.nominal_batch or config.batch
        }  # fmt: skip
    frozen = {"freeze": _layers(config.model) - 1} if lesson.last_layer else {}
    return {"model": str(found), "nbs": lesson.nominal_batch or NOMINAL, **frozen}


def arguments(run: Run, head: Head, config: TrainingConfig, source: Path, device: str) -> dict[str, Any]:
    """The options of every task as Ultralytics' arguments; `source` is the folder or yaml to learn from."""
    numbers, folder = devices.precision(config.precision, device), run.work / "yolo"
    given = {
        "task": head.name, "mode": "train", "data": str(source), "device": device, "workers": config.workers,
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


def fit(head: Head, given: Mapping[str, Any], watch: Watch) -> None:
    """Run Ultralytics' trainer."""
    quiet()
    from ultralytics.utils import LOGGER, callbacks

    from pipelines.yolo.trainer import TRAINERS

    hooks = callbacks.get_default_callbacks()
    for event, function in watch.callbacks().items():
        hooks[event].append(function)
    with told(LOGGER, watch.events), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns about schedulers and pinned memory inside the vendor's loop
        try:
            TRAINERS[head.name](overrides=dict(given), _callbacks=hooks).train()
        except (FileNotFoundError, cv2.error) as error:
            raise _named(error) from error


def _named(error: Exception) -> Exception:
    """What Ultralytics says of an image that it opened but cannot decode, by the user's own path if it tells one."""
    found = NOT_FOUND.search(str(error))
    if found is None and isinstance(error, cv2.error) and "empty" in str(error):
        return DataError("expected images that can be decoded, found one that cannot; repair or remove it")
    if found is None:
        return error
    path = Path(found[1].strip()).resolve()
    return DataError(f"{path}: expected an image that can be decoded, found that it cannot; repair or remove it")


def keep(job: Job[Any], head: Head, options: Mapping[str, Any], best: Path, skeleton: Skeleton | None = None) -> None:
    """Write the checkpoint folder from the best epoch, without the state that only training needs."""
    described = skeleton.plain() if skeleton else None
    quiet()
    found, stripped = files.read(best, head.name), job.run.work / "best.pt"
    told = {key: found.rest.get(key) for key in ("train_metrics", "train_results")}
    files.write(stripped, found.model, {**told, "train_args": {"task": head.name, **found.arguments}})
    checkpoints.save(
        job.checkpoint, stripped, task=job.run.request.task, family="yolo", kind=head.label_kind, config=options,
        classes=found.names, preprocess=head.preprocess(int(options["image_size"])), metrics=metrics(found.rest, head),
        skeleton=described,
    )  # fmt: skip
    stripped.unlink()


def _layers(model: str) -> int:
    """How many layers a network has, by its layout."""
    quiet()
    from ultralytics.nn.tasks import yaml_model_load

    layout = yaml_model_load(f"{model}.yaml")
    return len(layout["backbone"]) + len(layout["head"])
