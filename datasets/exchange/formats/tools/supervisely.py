"""Supervisely: `meta.json`, and folders with `img/x.jpg` and `ann/x.jpg.json`.

Rectangles, polygons with holes and bitmaps are objects, lines polylines, points key points. Tags of objects are
attributes; those of images are classes, or the split where they are called train, val or test. A bitmap is a PNG,
packed by zlib, in base64; `origin` is the place of its first pixel. Classes are in the order of `meta.json`.
"""

import base64
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Sniff, Source
from datasets.exchange.formats.common import splits
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import class_name, json_of, read_text
from datasets.exchange.formats.tools import labelfiles
from datasets.exchange.formats.tools.drawing import Drawing, picture, points
from datasets.exchange.formats.tools.readonly import refuse
from datasets.records import Finding, Progress, no_progress

NAME = "supervisely"
TITLE = "Supervisely JSON"
ACCEPTS = ()
_ABOUT_ALL = ("meta.json", "obj_class_to_machine_color.json")
_MOST_PACKED = 64 << 20  # bytes of a bitmap's PNG


def sniff(path: Path) -> Sniff:
    """Json files with objects that have a `classTitle`, or without objects, in folders `ann`."""
    return labelfiles.sniffed(path, (".json",), _looks, (0.88, "annotations of Supervisely"), _ABOUT_ALL)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All annotations below the path. Raises FormatError when there is none."""
    bounds = bounds or Bounds.of(path)
    sheets = labelfiles.Sheets(path, (".json",), _looks, bounds, TITLE)

    def take(label: Path) -> None:
        entry = labelfiles.whole(label, ("objects", "tags"))
        if "size" not in entry:
            raise FormatError("expected the size of the image, found none")
        image = sheets.image(label, label.stem)
        if image is None:
            return
        given = entry.get("size")
        given = given if isinstance(given, dict) else {}
        size = labelfiles.declared(given.get("width"), given.get("height"))
        drawn = sheets.drawing(label, image, size)
        split = None
        if drawn is not None:
            for number, one in enumerate(entry["objects"], 1):
                with drawn.shape(number, "object") as where:
                    _object(one, drawn, where)
            split = _tags(entry["tags"], drawn)
        sheets.add(label, image, size, drawn, split=split)

    labelfiles.each(sheets, progress, take)
    return sheets.source(_classes(path))


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    refuse(TITLE)


def _looks(head: bytes) -> bool:
    return b'"classTitle"' in head or all(key in head for key in (b'"objects"', b'"size"', b'"tags"'))


def _object(one: Mapping[str, Any], drawn: Drawing, where: str) -> None:
    name, kind, given = one["classTitle"], one.get("geometryType"), one.get("points")
    given = given if isinstance(given, dict) else {}
    outer = points(given.get("exterior") or [])
    more = {key: value for key, value in _values(one.get("tags")) if value is not None}
    if kind == "rectangle" and len(outer) == 2:
        drawn.box(name, (*outer[0], *outer[1]), more)
    elif kind == "polygon":
        drawn.area(name, [outer], more, where, [points(hole) for hole in given.get("interior") or ()])
    elif kind == "bitmap":
        left, top = points([one["bitmap"]["origin"]])[0]
        drawn.mask(name, round(left), round(top), _unpacked(one["bitmap"]["data"]), more)
    elif kind in ("line", "polyline"):
        drawn.line(name, outer, more)
    elif kind == "point" and outer:
        drawn.point(name, outer[0], more)
    else:
        raise ValueError(f"a shape {kind!r}")


def _tags(found: list[Any], drawn: Drawing) -> str | None:
    """Put the tags of an image among its classes; one that is the name of a split is returned instead."""
    split = None
    for number, (name, value) in enumerate(_values(found), 1):
        if value is True and (denoted := splits.split_of(name)):
            split = denoted
            continue
        with drawn.shape(number, "tag"):
            drawn.tag(name if value is True else f"{name}: {value}")
    return split


def _values(found: object) -> Iterator[tuple[str, Any]]:
    """Name and value of tags; True for one without a value."""
    for tag in found if isinstance(found, list) else ():
        if isinstance(tag, dict) and isinstance(tag.get("name"), str):
            value = tag.get("value")
            yield tag["name"], True if value is None else value


def _unpacked(text: str) -> NDArray[Any]:
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(text), _MOST_PACKED)
    except zlib.error as error:
        raise ValueError(f"a bitmap that cannot be unpacked ({error})") from error
    if unpacking.unconsumed_tail:
        raise ValueError(f"a bitmap of more than {_MOST_PACKED >> 20} MB")
    return picture(data)


def _classes(path: Path) -> list[str]:
    """The classes of `meta.json`, beside or above the annotations."""
    for folder in (path, *path.parents[:2]):
        meta = folder / "meta.json"
        if meta.is_file():
            try:
                found = json_of(read_text(meta), meta)
                listed = found.get("classes") if isinstance(found, dict) else None
                return [class_name(one["title"]) for one in listed or ()]
            except (FormatError, ValueError, TypeError, KeyError):
                return []
    return []
