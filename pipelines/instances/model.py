"""Weights files and checkpoints of any family of models that draw masks of objects."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pipelines.errors import CheckpointError

READERS = {".pt": "yolo", ".safetensors": "mask_rcnn", ".pth": "mask_rcnn"}


def adopt(weights: Path, checkpoint: Path) -> Mapping[str, Any]:
    """Make a checkpoint folder from weights trained elsewhere: Ultralytics' `-seg.pt`, or ours and torchvision's.

    It is read as plain data (`pipelines/foreign/`): nothing in it is run.
    Returns `classes`, `sha256`, `family`, `model`. Raises CheckpointError when it is no such model.
    """
    if not weights.is_file():
        raise CheckpointError(f"expected a weights file, found nothing at {weights}; check the path")
    if weights.suffix.lower() not in READERS:
        known = ", ".join(READERS)
        raise CheckpointError(f"{weights}: expected weights that draw masks ({known}), found {weights.suffix!r}")
    family = import_module(f"pipelines.instances.{READERS[weights.suffix.lower()]}.model")
    made: Mapping[str, Any] = family.adopt(weights, checkpoint)
    return made
