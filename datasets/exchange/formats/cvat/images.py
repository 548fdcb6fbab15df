"""CVAT for images 1.1: one `annotations.xml`, and the images in a folder `images` beside it or beside the file.

Boxes, masks (`rle` of the rows inside their box), polygons, polylines, points, skeletons and tags, with attributes,
`z_order`, `occluded`, `group_id` and `source`; labels with colours, attributes and skeletons. One file holds several
kinds of labels: the first of `several.KINDS` is the field itself, the others are fields beside it. A rotated box is a
polygon of four corners with the attribute `rotation` in degrees, and is written as a box while it is a rectangle.
A confidence is an attribute `confidence` from 0 to 1. Numbers are pixels, origin top left, edges (not pixel centres).
"""

from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Sniff, Source
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import MOST_TEXT, read_head, xml_of
from datasets.exchange.formats.cvat.labels import Labels
from datasets.exchange.formats.cvat.reading import Reader
from datasets.exchange.formats.cvat.writing import write
from datasets.exchange.formats.several import gathered
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS, KEYPOINTS, POLYLINES
from datasets.records import Progress, no_progress

__all__ = ["ABOUT", "ACCEPTS", "NAME", "SEVERAL", "TITLE", "read", "sniff", "write"]

NAME = "cvat"
TITLE = "CVAT for images (XML)"
ACCEPTS = (DETECTIONS, POLYLINES, KEYPOINTS, CLASSIFICATION, CLASSIFICATIONS, None)
SEVERAL = True
ABOUT = {"cvat_name": "string"}  # the name of an image in CVAT, where it is another than that of its file
_HEAD = 65_536


def sniff(path: Path) -> Sniff:
    """An xml file that begins with `<annotations>`, or a folder with one at its top."""
    found = _source(path)
    return Sniff(0.95, f"{found.name} with annotations of images") if found else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All images of the file. Raises FormatError when there is none, or it is no such file."""
    source, findings, bounds = _source(path), Findings(), bounds or Bounds.of(path)
    if source is None:
        raise FormatError(f"{path}: expected an xml file with <annotations>, found none")
    root = xml_of(source, MOST_TEXT)
    images = root.findall("image")
    if root.find("track") is not None:
        found = f"{len(root.findall('track')):,} tracks of a video"
        findings.warn("video_tracks", source, "annotations of images", found, "export the task as CVAT for images")
    if not images:
        raise FormatError(f"{source}: expected <image> elements, found none; export the task as CVAT for images")
    known = Labels.of(root, findings, str(source))
    reader = Reader(source, path, bounds, known, findings)
    records = [record for record in (reader.record(one, progress) for one in images) if record]
    return gathered(records, reader.schema(), findings, ABOUT)


def _source(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() == ".xml" and _looks_like_cvat(path) else None
    named = path / "annotations.xml"
    return next((one for one in (named, *sorted(path.glob("*.xml"))) if one.is_file() and _looks_like_cvat(one)), None)


def _looks_like_cvat(path: Path) -> bool:
    return "<annotations" in read_head(path, _HEAD)
