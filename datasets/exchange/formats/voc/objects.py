"""The objects of one VOC annotation: boxes, outlines (`polygon`) and turned boxes (`robndbox`), with their attributes.

A turned box is `cx, cy, w, h` in pixels and `angle` in radians, clockwise as seen (roLabelImg). An object without
`bndbox` has the box around its outline.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common.parsing import class_name
from datasets.exchange.formats.common.pixelbox import Box, from_corners
from datasets.exchange.formats.common.shapes import box_of, polygon
from datasets.exchange.formats.common.turned_boxes import corners
from datasets.records import SHOWN, Label, Outline
from datasets.storage.labels import attribute_name

FLAGS = ("difficult", "truncated", "occluded")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_TOLD = {
    "outline_box": ("a bndbox of each object", "an outline (polygon or robndbox) alone", "the box around it is taken"),
    "swapped_corners": ("xmin below xmax and ymin below ymax", "swapped corners", "they are put in order"),
    "relative_corners": ("corners in pixels", "corners from 0 to 1", "they are read as shares of the image"),
    "parts_left_out": ("objects without parts", "parts of objects, as head and hand", "the whole object is read"),
    "deleted_object": ("objects", "some that are marked as deleted", "they are left out"),
}


@dataclass
class Objects:
    """Reads `<object>` elements; what was put right is counted by kind, for one finding each (`tell`)."""

    findings: Findings
    counts: Counter[str] = field(default_factory=Counter)
    files: dict[str, dict[Path, None]] = field(default_factory=dict)

    def of(self, tree: Any, path: Path, size: tuple[int, int]) -> Iterator[Label]:
        """The labels of an annotation on an image of `size` as declared (width, height)."""
        for number, item in enumerate(tree.iter("object"), 1):
            where = f"{path}: object {number}"
            if (item.findtext("deleted") or "").strip() == "1":
                self._count("deleted_object", path)
                continue
            name = (item.findtext("name") or "").strip()
            try:
                class_name(name)
            except ValueError as wrong:
                found = str(wrong) if name else "none"
                self.findings.warn("unknown_class", where, "a name", found, "it is left out")
                continue
            if item.find("part") is not None:
                self._count("parts_left_out", path)
            outline = self._outline(item, size, where)
            box = self._box(item, outline, path, size)
            if box is None:
                found = str(_corners(item))
                self.findings.warn("bad_box", where, "4 finite numbers in bndbox", found, "it is left out")
                continue
            crowd = item.findtext("iscrowd") == "1"
            yield Label(name, box, _confidence(item), crowd=crowd, attributes=_attributes(item), outline=outline)

    def tell(self) -> None:
        """One finding for each kind of thing that was put right."""
        for code, count in self.counts.items():
            expected, found, action = _TOLD[code]
            paths = tuple(map(str, self.files[code]))
            self.findings.warn(code, paths[0], expected, found, action, count=count, paths=paths)

    def _count(self, code: str, path: Path) -> None:
        self.counts[code] += 1
        seen = self.files.setdefault(code, {})
        if len(seen) < SHOWN:
            seen.setdefault(path)

    def _box(self, item: Any, outline: Outline | None, path: Path, size: tuple[int, int]) -> Box | None:
        box = from_corners(_corners(item), *size)
        if box is None:
            if outline is not None and item.find("bndbox") is None:
                self._count("outline_box", path)
            return box_of(outline) if outline is not None else None
        if box[2] < 0 or box[3] < 0:
            self._count("swapped_corners", path)
            box = (min(box[0], box[0] + box[2]), min(box[1], box[1] + box[3]), abs(box[2]), abs(box[3]))
        x, y, width, height = box
        if min(x, y) >= 0 and (x + width) * size[0] <= 1 and (y + height) * size[1] <= 1 and width and height:
            self._count("relative_corners", path)
            return x * size[0], y * size[1], width * size[0], height * size[1]
        return box

    def _outline(self, item: Any, size: tuple[int, int], where: str) -> Outline | None:
        turned = item.find("robndbox")
        found = [_points(one) for one in item.findall("polygon")] if turned is None else [_turned(turned)]
        drawn = [polygon(points, size, where, self.findings) for points in found if points]
        kept = tuple(one for one in drawn if one is not None)
        return Outline(size, kept) if kept else None


def text_in(element: Any, folder: str, tag: str) -> str | None:
    """`element.findtext("folder/tag")`, quickly: paths of several names are slow to find."""
    return next((text for one in element.findall(folder) if (text := one.findtext(tag)) is not None), None)


def _corners(item: Any) -> list[str | None]:
    return [text_in(item, "bndbox", tag) for tag in _CORNERS]


def _points(found: Any) -> list[float]:
    """`x, y, x, y, ...` of `<pt><x>..</x><y>..</y></pt>` or `<x1>..</x1><y1>..</y1>`; empty for anything else."""
    pairs = [(one.findtext("x"), one.findtext("y")) for one in found.findall("pt")]
    if not pairs:
        count = sum(one.tag.startswith("x") for one in found)
        pairs = [(found.findtext(f"x{n}"), found.findtext(f"y{n}")) for n in range(1, count + 1)]
    try:
        return [float(text or "") for pair in pairs for text in pair]
    except ValueError:
        return []


def _turned(found: Any) -> list[float]:
    try:
        x, y, width, height, angle = (float(found.findtext(tag) or "") for tag in ("cx", "cy", "w", "h", "angle"))
    except ValueError:
        return []
    if not all(map(math.isfinite, (x, y, width, height, angle))):
        return []
    start = (x - width / 2, y - height / 2)
    return [value for point in corners((x, y), start, width, height, math.degrees(angle)) for value in point]


def _confidence(item: Any) -> float | None:
    text = item.findtext("confidence")
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _attributes(item: Any) -> dict[str, object]:
    """Flags that are set, the pose, and CVAT's `<attributes>` by name."""
    found: dict[str, object] = {}
    for one in (inner for outer in item.findall("attributes") for inner in outer.findall("attribute")):
        if title := (one.findtext("name") or "").strip():
            found[attribute_name(title)[:200]] = one.findtext("value") or ""
    found |= {flag: True for flag in FLAGS if (item.findtext(flag) or "").strip() == "1"}
    pose = (item.findtext("pose") or "").strip()
    return found if pose in ("", "Unspecified") else {**found, "pose": pose}
