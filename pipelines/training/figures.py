"""Checks of the figures of an epoch. Imports no torch."""

import math
from collections.abc import Iterator, Mapping

from datasets.records import Finding


def not_finite(figures: Mapping[str, float], epoch: int) -> Iterator[Finding]:
    """A finding when losses of an epoch are NaN or infinite: training goes on without learning anything."""
    names = [
        name for name, value in figures.items() if name.startswith(("train/", "val/")) and not math.isfinite(value)
    ]
    if names:
        yield Finding(
            "warning", "not_finite", f"epoch {epoch}", "losses that are numbers", f"none for {', '.join(names)}",
            "what was learned in this epoch is lost; lower the learning rate, or take precision=fp32",
        )  # fmt: skip
