"""VGG Image Annotator: annotations as JSON or CSV of versions 1 and 2, its project files, and projects of version 3.

Rectangles, circles, ellipses and polygons are objects, lines polylines, points key points. The class of a region is its
attribute, where it has one; of several the one that is called class, label, name, type or the like, else the one that
most regions have, with a note. Where no region has an attribute, all are of the class `object`, with a note.
"""

from pathlib import Path

from datasets.exchange.formats.base import Draft, Sniff, Source
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.tools import labelfiles
from datasets.exchange.formats.tools.listed import Listed
from datasets.exchange.formats.tools.readonly import refuse
from datasets.exchange.formats.tools.via_files import images_of
from datasets.exchange.formats.tools.via_regions import Regions
from datasets.records import Finding, Progress, no_progress

NAME = "via"
TITLE = "VGG Image Annotator (VIA)"
ACCEPTS = ()
_ENDS = (".json", ".csv")


def sniff(path: Path) -> Sniff:
    """Json or csv files with regions of VIA."""
    return labelfiles.sniffed(path, _ENDS, _looks, (0.9, "regions of VIA"))


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files of the path; images that several of them list count once. Raises FormatError when there is none."""
    listed = Listed(path, _ENDS, _looks, bounds or Bounds.of(path), TITLE)

    def take(source: Path) -> None:
        images = images_of(source)
        regions = Regions.of(images, source, listed.findings)
        for image in images:
            drawn = listed.drawing(image.name, source, progress)
            if drawn is None:
                continue
            for number, region in enumerate(image.regions, 1):
                with drawn.shape(number, "region") as where:
                    regions.draw(region, drawn, where)
            for number, name in enumerate(image.tags, 1):
                with drawn.shape(number, "attribute"):
                    drawn.tag(name)
            listed.add(drawn)

    listed.read(take)
    return listed.source()


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    refuse(TITLE)


def _looks(head: bytes) -> bool:
    words = (b'"shape_attributes"', b"region_shape_attributes", b'"_via_img_metadata"')
    third = b'"project"' in head and (b'"fid_list"' in head or b'"pname"' in head)
    return third or any(word in head for word in words)
