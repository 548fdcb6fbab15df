"""Weights files and checkpoints of any family of classifiers."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pipelines.errors import CheckpointError

SUFFIXES = (".safetensors", ".pth", ".bin", ".pt")


def adopt(weights: Path, checkpoint: Path) -> Mapping[str, Any]:
    """Make a checkpoint folder from a weights file trained elsewhere: Ultralytics' `.pt`, timm's or one of ours.

    A foreign file is a pickle, and unpickling can run code. It is read with an allow-list of classes, which refuses
    anything else; still, call this for files that a person chose by hand and trusts, never on its own.
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
    from pipelines.classification.network.files import read_state

    try:
        read_state(weights)
    except CheckpointError:
        return False
    return True
