"""The manifest of a run of instance segmentation: objects with masks. Imports no torch."""

from pathlib import Path

from pipelines.objects import data


def for_training(path: Path) -> data.Manifest:
    """Read and check that there are masks to learn from and to validate on. Raises DataError."""
    return data.for_training(path, masks=True)
