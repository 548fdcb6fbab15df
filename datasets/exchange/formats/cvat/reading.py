"""The images of a CVAT file, and what is drawn on them."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import class_name
from datasets.exchange.formats.common.pixelbox import from_corners
from datasets.exchange.formats.common.turned_boxes import corners
from datasets.exchange.formats.cvat.labels import CONFIDENCE, Labels, value_of
from datasets.exchange.formats.several import grouped
from datasets.images.outlines import runs_of
from datasets.kinds import CLASSIFICATIONS, DETECTIONS, KEYPOINTS, POLYLINES, Kind
from datasets.labelschema import Schema
from datasets.limits import most_pixels
from datasets.records import ImageRecord, Label, Outline, Progress
from datasets.storage.labels import attribute_name

Points = tuple[tuple[float, float], ...]
_SHAPES = ("box", "mask", "polygon", "polyline", "points", "skeleton", "tag")


@dataclass
class Reader:
    """Reads `<image>` elements. `source` is the file, `root` what was named."""

    source: Path
    root: Path
    bounds: Bounds
    known: Labels
    findings: Findings
    used: dict[str, None] = field(default_factory=dict)
    seen: int = 0

    def record(self, image: Any, progress: Progress) -> ImageRecord | None:
        """One image with its labels; None when it lies elsewhere, or has no name."""
        self.seen += 1
        if self.seen % 200 == 0:
            progress(self.seen, 0)
        name, size = image.get("name") or "", _size(image)
        top = self.source.parent
        subset = image.get("subset") or ""
        folders = [top / "images", top / "images" / subset, top, self.root if self.root.is_dir() else top]
        held = [one for one in folders if self.bounds.holds(one)]
        path = self.bounds.image(name, held, self.source) if name else None
        if path is None:
            return None
        if size is None:
            self.findings.warn("bad_size", f"{self.source.name}: {name}", "width and height", "none", "without labels")
        found: dict[str, list[Label]] = {}
        for number, one in enumerate(image if size else (), 1):
            where = f"{self.source.name}: {name}: {one.tag} {number}"
            if one.tag not in _SHAPES:
                expected = f"one of {', '.join(_SHAPES)}"
                self.findings.warn("unknown_shape", where, expected, one.tag, "it is left out")
            elif made := self._label(one, size or (1, 1), where):
                found.setdefault(grouped("", made[0]), []).append(made[1])
        others = {key: tuple(labels) for key, labels in found.items()}
        split = files.split_of(subset) or (subset if subset.lower() != "default" else "") or None
        about = {} if name == path.name else {"cvat_name": name}
        if Path(name).is_absolute():
            about = {}
        width, height = size or (None, None)
        return ImageRecord(files.resolved(path), split, width, height, others=others, about=about)

    def schema(self) -> Schema:
        """What the file says about classes and attributes, and the classes that its labels have."""
        return self.known.schema(self.used)

    def _label(self, one: Any, size: tuple[int, int], where: str) -> tuple[Kind, Label] | None:
        try:
            name = class_name((one.get("label") or "").strip())
            attributes = {**_own(one), **self._attributes(name, one)}
            sure = attributes.pop(self._sure(name), None)
            kind, label = self._shape(one, name, attributes, size, where)
        except ValueError as wrong:
            self.findings.warn("bad_shape", where, "a label with numbers that fit the image", str(wrong), "left out")
            return None
        self.used.setdefault(name)
        return kind, label if sure is None else replace(label, confidence=sure)

    def _sure(self, name: str) -> str:
        """The name of the attribute that is the confidence of labels of a class; empty where there is none."""
        said = self.known.names.get((name, CONFIDENCE))
        return said.name if said and (said.minimum, said.maximum) == (0, 1) else ""

    def _shape(
        self, one: Any, name: str, attributes: dict[str, Any], size: tuple[int, int], where: str
    ) -> tuple[Kind, Label]:
        if one.tag == "tag":
            return CLASSIFICATIONS, Label(name, attributes=attributes)
        if one.tag == "box":
            return _box(one, name, attributes, size)
        if one.tag == "mask":
            return DETECTIONS, self._mask(one, name, attributes, size, where)
        if one.tag == "skeleton":
            return KEYPOINTS, self._skeleton(one, name, attributes, size, where)
        points = _points(one.get("points"), size)
        if one.tag == "points":
            return KEYPOINTS, Label(name, points=(points,), attributes=attributes)
        closed = one.tag == "polygon"
        return POLYLINES, Label(name, points=(points,), attributes={**attributes, "closed": closed, "filled": closed})

    def _attributes(self, name: str, one: Any) -> dict[str, Any]:
        found = {}
        for inner in one.findall("attribute"):
            title = (inner.get("name") or "").strip()
            said = self.known.names.get((name, title))
            found[said.name if said else attribute_name(title)] = value_of(said, inner.text or "")
        return found

    def _skeleton(self, one: Any, name: str, attributes: dict[str, Any], size: tuple[int, int], where: str) -> Label:
        """Points in the order of the skeleton; those outside, or not there, are not labelled."""
        inner = {str(point.get("label")): point for point in one.findall("points")}
        order = self.known.points.setdefault(name, tuple(inner))
        if {*inner} - {*order}:
            self.findings.warn("unknown_point", where, f"points {', '.join(order)}", ", ".join(inner), "left out")
        if any(point.find("attribute") is not None for point in inner.values()):
            expected, found = "attributes of the whole skeleton", "some of its points"
            self.findings.warn("point_attributes", where, expected, found, "they are left out")
        points, visible = [], []
        for wanted in order:
            point = inner.get(wanted)
            if point is None or point.get("outside") == "1":
                points.append((math.nan, math.nan))
                visible.append(0)
            else:
                points.append(_points(point.get("points"), size)[0])
                visible.append(1 if point.get("occluded") == "1" else 2)
        return Label(name, points=(tuple(points),), attributes={**attributes, "visible": visible})

    def _mask(self, one: Any, name: str, attributes: dict[str, Any], size: tuple[int, int], where: str) -> Label:
        left, top, width, height = (_whole(one.get(key)) for key in ("left", "top", "width", "height"))
        box = (left / size[0], top / size[1], width / size[0], height / size[1])
        if not (width > 0 and height > 0 and left + width <= size[0] and top + height <= size[1]):
            raise ValueError(f"a mask of {width} x {height} at {left}, {top} on {size[0]} x {size[1]}")
        if size[0] * size[1] > most_pixels():
            raise ValueError(f"an image of {size[0]} x {size[1]} pixels")
        runs = np.array((one.get("rle") or "").replace(",", " ").split(), np.int64)
        if len(runs) == 0 or runs.min() < 0 or int(runs.sum()) != width * height:
            found = f"{int(runs.sum()) if len(runs) else 0:,}"
            self.findings.warn("bad_rle", where, f"runs of {width * height:,} pixels", found, "its box alone is read")
            return Label(name, box, attributes=attributes)
        whole = np.zeros((size[1], size[0]), np.uint8)
        inside = np.repeat((np.arange(len(runs)) & 1).astype(np.uint8), runs)
        whole[top : top + height, left : left + width] = inside.reshape(height, width)
        return Label(name, box, attributes=attributes, outline=Outline(size, runs=runs_of(whole)))


def _box(one: Any, name: str, attributes: dict[str, Any], size: tuple[int, int]) -> tuple[Kind, Label]:
    box = from_corners([one.get(key) for key in ("xtl", "ytl", "xbr", "ybr")], *size)
    if box is None:
        raise ValueError("a box without four finite numbers")
    degrees = _number(one.get("rotation") or "0")
    if not degrees:
        return DETECTIONS, Label(name, box, attributes=attributes)
    x, y, width, height = box[0] * size[0], box[1] * size[1], box[2] * size[0], box[3] * size[1]
    turned = corners((x + width / 2, y + height / 2), (x, y), width, height, degrees)
    more = {"closed": True, "filled": True, "rotation": degrees}
    points = tuple((px / size[0], py / size[1]) for px, py in turned)
    return POLYLINES, Label(name, points=(points,), attributes={**attributes, **more})


def _own(one: Any) -> dict[str, Any]:
    """What CVAT says beside attributes, where it is not what it says of every label."""
    found: dict[str, Any] = {}
    if one.get("occluded") == "1":
        found["occluded"] = True
    for key in ("z_order", "group_id"):
        text = one.get(key)
        if text is not None and (key == "group_id" or text != "0"):
            found[key] = _whole(text)
    if one.get("source") not in (None, "manual"):
        found["source"] = one.get("source")
    return found


def _points(text: str | None, size: tuple[int, int]) -> Points:
    pairs = [pair.split(",") for pair in (text or "").split(";")]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"points {str(text)[:60]!r}")
    return tuple((_number(x) / size[0], _number(y) / size[1]) for x, y in pairs)


def _number(text: str) -> float:
    found = float(text) if len(text) < 400 else math.inf
    if not math.isfinite(found) or abs(found) > 1e9:
        raise ValueError(f"{text[:60]!r} as a number")
    return found


def _whole(text: str | None) -> int:
    return round(_number(text or ""))


def _size(image: Any) -> tuple[int, int] | None:
    try:
        width, height = (_whole(image.get(key)) for key in ("width", "height"))
    except ValueError:
        return None
    return (width, height) if width > 0 and height > 0 else None
