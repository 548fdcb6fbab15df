"""Outlines of objects as files hold them, read and written: what cannot be drawn is a finding."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.errors import EvaluationError
from datasets.exchange.formats.base import Findings
from datasets.images import masks
from datasets.images.outlines import (
    Box,
    Points,
    Runs,
    bounds,
    check_runs,
    compressed,
    decompressed,
    is_plain,
    joined,
    placed,
    polygon_runs,
    rings,
    runs_of,
)
from datasets.records import Label, Outline

_CORNERS = 20_000
_FAR = 10  # image sizes: coordinates further away are invalid, and pycocotools walks along every pixel of an edge


def compact(found: object) -> object:
    """The same `segmentation` with its polygons as arrays of numbers, a quarter as large as lists, where they are."""
    return [_numbers(part) for part in found] if isinstance(found, list) else found


def coco_outline(found: object, size: tuple[int, int], where: str, findings: Findings) -> Outline | None:
    """The outline of a COCO annotation on an image of `size` as declared: polygons, or runs in either form."""
    if isinstance(found, Mapping):
        runs = _runs(found, size, where, findings)
        return None if runs is None else Outline(size, runs=runs)
    if not isinstance(found, list):
        findings.warn("bad_polygon", where, "a list of polygons, or runs", repr(found)[:60], "its box alone is read")
        return None
    parts = found if isinstance(found[0], list | array) else [found]
    polygons = [polygon(part, size, f"{where}, polygon {number}", findings) for number, part in enumerate(parts, 1)]
    kept = tuple(one for one in polygons if one is not None)
    return Outline(size, kept) if kept else None


def polygon(values: object, size: tuple[float, float], where: str, findings: Findings) -> Points | None:
    """`x, y, x, y, ...` on an image of `size` as points (n, 2); None, with a finding, when they cannot be drawn."""
    expected = "3 or more points as x, y"
    if not isinstance(values, list | array) or not values:
        findings.warn("empty_polygon", where, expected, "none", "it is left out")
        return None
    try:
        flat = np.array(values, np.float64)
    except (TypeError, ValueError, OverflowError):
        flat = np.empty(1)
    if flat.ndim != 1 or len(flat) % 2 or not np.isfinite(flat).all():
        shown = repr(values.tolist() if isinstance(values, array) else values)[:60]
        findings.warn("bad_polygon", where, expected, shown, "it is left out")
        return None
    if len(flat) < 6:
        findings.warn("bad_polygon", where, expected, f"{len(flat) // 2}", "it is left out")
        return None
    points = flat.reshape(-1, 2)
    if (abs(points / size) > _FAR).any():
        found = f"{points.min():g} to {points.max():g}"
        findings.warn("bad_polygon", where, "points near the image", found, "it is left out")
        return None
    from datasets.images.crossing import crosses_itself

    if len(points) <= _CORNERS and crosses_itself(points):  # takes time quadratic in their number
        action = "what it encloses twice counts as outside (even-odd rule)"
        findings.note("self_crossing", where, "a polygon whose edges do not cross", "some that do", action)
    return points


def box_of(outline: Outline) -> Box | None:
    """The bounding box of an outline, relative to its size; None when it encloses nothing."""
    width, height = outline.size
    if outline.runs is not None:
        found = bounds(outline.runs, (int(width), int(height)))
        if found is None:
            return None
        left, top, right, bottom = (float(value) for value in found)
    else:
        points = np.concatenate(outline.polygons)
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left / width, top / height, (right - left) / width, (bottom - top) / height


def ring_of(label: Label, size: tuple[int, int], where: str, findings: Findings) -> Points | None:
    """An object's mask as one polygon of pixel corners (n, 2) that covers the same pixels; None when it has none."""
    found = _placed(label, size, where, findings)
    if found is None:
        return None
    mask, left, top = found
    return np.asarray(joined(rings(mask)) + np.array([left, top]), np.float64)


def coco_segmentation(label: Label, size: tuple[int, int], where: str, findings: Findings) -> dict[str, Any]:
    """The keys `segmentation` and `area` (in pixels) of a COCO annotation; empty for an object without a mask.

    Polygons of pixel corners where these give the mask back exactly; runs for crowds and for masks with holes.
    """
    found = _placed(label, size, where, findings)
    if found is None:
        return {}
    mask, left, top = found
    parts, pixels = rings(mask), int(mask.sum())
    if is_plain(parts, pixels) and not label.crowd:
        polygons = [[int(value) for value in (part + np.array([left, top])).ravel()] for part in parts]
        return {"segmentation": polygons, "area": pixels}
    whole = np.zeros(size[::-1], np.uint8)
    whole[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    runs = runs_of(whole)
    counts = runs.tolist() if label.crowd else compressed(runs, size)
    return {"segmentation": {"size": [size[1], size[0]], "counts": counts}, "area": pixels}


def coco_result(segmentation: Any, size: tuple[int, int]) -> dict[str, Any]:
    """A `segmentation` as compressed runs: the only form in which pycocotools takes results."""
    width, height = size
    if isinstance(segmentation, list):
        runs = polygon_runs([np.array(part, np.float64).reshape(-1, 2) for part in segmentation], size)
    elif isinstance(segmentation["counts"], list):
        runs = np.array(segmentation["counts"], np.int64)
    else:
        return dict(segmentation)
    return {"size": [height, width], "counts": compressed(runs, size)}


def _placed(
    label: Label, size: tuple[int, int], where: str, findings: Findings
) -> tuple[NDArray[np.uint8], int, int] | None:
    document = {"mask_path": label.mask_path, "mask": label.mask}
    if label.box is None or not masks.has_mask(document):
        return None
    try:
        found = placed(masks.read(document), label.box, size)
    except EvaluationError as wrong:
        findings.warn("broken_mask", where, "a mask that can be read", str(wrong), "its box alone is written")
        return None
    if not found[0].any():
        findings.note("empty_mask", where, "a mask with pixels", "none", "its box alone is written")
        return None
    return found


def _numbers(values: object) -> object:
    try:
        return array("d", values) if isinstance(values, list) else values
    except (TypeError, OverflowError):
        return values


def _runs(found: Mapping[str, Any], size: tuple[int, int], where: str, findings: Findings) -> Runs | None:
    counts, declared = found.get("counts"), found.get("size")
    expected, action = f"runs of the image's {size[0]} x {size[1]} pixels", "its box alone is read"
    if declared is not None and (not isinstance(declared, Sequence) or list(declared) != [size[1], size[0]]):
        findings.warn("bad_rle", where, expected, f"runs of size {declared!r} (height, width)", action)
        return None
    if counts is None:
        findings.warn("bad_rle", where, expected, f"the keys {', '.join(map(str, found))[:60]}", action)
        return None
    try:
        runs = decompressed(counts) if isinstance(counts, str | bytes) else np.array(counts, np.int64)
        if runs.ndim != 1:
            raise ValueError(f"found counts {counts!r}"[:60])
        check_runs(runs, size)
    except (TypeError, ValueError, OverflowError) as wrong:
        findings.warn("bad_rle", where, expected, str(wrong).rsplit("found ", 1)[-1], action)
        return None
    return runs
