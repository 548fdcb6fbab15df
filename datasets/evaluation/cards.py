"""What stands on a metric card beside the figures, as plain JSON values."""

import importlib.metadata
import math


def agrees_with(*packages: str) -> str:
    """Libraries that tests hold the figures against, with the versions that are installed."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)


def plain(value: float) -> float | None:
    """The number as JSON knows it: None for NaN."""
    return None if math.isnan(value) else value
