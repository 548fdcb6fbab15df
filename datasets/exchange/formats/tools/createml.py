"""Create ML: a json with a list of images, each with boxes by centre, width and height in pixels.

`[{"image": "x.jpg", "annotations": [{"label": "cat", "coordinates": {"x": 1, "y": 2, "width": 3, "height": 4}}]}]`;
also with the keys `imagefilename` and `annotation` of Apple's newer pages, and Roboflow's `_annotations.createml.json`
in folders of splits. A label without coordinates is a class of the image.
"""

from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Draft, Sniff, Source
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.jsonlists import read_list
from datasets.exchange.formats.tools import labelfiles
from datasets.exchange.formats.tools.drawing import Drawing, number
from datasets.exchange.formats.tools.listed import Listed
from datasets.exchange.formats.tools.readonly import refuse
from datasets.records import Finding, Progress, no_progress

NAME = "createml"
TITLE = "Create ML JSON"
ACCEPTS = ()
_IMAGES = ("image", "imagefilename", "filename")


def sniff(path: Path) -> Sniff:
    """A json file that begins like a list of images with annotations, or a folder with such files."""
    return labelfiles.sniffed(path, (".json",), _looks, (0.9, "annotations of Create ML"))


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files of the path. Raises FormatError when there is none, or none of several can be read."""
    listed = Listed(path, (".json",), _looks, bounds or Bounds.of(path), TITLE)

    def take(source: Path) -> None:
        read_list(source, lambda entry: _image(entry, source, listed, progress))

    listed.read(take)
    return listed.source()


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    refuse(TITLE)


def _looks(head: bytes) -> bool:
    named = any(b'"%s"' % key.encode() in head for key in _IMAGES)
    return head.lstrip()[:1] == b"[" and named and b'"annotation' in head and b'"data"' not in head


def _image(entry: Any, source: Path, listed: Listed, progress: Progress) -> None:
    name = (
        next((entry[key] for key in _IMAGES if isinstance(entry.get(key), str)), "") if isinstance(entry, dict) else ""
    )
    drawn = listed.drawing(name, source, progress)
    if drawn is None:
        return
    found = entry.get("annotations", entry.get("annotation"))
    if found is None:
        listed.findings.warn("no_annotations", drawn.where, "annotations", "none, not even an empty list", "no labels")
        found = []
    for at, one in enumerate(found if isinstance(found, list) else [found], 1):
        with drawn.shape(at, "annotation"):
            _annotation(one, drawn)
    listed.add(drawn)


def _annotation(one: Any, drawn: Drawing) -> None:
    name = one if isinstance(one, str) else one.get("label")
    place = None if isinstance(one, str) else one.get("coordinates")
    if place is None:
        if isinstance(one, dict) and one.keys() - {"label", "confidence"}:
            raise ValueError(f"no coordinates, but {', '.join(map(str, one))}"[:200])
        drawn.tag(name)
        return
    x, y, width, height = (number(place[key]) for key in ("x", "y", "width", "height"))
    sure = None if one.get("confidence") is None else number(one["confidence"])
    drawn.box(name, (x - width / 2, y - height / 2, x + width / 2, y + height / 2), {}, confidence=sure)
