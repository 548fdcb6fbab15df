"""labelme: a json for each image, beside it or in a folder of its own; also that of X-AnyLabeling.

Polygons, rectangles, circles and masks are objects, lines and line strips polylines, points key points; flags that are
set are classes of the image. A mask is a PNG in base64 whose first pixel is the first point of its shape. Classes are
in the order of `labels.txt`, without names such as `__ignore__`; else sorted.
"""

import base64
import math
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.tools import labelfiles
from datasets.exchange.formats.tools.drawing import Drawing, ellipse, picture, points
from datasets.exchange.formats.tools.readonly import refuse
from datasets.records import Finding, Progress, first_paths, no_progress

NAME = "labelme"
TITLE = "labelme JSON"
ACCEPTS = ()
_KEPT = ("group_id", "description", "difficult", "direction")


def sniff(path: Path) -> Sniff:
    """Json files with shapes and the path of an image."""
    return labelfiles.sniffed(path, (".json",), _looks, (0.85, "shapes of labelme"))


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files with shapes, each for its image. Raises FormatError when there is none."""
    bounds = bounds or Bounds.of(path)
    sheets = labelfiles.Sheets(path, (".json",), _looks, bounds, TITLE)
    embedded: list[Path] = []

    def take(label: Path) -> None:
        entry = labelfiles.whole(label, ("shapes",))
        if not entry.keys() & {"imagePath", "imageData", "imageHeight", "version"} and not entry["shapes"]:
            raise FormatError("expected shapes, found other keys")
        named = PurePosixPath(str(entry.get("imagePath") or "").replace("\\", "/"))
        image = sheets.image(label, named.name)
        if (image is None or not files.is_file(image)) and entry.get("imageData"):
            embedded.append(label)
            return
        if image is None:
            return
        size = labelfiles.declared(entry.get("imageWidth"), entry.get("imageHeight"))
        drawn = sheets.drawing(label, image, size)
        if drawn is not None:
            _draw(entry, drawn)
        sheets.add(label, image, size, drawn)

    labelfiles.each(sheets, progress, take)
    _tell_embedded(embedded, sheets.findings)
    return sheets.source(_classes(path if path.is_dir() else path.parent))


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    refuse(TITLE)


def _looks(head: bytes) -> bool:
    return b'"shapes"' in head and any(key in head for key in (b'"imagePath"', b'"imageData"', b'"shape_type"'))


def _draw(entry: Mapping[str, Any], drawn: Drawing) -> None:
    for number, shape in enumerate(entry["shapes"], 1):
        with drawn.shape(number) as where:
            _shape(shape, drawn, where)
    flags = entry.get("flags")
    for name, value in flags.items() if isinstance(flags, dict) else ():
        if value is True:
            with drawn.shape(1, "flag"):
                drawn.tag(name)


def _shape(shape: Any, drawn: Drawing, where: str) -> None:
    name, kind, places = shape.get("label"), shape.get("shape_type") or "polygon", points(shape["points"])
    flags = shape.get("flags")
    more = {**(flags if isinstance(flags, dict) else {}), **_attributes(shape)}
    if kind == "mask" and shape.get("mask"):
        left, top = (round(value) for value in places[0])
        drawn.mask(name, left, top, picture(base64.b64decode(shape["mask"])), more)
    elif kind == "rectangle" and len(places) in (2, 4):
        xs, ys = zip(*places, strict=True)
        drawn.box(name, (min(xs), min(ys), max(xs), max(ys)), more)
    elif kind == "circle" and len(places) == 2:
        radius = math.dist(*places)
        drawn.area(name, [ellipse(places[0], (radius, radius))], more, where)
    elif kind in ("polygon", "rotation", "oriented_rectangle", "quadrilateral"):
        drawn.area(name, [places], more, where)
    elif kind in ("line", "linestrip"):
        drawn.line(name, places, more)
    elif kind in ("point", "points"):
        for place in places:
            drawn.point(name, place, more)
    else:
        raise ValueError(f"a shape {kind!r} of {len(places)} points")


def _attributes(shape: Mapping[str, Any]) -> dict[str, Any]:
    own = shape.get("attributes")
    kept = {key: shape[key] for key in _KEPT if shape.get(key) not in (None, "", False)}
    return {**(own if isinstance(own, dict) else {}), **kept}


def _classes(folder: Path) -> list[str]:
    listed = folder / "labels.txt"
    names = files.read_names(listed) if listed.is_file() else files.read_classes(folder)
    return [name for name in names if not name.startswith("_")]


def _tell_embedded(labels: list[Path], findings: Findings) -> None:
    if labels:
        findings.warn(
            "embedded_image", labels[0], "an image file for each json", "the image inside the json alone (imageData)",
            "it is left out; write the images as files, with labelme_export_json", count=len(labels),
            paths=first_paths(labels),
        )  # fmt: skip
