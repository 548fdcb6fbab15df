"""Semantic masks: an image file per image whose pixels name classes, by index (grey or palette) or by colour.

Index masks are used in place; others become index masks when they are imported (`meaning`). Classes come from a
table (`classtable`) that is given, lies beside the images, or is known; else they are named by value. A value that the
table does not name is void: it counts as no class.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image

from datasets.errors import EvaluationError, FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files, opened, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.masks import classtable
from datasets.exchange.formats.masks import layout as mask_layout
from datasets.exchange.formats.masks.between import Reading
from datasets.exchange.formats.masks.classtable import VOID, ClassTable
from datasets.exchange.formats.masks.layout import Layout
from datasets.exchange.formats.masks.meaning import Meaning, decide
from datasets.exchange.formats.masks.pairing import SEVERAL, Pair, pairs
from datasets.exchange.formats.masks.scan import Scan, scan
from datasets.images import masks, pixels
from datasets.images.probe import BROKEN
from datasets.kinds import SEGMENTATION
from datasets.records import Finding, ImageRecord, Label, Progress, first_paths, no_progress
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
    findings = Findings()
    paired = any(pair.image and pair.mask for pair in pairs(layout, findings))
    if not paired and not bounds.named and not findings.counts[SEVERAL]:
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
    found = pairs(layout, findings)
    if not any(pair.mask for pair in found) and not findings.counts[SEVERAL]:
        if bounds.named:
            return Source((), (), SEGMENTATION, findings.all())
        raise FormatError(f"{path}: expected masks named like the images, found none; {layout.why}")
    scans: list[Scan] = []
    for one in in_order(lambda pair: scan(pair.mask) if pair.mask else Scan(), found):
        scans.append(one)
        progress(len(scans), len(found))
    file = None if classes else _file(path, layout)
    table = classes or (classtable.read(file) if file else None)
    meaning = decide(Reading(path, layout, findings, progress), table, scans)
    remarks = _Remarks(findings)
    for pair in found:
        if pair.mask:
            opened.note(pair.mask)
    records = tuple(
        record
        for pair, one in zip(found, scans, strict=True)
        if (record := _record(pair, one, meaning, remarks)) is not None
    )
    remarks.tell()
    targets = meaning.table.targets
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
                seen |= {VOID} if VOID not in seen and _holds_void(target) else set()
            else:
                seen |= _save(record, record.segmentation, target, findings)
        progress(done + 1, len(draft.records))
    void = {VOID: "void"} if VOID in seen else {}
    names = {**void, **(draft.targets or {value: f"class_{value}" for value in seen - {VOID}})}
    files.write_json(folder / "classes.json", {str(value): names[value] for value in sorted(names)})
    return findings.all()


def _holds_void(path: Path) -> bool:
    with pixels.opened(path) as image, pixels.decoding(image.width * image.height):
        return image.getextrema()[1] == VOID


def _is_index_png(path: str | None) -> bool:
    """Whether a file is what would be written: it can be copied as it is."""
    try:
        with pixels.opened(path or "") as image:
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


def _record(pair: Pair, found: Scan, meaning: Meaning, remarks: "_Remarks") -> ImageRecord | None:
    """One image with its mask; None for a mask without image."""
    if pair.image is None:
        remarks.findings.warn("missing_image", str(pair.mask), "an image of this name", "none", "it is left out")
        return None
    record = ImageRecord(files.resolved(pair.image), pair.split)
    if pair.mask is None:
        remarks.unmasked.append(pair.image)
        return record
    if found.error:
        remarks.findings.warn("broken_mask", pair.mask, "a mask that can be read", found.error, "imported without it")
        return record
    values, strange = meaning.stored(found)
    targets = meaning.table.targets
    present = tuple(name for value, name in targets.items() if value in values)
    if strange:
        remarks.strange[pair.mask] = [_said(one, coloured=found.made in meaning.by_colour) for one in strange]
    if not present:
        remarks.empty.append(pair.mask)
    label = Label("", mask_path=str(pair.mask.resolve()))
    width, height = found.size
    recode = meaning.recode(found)
    return replace(record, width=width, height=height, segmentation=label, present=present, recode=recode)


def _said(key: int, *, coloured: bool) -> str:
    return f"#{key & 0xFFFFFF:06x}" if coloured else str(key)


@dataclass
class _Remarks:
    """What is told once for all files: masks with values or colours that no table names, by mask; and others."""

    findings: Findings
    strange: dict[Path, list[str]] = field(default_factory=dict)
    unmasked: list[Path] = field(default_factory=list)
    empty: list[Path] = field(default_factory=list)

    def tell(self) -> None:
        """One finding for each kind."""
        what = "colours" if any(one.startswith("#") for found in self.strange.values() for one in found) else "values"
        for masks_, code, expected, found, action in (
            (list(self.strange), "unknown_value", f"{what} that the class table names",
             _listed(self.strange.values()), "these pixels are void"),
            (self.unmasked, "missing_mask", "a mask of this name", "none", "imported without a mask"),
            (self.empty, "no_class", "masks that hold a class", "void alone", "imported, but of no use"),
        ):  # fmt: skip
            if masks_:
                more = f" in {len(masks_):,} files" if len(masks_) > 1 else ""
                paths = first_paths(masks_)
                self.findings.warn(code, masks_[0], expected, found + more, action, count=len(masks_), paths=paths)


def _listed(strange: Iterable[Sequence[str]]) -> str:
    every = list(dict.fromkeys(one for found in strange for one in found))
    more = f" and {len(every) - 8} more" if len(every) > 8 else ""
    return ", ".join(every[:8]) + more


def _file(path: Path, layout: Layout) -> Path | None:
    if layout.config:
        return layout.config
    folders = [path, *(one.images.parent for one in layout.folders), *(one.masks for one in layout.folders)]
    folders += tree.listing(path).folders if layout.folders[0].masks == path else ()
    return next((file for folder in dict.fromkeys(folders) if (file := classtable.find(folder))), None)
