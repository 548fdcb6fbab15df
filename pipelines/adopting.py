"""Weights files that were trained elsewhere become checkpoint folders. Imports no torch."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from pipelines.errors import CheckpointError
from pipelines.families import Family


def adopt(task: str, title: str, families: Sequence[Family], weights: Path, checkpoint: Path) -> Mapping[str, Any]:
    """Make a checkpoint folder from a weights file, by the family of the task that reads such files.

    It is read as plain data (`pipelines/foreign/`): nothing in it is run. Returns `classes`, `sha256`, `family`,
    `model`. Raises CheckpointError when it is no model of the task.
    """
    if not weights.is_file():
        raise CheckpointError(f"expected a weights file, found nothing at {weights}; check the path")
    suffix = weights.suffix.lower()
    reading = [family for family in families if suffix in family.suffixes]
    if not reading:
        known = ", ".join(dict.fromkeys(one for family in families for one in family.suffixes))
        raise CheckpointError(f"{weights}: expected a weights file for {title.lower()} ({known}), found {suffix!r}")
    family = reading[0]
    if len(reading) > 1:
        whole = not _holds_tensors_alone(weights)
        family = next(family for family in reading if family.pickled is whole)
    made: Mapping[str, Any] = import_module(f"{family.package}.model").adopt(weights, checkpoint, task, family)
    return made


def _holds_tensors_alone(weights: Path) -> bool:
    """Whether a file is a state dict; Ultralytics' `.pt` hold whole models."""
    from pipelines.foreign import states

    try:
        states.read(weights)
    except CheckpointError:
        return False
    return True
