"""Any checkpoint on any manifest: one row of found objects per sample."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from datasets.errors import ClassMismatch
from datasets.records import Finding
from pipelines import checkpoints, devices
from pipelines.errors import ConfigError, Stopped
from pipelines.events import EventWriter
from pipelines.memory import guard
from pipelines.objects import found as table
from pipelines.objects.data import Sample, images
from pipelines.objects.found import Found
from pipelines.objects.masks import Files
from pipelines.objects.options import ObjectsConfig

OPTIONS = ("confidence", "nms_iou", "max_detections", "predict_batch", "workers", "device")
Batches = Iterator[list[tuple[int, Found | None]]]  # number of the sample, what was found; None for an unreadable image
Model = Callable[[checkpoints.Checkpoint, Sequence[Sample], Any, str], Batches]
Options = TypeVar("Options", bound=ObjectsConfig)


def predict(  # noqa: PLR0917 - as the contract of every task
    checkpoint: checkpoints.Checkpoint,
    model: Model,
    manifest: Path,
    out: Path,
    options: ObjectsConfig,
    events: EventWriter,
    stop: threading.Event,
    *,
    masks: bool,
) -> None:
    """Write what the `model` of a checkpoint finds on every sample of a manifest to `out`.

    With `masks` their files lie in the folder `masks` beside `out`. A sample whose image cannot be read gets an empty
    row and a finding. Raises ClassMismatch (no class name in common), OutOfMemory, Stopped.
    """
    known = images(manifest)
    if known.classes and not set(known.classes) & set(checkpoint.classes):
        raise ClassMismatch(checkpoint.classes, known.classes)
    samples = known.samples
    found, paths = [Found.none() for _ in samples], [list[str]() for _ in samples]
    began, done = time.monotonic(), 0
    with guard("predict_batch"), Files(out.parent / "masks") if masks else nullcontext() as files:
        for batch in model(checkpoint, samples, options, devices.choose(options.device)):
            if stop.is_set():
                raise Stopped("prediction was asked to stop; nothing was written")
            for number, predicted in batch:
                if predicted is None:
                    _report(events, samples[number].path)
                    continue
                if files:
                    paths[number] = files.write(samples[number].id, predicted.masks or ())
                found[number] = replace(predicted, masks=None)
            done += len(batch)
            events.progress(done, len(samples), since=began)
    flat = [path for some in paths for path in some] if masks else None
    table.write(out, [sample.id for sample in samples], found, checkpoint.classes, flat)


def options(of: type[Options], config: Mapping[str, Any]) -> Options:
    """The options of prediction among those of a run. Raises ConfigError."""
    try:
        return of.model_validate({name: config[name] for name in OPTIONS if name in config})
    except ValueError as error:
        raise ConfigError(f"options of prediction: {error}") from error


def _report(events: EventWriter, path: str) -> None:
    finding = Finding("warning", "unreadable_image", path, "a readable image", "none", "its row stays empty")
    events.write("finding", **asdict(finding))
