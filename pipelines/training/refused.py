"""Images that can be read, but that a network cannot take: left out, with the reason."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from datasets.images.probe import shown_size
from datasets.records import Finding, first_paths
from pipelines.errors import DataError
from pipelines.images import SizedImage
from pipelines.runs.events import EventWriter

S = TypeVar("S", bound=SizedImage)
Refuses = Callable[[int, int], str]  # why an image of this width and height cannot be taken; "" when it can


def taken(samples: Sequence[S], split: str, refuses: Refuses, events: EventWriter) -> list[S]:
    """The samples of a split that a network can take; a finding tells of the others. Raises DataError for none."""
    kept: list[S] = []
    left: dict[str, list[str]] = defaultdict(list)
    for sample in samples:
        size = (sample.width, sample.height) if sample.width and sample.height else shown_size(Path(sample.path))
        why = refuses(*size) if size else ""
        if why:
            left[why].append(sample.path)
        else:
            kept.append(sample)
    for why, paths in left.items():
        finding = Finding(
            "warning", "refused_image", paths[0], "images that the network can take", why,
            "left out of training; cut it into parts, or choose a larger image_size", len(paths), first_paths(paths),
        )  # fmt: skip
        events.write("finding", **asdict(finding))
    if samples and not kept:
        paths = next(iter(left.values()))
        raise DataError(
            f"expected images in the split {split!r} that the network can take, found {next(iter(left))} "
            f"({paths[0]}); cut the images into parts, or choose a larger image_size"
        )
    return kept
