"""Semantic masks: an image file per image whose pixels name classes, by index (grey or palette) or by colour.

Index masks are used in place; colour masks become index masks when they are imported. Classes come from a
table (`classtable`) that is given, lies beside the images, or is known; else they are named by value. A value that the
table does not name is void: it counts as no class.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from datasets.errors import EvaluationError, FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.masks import classtable
from datasets.exchange.formats.masks import layout as mask_layout
from datasets.exchange.formats.masks.classtable import VOID, ClassTable
from datasets.exchange.formats.masks.known_classes import CAMVID, CITYSCAPES, CITYSCAPES_TRAIN, PASCAL_VOC
from datasets.exchange.formats.masks.layout import Layout, Pair
from datasets.exchange.formats.masks.scan import Scan, scan
from datasets.images import masks
from datasets.images.pixels import opened
from datasets.images.probe import BROKEN
from datasets.kinds import SEGMENTATION
from datasets.records import Finding, ImageRecord, Label, Progress, Recode, no_progress
from datasets.speed.workers import in_order

NAME = "mask_folders"
TITLE = "Images and masks (semantic)"
ACCEPTS = (SEGMENTATION,)
SCORE = 0.88


def sniff(path: Path) -> Sniff:
    """Folders of images and masks that belong together."""
    bounds = Bounds.of(path)
    layout = mask_layout.layout_of(path, bounds)
    if layout is None:
        return Sniff(0.0)
    paired = any(pair.image and pair.mask for pair in mask_layout.pairs(layout, Findings()))
    if not paired and not bounds.named:
        return Sniff(0.0)
    return Sniff(SCORE, layout.why)


def read(
    path: Path, progress: Progress = no_progress, bounds: Bounds | None = None, classes: ClassTable | None = None
) -> Source:
    """Every image with its mask; every mask is read once, to know which classes it holds.

    `classes` takes precedence over any table that is found. Raises FormatError when there are no masks, or too many
    colours.
    """
    bounds = bounds or Bounds.of(path)
    layout = mask_layout.layout_of(path, bounds)
    if layout is None:
        raise FormatError(f"{path}: expected folders of images and of masks, found none that belong together")
    findings = Findings()
    found = mask_layout.pairs(layout, findings)
    if not any(pair.mask for pair in found):
        if bounds.named:
            return Source((), (), SEGMENTATION, findings.all())
        raise FormatError(f"{path}: expected masks named like the images, found none; {layout.why}")
    scans: list[Scan] = []
    for one in in_order(lambda pair: scan(pair.mask) if pair.mask else Scan(), found):
        scans.append(one)
        progress(len(scans), len(found))
    table = _table(path, classes, layout, scans, findings)
    reader = _Reader(table, findings)
    records = tuple(record for pair, one in zip(found, scans, strict=True) if (record := reader.record(pair, one)))
    targets = table.targets
    return Source(records, tuple(targets.values()), SEGMENTATION, findings.all(), targets)


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """`images/<split>`, `masks/<split>` as grey PNG of class indexes, and `classes.json` with the names by value."""
    if draft.media == "none":
        raise FormatError("masks are found by the names of the images: expected media 'link' or 'copy', found 'none'")
    findings = Findings()
    seen: set[int] = set()
    for inner in ("images", "masks"):
        (folder / inner).mkdir()
    for done, (record, name) in enumerate(zip(draft.records, files.file_names(draft.records), strict=True)):
        files.place(record.path, folder / "images" / (record.split or "") / name, draft.media)
        if record.segmentation is not None:
            target = (folder / "masks" / (record.split or "") / name).with_suffix(".png")
            target.parent.mkdir(parents=True, exist_ok=True)
            if draft.targets and _is_index_png(record.segmentation.mask_path):
                shutil.copyfile(str(record.segmentation.mask_path), target)
            else:
                seen |= _save(record, record.segmentation, target, findings)
        progress(done + 1, len(draft.records))
    names = draft.targets or {value: f"class_{value}" for value in seen - {VOID}}
    files.write_json(folder / "classes.json", {str(value): names[value] for value in sorted(names)})
    return findings.all()


def _is_index_png(path: str | None) -> bool:
    """Whether a file is what would be written: it can be copied as it is."""
    try:
        with opened(path or "") as image:
            return image.format == "PNG" and image.mode == "L"
    except BROKEN:
        return False


def _save(record: ImageRecord, label: Label, target: Path, findings: Findings) -> set[int]:
    """Write one mask. Returns the values in it; none, with a finding, when it cannot be written."""
    document = {"mask_path": label.mask_path, "mask": label.mask}
    try:
        mask = masks.read(document)
    except EvaluationError as wrong:
        findings.warn("broken_mask", record.path, "a mask that can be read", str(wrong), "written without a mask")
        return set()
    if mask.min(initial=0) < 0 or mask.max(initial=0) > 255:
        found = f"some up to {mask.max()}"
        findings.warn("unknown_value", record.path, "values from 0 to 255", found, "written without a mask")
        return set()
    Image.fromarray(mask.astype(np.uint8)).save(target)
    return {int(value) for value in np.flatnonzero(np.bincount(mask.ravel(), minlength=VOID + 1))}


@dataclass(frozen=True)
class _Reader:
    """Makes records; `table` names the values."""

    table: ClassTable
    findings: Findings

    def record(self, pair: Pair, found: Scan) -> ImageRecord | None:
        """One image with its mask; None for a mask without image."""
        if pair.image is None:
            self.findings.warn("missing_image", str(pair.mask), "an image of this name", "none", "it is left out")
            return None
        record = ImageRecord(files.resolved(pair.image), pair.split)
        if pair.mask is None:
            self.findings.warn("missing_mask", pair.image, "a mask of this name", "none", "imported without a mask")
            return record
        if found.error:
            self.findings.warn("broken_mask", pair.mask, "a mask that can be read", found.error, "imported without it")
            return record
        values = self._values(pair.mask, found)
        present = tuple(name for value, name in self.table.targets.items() if value in values)
        recode = None if found.plain else Recode(dict(self.table.colours) if found.colours else {}, VOID)
        label = Label("", mask_path=str(pair.mask.resolve()))
        width, height = found.size
        return replace(record, width=width, height=height, segmentation=label, present=present, recode=recode)

    def _values(self, path: Path, found: Scan) -> set[int]:
        """Values in a mask, after its colours are mapped to values; unknown ones are a finding."""
        if found.colours:
            strange = [f"#{one:06x}" for one in found.colours if one not in self.table.colours]
            values = {self.table.colours[one] for one in found.colours if one in self.table.colours}
        else:
            strange = [str(one) for one in found.values if one not in self.table.known]
            values = set(found.values)
        if strange:
            more = f" and {len(strange) - 8} more" if len(strange) > 8 else ""
            what = "colours" if found.colours else "values"
            expected = f"{what} that the class table names"
            self.findings.warn("unknown_value", path, expected, ", ".join(strange[:8]) + more, "these pixels are void")
        return values


def _table(
    path: Path, given: ClassTable | None, layout: Layout, scans: Sequence[Scan], findings: Findings
) -> ClassTable:
    file = None if given else _file(path, layout)
    table = given or (classtable.read(file) if file else None)
    colours = sorted({colour for one in scans for colour in one.colours})
    if table is None and not colours:
        table, told = _known(layout, scans)
        findings.note("class_names", path, "a table of classes, as classes.json", "none", f"classes have {told}")
        return table
    if table is None or (colours and not table.colours):
        return _by_colour(path, table, colours, findings)
    palette = next((one.palette for one in scans if one.palette), ())
    return _by_palette(table, palette) if table.colours and palette and not table.numbered else table


def _file(path: Path, layout: Layout) -> Path | None:
    if layout.config:
        return layout.config
    folders = [path, *(one.images.parent for one in layout.folders), *(one.masks for one in layout.folders)]
    return next((file for folder in dict.fromkeys(folders) if (file := classtable.find(folder))), None)


def _known(layout: Layout, scans: Sequence[Scan]) -> tuple[ClassTable, str]:
    """Names of values that no table names, and their origin in words."""
    values = sorted({value for one in scans for value in one.values})
    endings = {one.path.stem.lower().rsplit("_", 1)[-1] for one in scans if one.path}
    inside = [value for value in values if value != VOID]
    if endings == {"labelids"}:
        return ClassTable(CITYSCAPES, ignored=frozenset(range(34)) - CITYSCAPES.keys()), "the names of Cityscapes"
    if endings == {"labeltrainids"}:
        return ClassTable(CITYSCAPES_TRAIN), "the names of Cityscapes"
    if layout.partial and max(inside, default=0) < len(PASCAL_VOC):
        return ClassTable(PASCAL_VOC), "the names of Pascal VOC"
    if layout.folders[0].masks.name.endswith("annot") and inside == list(range(12)):
        return ClassTable(CAMVID, ignored=frozenset({11})), "the names of CamVid in SegNet's order, 11 is void"
    if values in ([0, 255], [0, 1]):
        return ClassTable({values[0]: "background", values[1]: "foreground"}), "the names background and foreground"
    return ClassTable({value: f"class_{value}" for value in inside if value < VOID}), "their values as names"


def _by_colour(path: Path, table: ClassTable | None, colours: Sequence[int], findings: Findings) -> ClassTable:
    """Values for colours that no table names: their order; names from a table without colours when they are as many."""
    if len(colours) >= VOID:
        raise FormatError(
            f"{path}: expected masks with a colour per class, found {len(colours):,} colours and no table that names "
            "them; give a class table, and save masks without loss"
        )
    if table is not None:
        raise FormatError(
            f"{path}: expected a class table with colours, since the masks hold {len(colours)} colours, found one "
            "without; add red, green and blue to each class"
        )
    found = f"{len(colours)} colours and no table"
    findings.note("class_names", path, "a table of classes with colours", found, "classes are named by colour")
    return ClassTable(
        {value: f"#{colour:06x}" for value, colour in enumerate(colours)},
        {colour: value for value, colour in enumerate(colours)},
    )


def _by_palette(table: ClassTable, palette: Sequence[int]) -> ClassTable:
    """A table by colour for masks with a palette: the value of a class is where the palette holds its colour."""
    place: dict[int, int] = {}
    for value, colour in enumerate(palette):
        place.setdefault(colour, value)
    if not table.colours.keys() <= place.keys():
        return table
    moved: Mapping[int, int] = {value: place[colour] for colour, value in table.colours.items()}
    return ClassTable(
        {moved[value]: name for value, name in table.names.items() if value in moved},
        {colour: moved[value] for colour, value in table.colours.items()},
        frozenset(moved[value] for value in table.ignored if value in moved),
    )
