"""Weights files and checkpoints of any family of classifiers."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pipelines.errors import CheckpointError

SUFFIXES = (".safetensors", ".pth", ".bin", ".pt")


def adopt(weights: Path, checkpoint: Path) -> Mapping[str, Any]:
    """Make a checkpoint folder from a weights file trained elsewhere: Ultralytics' `.pt`, timm's or one of ours.

    It is read as plain data (`pipelines/foreign/`): nothing in it is run.
    Returns `classes`, `sha256`, `family`, `model`. Raises CheckpointError when it is no classifier.
    """
    if not weights.is_file():
        raise CheckpointError(f"expected a weights file, found nothing at {weights}; check the path")
    if weights.suffix.lower() not in SUFFIXES:
        raise CheckpointError(
            f"{weights}: expected a weights file of a classifier ({', '.join(SUFFIXES)}), found {weights.suffix!r}"
        )
    family = "yolo" if weights.suffix.lower() == ".pt" and not _is_state_dict(weights) else "network"
    made: Mapping[str, Any] = import_module(f"pipelines.classification.{family}.model").adopt(weights, checkpoint)
    return made


def _is_state_dict(weights: Path) -> bool:
    """Whether a `.pt` holds tensors alone; Ultralytics' holds a whole model."""
    from pipelines.foreign import states

    try:
        states.read(weights)
    except CheckpointError:
        return False
    return True
