"""Weights files and checkpoints of any family of detectors."""

from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from datasets.records import Finding
from pipelines import weights as store
from pipelines.detection.config import Config
from pipelines.errors import CheckpointError, WeightsMissing
from pipelines.events import EventWriter

READERS = {".pt": "yolo", ".safetensors": "faster_rcnn", ".pth": "faster_rcnn"}


def adopt(weights: Path, checkpoint: Path) -> Mapping[str, Any]:
    """Make a checkpoint folder from a weights file trained elsewhere: Ultralytics' `.pt`, or ours and torchvision's.

    A foreign `.pt` is a pickle, and unpickling can run code. It is read with Ultralytics' allow-list of model classes,
    which refuses anything else; still, call this for files that a person chose by hand and trusts, never on its own.
    Returns `classes`, `sha256`, `family`, `model`. Raises CheckpointError when it is no detector.
    """
    if not weights.is_file():
        raise CheckpointError(f"expected a weights file, found nothing at {weights}; check the path")
    if weights.suffix.lower() not in READERS:
        known = ", ".join(READERS)
        raise CheckpointError(f"{weights}: expected a weights file of a detector ({known}), found {weights.suffix!r}")
    family = import_module(f"pipelines.detection.{READERS[weights.suffix.lower()]}.model")
    made: Mapping[str, Any] = family.adopt(weights, checkpoint)
    return made


def starting_weights(config: Config, events: EventWriter) -> Path | None:
    """The file that learning starts from; None for from scratch. Raises WeightsMissing; fetches only when allowed."""
    if config.weights == "none":
        return None
    name = config.model if config.weights in ("auto", "pretrained") else config.weights
    try:
        return store.find(name)
    except WeightsMissing as missing:
        if config.allow_download:
            return store.download(name, progress=lambda done, total: events.beat("progress", done=done, total=total))
        if config.weights != "auto":
            raise
        file, folder = store.file_of(name), store.folders()[0]
        finding = Finding(
            "warning", "from_scratch", str(folder), f"pretrained weights {file}", "none: learning starts from scratch",
            f"{missing}; a model that starts from scratch needs many more images and epochs",
        )  # fmt: skip
        events.write("finding", **asdict(finding))
        return None
