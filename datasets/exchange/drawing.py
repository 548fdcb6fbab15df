"""Masks of a source as files of the workspace: outlines are drawn, coloured and rotated masks become class indexes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from datasets.exchange.formats.masks.scan import indexes
from datasets.images import masks, outlines
from datasets.images.probe import BROKEN
from datasets.records import Finding, ImageRecord, Label, Recode
from datasets.workspace import Workspace


@dataclass(frozen=True)
class Drawn:
    """A record whose masks are files, and findings about those that could not be drawn."""

    record: ImageRecord
    findings: tuple[Finding, ...] = ()


def needs_drawing(record: ImageRecord) -> bool:
    """Whether a record has masks that must still be drawn or recoded."""
    several = (record.objects, *record.others.values())
    return record.recode is not None or any(label.outline is not None for found in several for label in found)


def draw(record: ImageRecord, workspace: Workspace) -> Drawn:
    """Write the masks of a record that fits its image (`fitting.fit`); a mask file that is usable as it is stays."""
    if record.segmentation is not None and record.recode is not None:
        return _recoded(record, record.segmentation, record.recode, workspace)
    if not needs_drawing(record):
        return Drawn(record)
    findings: list[Finding] = []

    def finished(found: Sequence[Label]) -> tuple[Label, ...]:
        return tuple(_object(label, number, record, workspace, findings) for number, label in enumerate(found, 1))

    others = {key: finished(found) for key, found in record.others.items()}
    return Drawn(replace(record, objects=finished(record.objects), others=others), tuple(findings))


def _recoded(record: ImageRecord, label: Label, recode: Recode, workspace: Workspace) -> Drawn:
    path = Path(label.mask_path or "")
    try:
        mask = indexes(path, recode)
    except BROKEN as wrong:
        found = Finding(
            "warning", "broken_mask", str(path), "a mask that can be read", str(wrong), "imported without it"
        )
        return Drawn(replace(record, segmentation=None, present=(), recode=None), (found,))
    written = masks.write(outlines.turned(mask, recode.orientation), workspace)
    return Drawn(replace(record, segmentation=replace(label, mask_path=written), recode=None))


def _object(label: Label, number: int, record: ImageRecord, workspace: Workspace, findings: list[Finding]) -> Label:
    if label.outline is None or label.box is None:
        return label
    size = record.width or 1, record.height or 1
    found = outlines.cropped(outlines.drawn(label.outline, size), size, label.box)
    if found is None:
        where = f"{record.path}: object {number} ({label.label})"
        findings.append(
            Finding("warning", "empty_mask", where, "an outline around a pixel", "none", "its box alone is kept")
        )
        return replace(label, outline=None)
    mask, box = found
    return replace(label, outline=None, box=box, mask_path=masks.write(mask * np.uint8(255), workspace))
