"""Any checkpoint on any manifest: one row of predictions per sample."""

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from datasets.errors import ClassMismatch
from datasets.records import Finding
from pipelines import checkpoints, devices
from pipelines.detection import results
from pipelines.detection.config import Config
from pipelines.detection.data import images
from pipelines.errors import ConfigError, Stopped
from pipelines.events import EventWriter
from pipelines.memory import guard

OPTIONS = ("confidence", "nms_iou", "max_detections", "predict_batch", "workers", "device")


def predict(  # noqa: PLR0917 - the contract of every task
    checkpoint: Path,
    manifest: Path,
    out: Path,
    config: Mapping[str, Any],
    events: EventWriter,
    stop: threading.Event,
) -> None:
    """Write the predictions of a checkpoint folder for every sample of a manifest to `out`.

    Of `config` only the options in OPTIONS matter. A sample whose image cannot be read gets an empty row and a finding.
    Raises CheckpointError, ClassMismatch (no class name in common), OutOfMemory, Stopped.
    """
    found = checkpoints.load(checkpoint)
    options = _options(config)
    table = images(manifest)
    if table.classes and not set(table.classes) & set(found.classes):
        raise ClassMismatch(found.classes, table.classes)
    batches = import_module(f"pipelines.detection.{found.family}.predict").predict
    boxes = [results.Boxes.none() for _ in table.samples]
    began, done = time.monotonic(), 0
    with guard("predict_batch"):
        for batch in batches(found, table.samples, options, devices.choose(options.device)):
            if stop.is_set():
                raise Stopped("prediction was asked to stop; nothing was written")
            for number, predicted in batch:
                if predicted is None:
                    _report(events, table.samples[number].path)
                else:
                    boxes[number] = predicted
            done += len(batch)
            events.progress(done, len(table.samples), since=began)
    results.write(out, [sample.id for sample in table.samples], boxes, found.classes)


def _options(config: Mapping[str, Any]) -> Config:
    try:
        return Config.model_validate({name: config[name] for name in OPTIONS if name in config})
    except ValueError as error:
        raise ConfigError(f"options of prediction: {error}") from error


def _report(events: EventWriter, path: str) -> None:
    finding = Finding("warning", "unreadable_image", path, "a readable image", "none", "its row stays empty")
    events.write("finding", **asdict(finding))
