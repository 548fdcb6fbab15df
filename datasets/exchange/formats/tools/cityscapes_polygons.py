"""Cityscapes' polygons: `gtFine/train/aachen/x_gtFine_polygons.json` for `leftImg8bit/train/aachen/x_leftImg8bit.png`.

Each polygon is an object with a mask of its own; where two overlap, the later one lies in front. `cargroup` and its
like are crowds of `car`; what is marked as deleted is left out.
"""

import re
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Draft, Sniff, Source
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.tools import labelfiles
from datasets.exchange.formats.tools.drawing import Drawing, points
from datasets.exchange.formats.tools.readonly import refuse
from datasets.records import Finding, Progress, no_progress

NAME = "cityscapes_polygons"
TITLE = "Cityscapes polygons"
ACCEPTS = ()
_END = re.compile(r"_(gt\w+)_polygons$")
_GROUP = "group"


def sniff(path: Path) -> Sniff:
    """Files `*_polygons.json` with the height of their image; masks beside them are the surer claim."""
    return labelfiles.sniffed(path, ("_polygons.json",), _looks, (0.6, "polygons of Cityscapes"))


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files of polygons below the path. Raises FormatError when there is none."""
    bounds = bounds or Bounds.of(path)
    ends, images = ("_polygons.json",), "_leftImg8bit"
    sheets = labelfiles.Sheets(path, ends, _looks, bounds, TITLE, renamed=lambda stem: _END.sub(images, stem))

    def take(label: Path) -> None:
        entry = labelfiles.whole(label, ("objects",))
        image = sheets.image(label, "")
        if image is None:
            return
        size = labelfiles.declared(entry.get("imgWidth"), entry.get("imgHeight"))
        drawn = sheets.drawing(label, image, size)
        for number, one in enumerate(entry["objects"] if drawn else (), 1):
            if drawn and not one.get("deleted"):
                with drawn.shape(number, "object") as where:
                    _object(one, drawn, where)
        sheets.add(label, image, size, drawn)

    labelfiles.each(sheets, progress, take)
    return sheets.source()


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    refuse(TITLE)


def _looks(head: bytes) -> bool:
    return b'"imgHeight"' in head


def _object(one: Any, drawn: Drawing, where: str) -> None:
    name = one["label"]
    crowd = isinstance(name, str) and name.endswith(_GROUP) and name != _GROUP
    drawn.area(name.removesuffix(_GROUP) if crowd else name, [points(one["polygon"])], {}, where, crowd=crowd)
