"""BDD100K, and Scalabel's form of it: one json for many images, or one for each.

`box2d` is an object by its edges in pixels, `poly2d` an object (closed) or a line, `rle` a mask in COCO's runs. Points
of curves (`C` in `types`) are corners here, with a note. Weather, scene and time of day are fields of the image.
Box3d and lanes without points are left out with a finding.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Draft, Sniff, Source
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.jsonlists import read_list
from datasets.exchange.formats.common.parsing import finite
from datasets.exchange.formats.common.shapes import box_of, coco_outline
from datasets.exchange.formats.tools import labelfiles
from datasets.exchange.formats.tools.drawing import points
from datasets.exchange.formats.tools.listed import Entry, Listed
from datasets.exchange.formats.tools.readonly import refuse
from datasets.kinds import DETECTIONS
from datasets.records import Finding, Progress, first_paths, no_progress

NAME = "bdd100k"
TITLE = "BDD100K JSON"
ACCEPTS = ()
ABOUT = {"weather": "string", "scene": "string", "timeofday": "string"}


def sniff(path: Path) -> Sniff:
    """Json files with boxes `box2d` or shapes `poly2d`."""
    return labelfiles.sniffed(path, (".json",), _looks, (0.9, "labels of BDD100K"))


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files of the path. Raises FormatError when there is none, or none of several can be read."""
    listed = Listed(path, (".json",), _looks, bounds or Bounds.of(path), TITLE)
    curves: Counter[Path] = Counter()

    def take(source: Path) -> None:
        def frame(entry: object) -> None:
            _frame(entry, source, listed, progress, curves)

        if labelfiles.head(source).lstrip()[:1] == b"[":
            read_list(source, frame)
            return
        whole = labelfiles.whole(source, ("frames",))
        frames = [one for one in whole["frames"] if isinstance(one, dict)]
        for one in frames:
            alone = {"name": whole.get("name"), "attributes": whole.get("attributes")} if "name" in whole else {}
            frame({**alone, **one})
        if not frames:
            frame(whole)

    listed.read(take)
    if curves:
        listed.findings.note(
            "curves", next(iter(curves)), "corners", "points of curves", "they are read as corners",
            count=sum(curves.values()), paths=first_paths(curves),
        )  # fmt: skip
    return listed.source(about=ABOUT)


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    refuse(TITLE)


def _looks(head: bytes) -> bool:
    return b'"box2d"' in head or b'"poly2d"' in head


def _frame(entry: Any, source: Path, listed: Listed, progress: Progress, curves: Counter[Path]) -> None:
    entry = entry if isinstance(entry, dict) else {}
    name = str(entry.get("name") or entry.get("filename") or "")
    known = (
        {key: entry.get("size", {}).get(key) for key in ("width", "height")}
        if isinstance(entry.get("size"), dict)
        else {}
    )
    size = labelfiles.declared(known.get("width"), known.get("height"))
    drawn = listed.drawing(name, source, progress, size, str(entry.get("videoName") or ""))
    if drawn is None:
        return
    found = entry.get("labels") or entry.get("objects") or []
    for number, one in enumerate(found, 1):
        with drawn.shape(number, "label") as where:
            if _label(one, drawn, where):
                curves[source] += 1
    attributes = entry.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    listed.add(drawn, about={key: str(attributes[key]) for key in ABOUT if attributes.get(key)})


def _label(one: Mapping[str, Any], drawn: Entry, where: str) -> bool:
    """Draw a label. Returns whether it has curves."""
    name, own = one["category"], one.get("attributes")
    more = {key: value for key, value in (own if isinstance(own, dict) else {}).items() if value not in ("none", False)}
    score = finite(one.get("score"))
    if isinstance(one.get("box2d"), dict):
        drawn.box(name, [one["box2d"][key] for key in ("x1", "y1", "x2", "y2")], more, confidence=score)
        return False
    if isinstance(one.get("rle"), dict):
        outline = coco_outline(one["rle"], drawn.size, where, drawn.findings)
        box = box_of(outline) if outline else None
        if box is None:
            raise ValueError("a mask without pixels")
        drawn.add(DETECTIONS, name, more, box=box, outline=outline, confidence=score)
        return False
    shapes = one.get("poly2d")
    if not isinstance(shapes, list) or not shapes:
        kinds = ", ".join(key for key in one if key not in ("category", "attributes", "id")) or "nothing"
        raise ValueError(f"neither box2d nor poly2d, but {kinds}")
    return _polygons(name, shapes, more, drawn, where)


def _polygons(name: object, shapes: list[Any], more: Mapping[str, Any], drawn: Entry, where: str) -> bool:
    if all(isinstance(one, dict) for one in shapes):
        closed = [points(one["vertices"]) for one in shapes if one.get("closed")]
        lines = [points(one["vertices"]) for one in shapes if not one.get("closed")]
        curved = any("C" in str(one.get("types") or "") for one in shapes)
    else:  # of the labels for one image each: [[x, y, "L"], ...]
        closed, lines = [], [points(shapes)]
        curved = any("C" in one[2:] for one in shapes)
        if str(name).startswith("area/"):
            closed, lines = lines, []
    if closed:
        drawn.area(name, closed, more, where)
    for line in lines:
        drawn.line(name, line, more)
    return curved
