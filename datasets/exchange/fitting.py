"""Reconcile the labels of a source with its image files. Pure; nothing is read or written.

Images that cannot be read are left out; boxes are rotated by EXIF as the image is, clipped to it, or left out.
"""

import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.images.probe import Probe
from datasets.records import Finding, ImageRecord, Label, Recode

Box = tuple[float, float, float, float]
Points = tuple[tuple[tuple[float, float], ...], ...]

# Label files are often written with 6 digits: a box that exceeds the image by less is clipped without a finding.
SILENT = 5e-6
_CODES = {
    "missing": ("missing_image", "an image file", "it is left out"),
    "unreadable": ("unreadable_image", "an image that can be read", "it is left out"),
    "truncated": ("truncated_image", "a whole image file", "it is left out; copy or download it again"),
    "too_large": ("too_large_image", "an image of a size that is read", "it is left out"),
}


def fit(
    records: Sequence[ImageRecord], probes: Sequence[Probe]
) -> tuple[list[tuple[ImageRecord, Probe]], tuple[Finding, ...]]:
    """The records that can be imported, with their probes, and what was found wrong.

    Sizes become those of the image as shown; boxes lie inside [0, 1] and have a positive size.
    """
    findings = Findings()
    kept: list[tuple[ImageRecord, Probe]] = []
    seen: set[Path] = set()
    for record, probe in zip(records, probes, strict=True):
        if probe.error:
            code, expected, action = _CODES[probe.error]
            findings.warn(code, record.path, expected, probe.detail, action)
        elif record.path in seen:
            findings.warn("duplicate_image", record.path, "each image once", "it again", "the first entry is kept")
        else:
            seen.add(record.path)
            kept.append((_fitted(record, probe, findings), probe))
    return kept, findings.all()


def turned(box: Box, orientation: int) -> Box:
    """A relative box on the stored pixels to the same box on the image as shown (EXIF 2.32, tag Orientation)."""
    if orientation == 1:
        return box
    x, y, w, h = box
    right, below = 1 - x - w, 1 - y - h
    return {
        2: (right, y, w, h),
        3: (right, below, w, h),
        4: (x, below, w, h),
        5: (y, x, h, w),
        6: (below, x, h, w),
        7: (below, right, h, w),
        8: (y, right, h, w),
    }.get(orientation, box)


def _fitted(record: ImageRecord, probe: Probe, findings: Findings) -> ImageRecord:
    orientation = 1
    declared, shown = (record.width, record.height), (probe.width, probe.height)
    if None not in declared and declared != shown:
        if declared == probe.raw_size:
            orientation = probe.orientation
            what = "boxes" if record.segmentation is None else "a mask"
            found = f"{what} on the stored pixels, EXIF orientation {orientation}"
            findings.note("rotated_image", record.path, f"{what} on the image as shown", found, "turned with the image")
        elif record.segmentation is not None:
            expected, found = f"a mask of {shown[0]} x {shown[1]} pixels", f"{declared[0]} x {declared[1]}"
            findings.warn("mask_size", record.path, expected, found, "imported without a mask")
        else:
            expected = f"an image of {declared[0]} x {declared[1]} pixels, as declared"
            found = f"{shown[0]} x {shown[1]}"
            findings.warn("wrong_size", record.path, expected, found, "boxes were scaled with the image")
    record = _masked(record, orientation, None not in declared and declared != shown)
    objects = tuple(_placed(record, record.objects, orientation, findings)) if record.objects else ()
    unchanged = len(objects) == len(record.objects) and all(map(operator.is_, objects, record.objects))
    if unchanged and declared == shown and not record.others:
        return record
    others = {key: tuple(_placed(record, found, orientation, findings)) for key, found in record.others.items()}
    return replace(record, width=probe.width, height=probe.height, objects=objects, others=others)


def _masked(record: ImageRecord, orientation: int, differs: bool) -> ImageRecord:
    """A semantic mask, rotated as its image; one of another size is left out."""
    if record.segmentation is None or not differs:
        return record
    if orientation == 1:
        return replace(record, segmentation=None, present=(), recode=None)
    return replace(record, recode=replace(record.recode or Recode(), orientation=orientation))


def _placed(record: ImageRecord, labels: Sequence[Label], orientation: int, findings: Findings) -> Iterator[Label]:
    """Labels on the image as shown: points are turned with it, boxes clipped to it as well."""
    for number, label in enumerate(labels, 1):
        if label.box is not None and label.points is not None:
            yield _posed(label, number, record, orientation, findings)
            continue
        if label.box is None:
            yield label if orientation == 1 else replace(label, points=_turned(label.points, orientation))
            continue
        box = turned(label.box, orientation)
        if orientation == 1 and box[2] > 0 and box[3] > 0 and clipped(box)[1] == 0:
            yield label
            continue
        where = f"{record.path}: box {number} ({label.label})"
        if box[2] <= 0 or box[3] <= 0:
            findings.warn("zero_size_box", where, "a box of positive size", _said(box, record), "it is left out")
            continue
        inside, overstep = clipped(box)
        if inside[2] <= 0 or inside[3] <= 0:
            findings.warn("box_outside", where, "a box inside the image", _said(box, record), "it is left out")
            continue
        if overstep > SILENT:
            findings.warn("box_clipped", where, "a box inside the image", _said(box, record), "it was clipped")
        outline = replace(label.outline, orientation=orientation) if label.outline else None
        if inside == label.box and orientation == 1:
            yield label
        else:
            yield replace(label, box=inside, outline=outline)


def _turned(points: Points | None, orientation: int) -> Points | None:
    return points and tuple(
        tuple(turned((x, y, 0.0, 0.0), orientation)[:2] for x, y in part)  # a point is a box without a size
        for part in points
    )


def _posed(label: Label, number: int, record: ImageRecord, orientation: int, findings: Findings) -> Label:
    """A pose with its points turned as the image; they stay where they are. A box that has no size is left out."""
    points = _turned(label.points, orientation)
    inside = clipped(turned(label.box, orientation))[0] if label.box else None
    if inside and (inside[2] <= 0 or inside[3] <= 0):
        where = f"{record.path}: pose {number} ({label.label})"
        said = _said(label.box or inside, record)
        findings.warn("box_outside", where, "a box inside the image", said, "it has that around its points")
        inside = None
    return replace(label, points=points, box=inside)


def clipped(box: Box) -> tuple[Box, float]:
    """The part of a relative box inside the image, and by how much the box exceeded it. A box inside is not changed."""
    x, y, w, h = box
    overstep = max(-x, -y, x + w - 1, y + h - 1, 0.0)
    if overstep <= 1e-12:
        return box, 0.0
    left, top, right, bottom = max(x, 0.0), max(y, 0.0), min(x + w, 1.0), min(y + h, 1.0)
    return (left, top, right - left, bottom - top), overstep


def _said(box: Box, record: ImageRecord) -> str:
    if not record.width or not record.height:
        return "x {:.6g}, y {:.6g}, width {:.6g}, height {:.6g} (relative)".format(*box)
    w, h = record.width, record.height
    values = box[0] * w, box[1] * h, box[2] * w, box[3] * h
    return "x {:.6g}, y {:.6g}, width {:.6g}, height {:.6g} pixels in {} x {}".format(*values, w, h)
