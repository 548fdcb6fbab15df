"""Objects by masks: an image file for each object (DSB2018, BUSI), or one whose values number them (Penn-Fudan).

Masks cover exactly the pixels of their files. Numbered masks look like those of classes, so they are read as objects
only when this format is chosen by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files, opened
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.masks import layout as mask_layout
from datasets.exchange.formats.masks.object_layout import OBJECT, Item, Objects, objects_of
from datasets.exchange.formats.masks.pairing import pairs
from datasets.exchange.formats.masks.scan import TRANSPARENT, pixels_of
from datasets.images import outlines, pixels
from datasets.images.probe import BROKEN
from datasets.kinds import DETECTIONS, Kind
from datasets.records import Finding, ImageRecord, Label, Outline, Progress, first_paths, no_progress
from datasets.speed.workers import in_order

NAME = "object_masks"
TITLE = "Images with a mask for each object"
ACCEPTS: tuple[Kind | None, ...] = ()
_SCORE = 0.9


def sniff(path: Path) -> Sniff:
    """Images with several masks each, by the names of files and folders."""
    found = objects_of(path)
    return Sniff(_SCORE, found.why) if found else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """Every image with the outline of each object; every mask is read once.

    Raises FormatError when there are no masks.
    """
    findings = Findings()
    found = objects_of(path)
    numbered = None if found else _numbered(path, bounds or Bounds.of(path), findings)
    found = found or numbered
    if found is None:
        raise FormatError(f"{path}: expected images with a mask for each object, found none")
    seen = _Seen()
    records = []
    for record in in_order(lambda item: _record(item, seen, one_each=numbered is None), found.items):
        records.append(record)
        progress(len(records), len(found.items))
    for mask in (*(mask for item in found.items for mask, _ in item.masks), *found.lost):
        opened.note(mask)
    seen.tell(found, path, findings)
    classes = tuple(sorted({label.label for record in records for label in record.objects}))
    if classes == (OBJECT,):
        findings.note("made_up_names", path, "names of the classes", "none", f"all of them are called {OBJECT}")
    return Source(tuple(records), classes, DETECTIONS, findings.all())


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: masks of objects are written as COCO."""
    raise FormatError(f"{TITLE} is only read; export in another format")


def _numbered(path: Path, bounds: Bounds, findings: Findings) -> Objects | None:
    """Images with one mask each, whose values number the objects."""
    layout = mask_layout.layout_of(path, bounds)
    if layout is None:
        return None
    found = pairs(layout, findings)
    items = [Item(one.image, ((one.mask, OBJECT),) if one.mask else (), one.split) for one in found if one.image]
    lost = tuple(one.mask for one in found if one.mask and one.image is None)
    return Objects(tuple(items), layout.why, lost) if any(item.masks for item in items) else None


@dataclass
class _Seen:
    """Masks of which something is told: those that can't be read, hold nothing, or have soft edges; bare images."""

    broken: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    soft: list[str] = field(default_factory=list)

    def tell(self, found: Objects, path: Path, findings: Findings) -> None:
        """One finding of each kind."""
        bare = [str(item.image) for item in found.items if not item.masks]
        for paths, code, expected, what, action in (
            (sorted(self.broken), "broken_mask", "masks that can be read", next(iter(self.broken.values()), ""),
             "imported without them"),
            (sorted(self.empty), "empty_mask", "masks with a pixel inside", "none", "they are left out"),
            (sorted(self.soft), "soft_masks", "masks of two values", "more grey values: soft edges, or JPEG",
             "a pixel counts as inside from half of the largest value"),
            (list(map(str, found.lost)), "missing_image", "an image for each mask", "none", "they are left out"),
            (bare, "missing_mask", "masks for each image", "none", "imported without objects"),
        ):  # fmt: skip
            if paths:
                said = f"{what} for {len(paths):,}"
                shown = first_paths(paths)
                findings.warn(code, paths[0] if len(paths) == 1 else path, expected, said, action, count=len(paths),
                              paths=shown)  # fmt: skip


def _record(item: Item, seen: _Seen, *, one_each: bool) -> ImageRecord:
    labels: list[Label] = []
    sizes: list[tuple[int, int]] = []
    for mask, label in item.masks:
        try:
            values = _values(mask)
        except BROKEN as wrong:
            seen.broken[str(mask)] = str(wrong) or type(wrong).__name__
            continue
        size = values.shape[1], values.shape[0]
        sizes.append(size)
        found = list(_objects(values, label, size) if not one_each else _whole(mask, values, label, size, seen))
        if not found:
            seen.empty.append(str(mask))
        labels += found
    width, height = sizes[0] if sizes else (None, None)
    return ImageRecord(files.resolved(item.image), item.split, width, height, objects=tuple(labels))


def _values(path: Path) -> NDArray[np.int64]:
    """The values of a mask (h, w); of a coloured one 0 where it is black or transparent, else its colour."""
    with pixels.opened(path) as image, pixels.decoding(image.width * image.height):
        found = pixels_of(image)
    if found.dtype == np.uint32:
        return np.where(found & TRANSPARENT, 0, found).astype(np.int64)
    return found.astype(np.int64)


def _objects(values: NDArray[np.int64], label: str, size: tuple[int, int]) -> Iterator[Label]:
    """An object for each value but 0."""
    for value in np.unique(values).tolist():
        if value:
            yield from _label((values == value).astype(np.uint8), label, size)


def _whole(mask: Path, values: NDArray[np.int64], label: str, size: tuple[int, int], seen: _Seen) -> Iterator[Label]:
    """The one object of a mask."""
    inside = values != 0
    if values.max(initial=0) < 256 and len(np.unique(values)) > 2:
        seen.soft.append(str(mask))
        inside = values * 2 > values.max()
    yield from _label(inside.astype(np.uint8), label, size)


def _label(inside: NDArray[np.uint8], label: str, size: tuple[int, int]) -> Iterator[Label]:
    runs = outlines.runs_of(inside)
    found = outlines.bounds(runs, size)
    if found is not None:
        left, top, right, bottom = found
        box = left / size[0], top / size[1], (right - left) / size[0], (bottom - top) / size[1]
        yield Label(label, box, outline=Outline(size, runs=runs))
