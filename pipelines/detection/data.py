"""The manifest of a detection run: objects with boxes. Imports no torch."""

from pathlib import Path

from pipelines.objects import data


def for_training(path: Path) -> data.Manifest:
    """Read and check that there is something to learn from and to validate on. Raises DataError."""
    return data.for_training(path)
