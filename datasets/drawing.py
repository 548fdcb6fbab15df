"""Masks of a source as files of the workspace: outlines are drawn, coloured and turned masks become class indexes."""

from dataclasses import dataclass, replace

import numpy as np

from datasets import masks, outlines
from datasets.records import Finding, ImageRecord, Label
from datasets.workspace import Workspace


@dataclass(frozen=True)
class Drawn:
    """A record whose masks lie in files, and what was wrong with those that do not."""

    record: ImageRecord
    findings: tuple[Finding, ...] = ()


def draw(record: ImageRecord, workspace: Workspace) -> Drawn:
    """Write the masks of a record that fits its image (`fitting.fit`); a mask that lies on disk as it should stays."""
    if not any(label.outline for label in record.objects):
        return Drawn(record)
    findings: list[Finding] = []
    objects = tuple(
        _object(label, number, record, workspace, findings) for number, label in enumerate(record.objects, 1)
    )
    return Drawn(replace(record, objects=objects), tuple(findings))


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
