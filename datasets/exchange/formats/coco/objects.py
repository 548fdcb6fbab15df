"""COCO json: one file, or a folder with `annotations/instances_<split>.json` and the images beside or below it.

Boxes are `[x, y, width, height]` in pixels, origin top left, edges (not pixel centres), as in the COCO data format.
Polygons and runs cover the pixels that pycocotools gives them.
Class order is the order of `categories`. A file without `images` of its own is a result file, not a source.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Sniff, Source
from datasets.exchange.formats.coco.choosing import BARE, CAPTIONS, OBJECTS, RESULTS, choose, splits_of
from datasets.exchange.formats.coco.document import File
from datasets.exchange.formats.coco.joining import joined
from datasets.exchange.formats.coco.writing import write
from datasets.exchange.formats.common.bounds import Bounds
from datasets.kinds import DETECTIONS
from datasets.records import Progress, no_progress

__all__ = ["ACCEPTS", "NAME", "TITLE", "read", "sniff", "write"]

NAME = "coco"
TITLE = "COCO json"
ACCEPTS = (DETECTIONS, None)
_SCORES = {OBJECTS: 0.95, BARE: 0.9, CAPTIONS: 0.85, RESULTS: 0.6}
F = TypeVar("F", bound=File)


def sniff(path: Path) -> Sniff:
    """A json file that speaks of what COCO does, or a folder with such files, at its top or in `annotations`."""
    found = choose(path)
    if not found.files:
        return Sniff(0.0)
    listed = ", ".join(file.name for file in found.files[:3])
    if found.role in _SCORES:
        return Sniff(
            _SCORES[found.role], f"{listed} with {found.role if found.role != OBJECTS else 'images and annotations'}"
        )
    return Sniff(0.3, f"the name of {found.files[0].name}")


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files of the folder with objects; their names say their split. Raises FormatError if none is good."""
    findings, bounds = Findings(), bounds or Bounds.of(path)
    chosen = choose(path)
    if chosen.role == RESULTS:
        raise FormatError(
            f"{chosen.files[0]}: expected a COCO json with `images`, found a list of predictions, which do not name "
            "their images; import the file of annotations that they belong to"
        )
    parts = splits_of(chosen.files)
    good = files_of(path, chosen.files, lambda source: File(source, parts[source], findings), progress)
    classes = tuple(dict.fromkeys(name for file in good for name in file.categories.values()))
    records = joined((record for file in good for record in file.records(path, findings, bounds)), findings)
    chosen.tell(findings)
    return Source(records, classes, DETECTIONS, findings.all())


def files_of(path: Path, sources: Sequence[Path], made: Callable[[Path], F], progress: Progress) -> list[F]:
    """The files of a source that can be read, filled. Raises FormatError if none can."""
    good: list[F] = []
    for source in sources:
        file = made(source)
        try:
            file.fill(progress)
            good.append(file)
        except FormatError as error:
            if len(sources) == 1:
                raise
            file.findings.warn("broken_file", source, "a COCO json", str(error), "the other files were read")
    if not good:
        raise FormatError(f"{path}: expected COCO json files, found none that can be read")
    return good
