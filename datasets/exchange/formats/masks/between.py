"""Values and colours that only lie between those of classes: soft edges, the noise of JPEG; and what is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.masks import naming
from datasets.exchange.formats.masks.classtable import VOID, ClassTable
from datasets.exchange.formats.masks.layout import Layout
from datasets.exchange.formats.masks.levels import NEAR, Levels, levels
from datasets.exchange.formats.masks.scan import Scan, distances
from datasets.records import Progress, first_paths, no_progress

_RANGES = "give a class table with ranges, a line each, such as '0-99 background' and '100-255 foreground'"


@dataclass(frozen=True)
class Reading:
    """A source of masks while its meaning is looked for: where it lies, how, and who is told."""

    path: Path
    layout: Layout
    findings: Findings
    progress: Progress = no_progress


def between(
    reading: Reading, keys: Sequence[int], given: ClassTable | None, scans: Sequence[Scan], *, by_colour: bool = False
) -> Levels | None:
    """Which values or colours fill areas, where some may not; None where all are plainly classes.

    Raises FormatError for masks in which nothing fills areas.
    """
    known = {*given.colours} if given and by_colour else given.known if given else set()
    strange = [key for key in keys if key not in known]
    crowded = any(one.many for one in scans)
    if not crowded and not _suspicious(keys, strange, given, scans, by_colour):
        return None
    lossy = any(one.lossy for one in scans)
    found = levels([one.path for one in scans if one.path], by_colour=by_colour, lossy=lossy, progress=reading.progress)
    most = max(scans, key=lambda one: one.many or len(one.values) + len(one.colours))
    count = max(len(keys), most.many)
    what = "colours" if by_colour else "grey values"
    if found.solid:
        return found
    if not found.keys:
        raise FormatError(
            f"{reading.path}: expected masks whose pixels name classes, found {count:,} {what} of which none fills an "
            f"area, as in a photo or a map of depth, the most in {most.path}; to import the images alone choose the "
            f"format images, or {_RANGES}"
        )
    if given is not None:
        wanted = [key for key in known if not by_colour or key in given.colours]
        if all(any(_far(key, one, by_colour) <= NEAR for one in wanted) for key in found.keys):
            found = replace(found, keys=tuple(sorted(_used(found.keys, wanted, by_colour))))
        elif by_colour:
            return None  # colours that the table does not name
    why = f"{_lossy_kind(scans)}, which is lossy" if lossy else "soft edges"
    said = f"{count:,} {what}, of which {len(found.keys)} fill areas: {why}"
    _tell_soft(reading, said, found, scans, by_colour=by_colour)
    return found


def _lossy_kind(scans: Sequence[Scan]) -> str:
    webp = any(one.lossy and one.path and one.path.suffix.lower() == ".webp" for one in scans)
    return "WebP" if webp else "JPEG"


def _suspicious(
    keys: Sequence[int], strange: Sequence[int], given: ClassTable | None, scans: Sequence[Scan], by_colour: bool
) -> bool:
    if by_colour:
        return len(strange) >= 12 or (bool(strange) and any(one.lossy for one in scans))
    if any(one.lossy for one in scans):
        return len(keys) > 2 and bool(strange)
    indexes = naming.small(keys) and max(key for key in keys if key != VOID) < 128
    return len(strange) >= 4 and (given is not None or not indexes)


def _used(keys: Sequence[int], wanted: Sequence[int], by_colour: bool) -> set[int]:
    """The values or colours of a table that answer to those that fill areas."""
    return {min(wanted, key=lambda one: _far(key, one, by_colour)) for key in keys}


def _far(one: int, other: int, by_colour: bool) -> int:
    return int(distances(np.array([one]), other)[0]) if by_colour else abs(one - other)


def _tell_soft(reading: Reading, said: str, found: Levels, scans: Sequence[Scan], *, by_colour: bool) -> None:
    names = [f"#{key & 0xFFFFFF:06x}" if by_colour else str(key) for key in found.keys]
    listed = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
    action = f"each pixel counts as the nearest of {listed}"
    if found.within == NEAR:
        action += ", and as void where it is near none"
    elif not by_colour:
        action += f", with the threshold {(found.keys[0] + found.keys[1] + 1) // 2}; for another {_RANGES}"
    soft = [str(one.path) for one in scans if one.many or len(one.values) + len(one.colours) > len(found.keys)]
    expected = "masks with a value for each class, saved without loss as PNG"
    reading.findings.warn(
        "soft_masks", reading.path, expected, said, action, count=max(1, len(soft)), paths=first_paths(soft)
    )
