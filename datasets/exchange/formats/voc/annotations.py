"""Pascal VOC and its relatives: an xml file for each image, wherever the two lie, and lists of splits in `ImageSets`.

`Annotations/*.xml` with `JPEGImages`, also below `VOC2007`, `train` or other folders; xml beside images (LabelImg);
ImageNet. The image of an xml is that of its own name (`common.partners`), else what `<filename>` or `<path>` names.
`xmin, ymin, xmax, ymax` are read as edges in pixels, origin 0 at the top left, as FiftyOne, LabelImg and most tools of
today write them: width is `xmax - xmin`. The devkit of 2007 counted pixels from 1 and included the last one; read this
way its boxes are one pixel short, which no tool agrees to correct. Numbers keep their fraction, so that a round trip is
exact. VOC has no class list: `classes.txt` or CVAT's `labelmap.txt` at the top gives the order when there is one, else
classes are sorted.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Sniff, Source
from datasets.exchange.formats.common import files, parts, splits, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import MOST_SMALL, read_text
from datasets.exchange.formats.voc.reading import Reader
from datasets.exchange.formats.voc.writing import write
from datasets.images.regular import open_regular
from datasets.kinds import DETECTIONS
from datasets.records import ImageRecord, Progress, no_progress

__all__ = ["ACCEPTS", "NAME", "TITLE", "read", "sniff", "write"]

NAME = "voc"
TITLE = "Pascal VOC"
ACCEPTS = (DETECTIONS, None)
_FOLDERS = frozenset(
    {"annotations", "annotation", "annots", "anns", "ann", "xml", "xmls", "labels", "label", "bboxes", "bbox"}
)
_ROOT = re.compile(rb"<annotation[\s>/]")
_YEAR = re.compile(r"voc.*\d{4}|voc", re.IGNORECASE)
_LOOKED = 200  # xml files at most that are opened to find one of VOC


def sniff(path: Path) -> Sniff:
    """A folder like `Annotations` of xml files, in `path` or in its years or splits; or xml files beside images."""
    if not path.is_dir():
        return Sniff(0.0)
    for folder in _label_folders(path):
        if _first(folder):
            return Sniff(0.9, f"a folder {folder.relative_to(path)} with xml files")
    deep = (
        file for file in _xml(path) if not any(one.lower() in _FOLDERS for one in file.relative_to(path).parts[1:-1])
    )
    beside = next((file for file in islice(deep, _LOOKED) if is_annotation(file)), None)
    return Sniff(0.7, f"annotations like {beside.relative_to(path)} beside images") if beside else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """Every annotated image, and every image that a list of a split names. Raises FormatError without annotations."""
    findings, bounds = Findings(), bounds or Bounds.of(path)
    labels = list(_xml(path))
    if not labels:
        raise FormatError(f"{path}: expected xml files in `Annotations` or beside images, found none")
    reader = Reader(path, labels, bounds, findings)
    for label in labels:
        progress(len(reader.records), 0)
        reader.take(label)
    reader.tell()
    places = parts.Places(reader.places, reader.sources, reader.bare())
    records = parts.given(reader.records, bounds.root, findings, places)
    records = tuple(_without_label(record, number, reader, findings) for number, record in enumerate(records))
    found = sorted({label.label for record in records for label in record.objects})
    classes = tuple(dict.fromkeys([*_order(path, frozenset(found)), *found]))
    return Source(records, classes, DETECTIONS, findings.all())


def is_annotation(path: Path) -> bool:
    """Whether an xml file begins like an annotation of VOC."""
    try:
        with open_regular(path) as stream:
            return _ROOT.search(stream.read(2048).replace(b"\0", b"")) is not None
    except OSError:
        return False


def _without_label(record: ImageRecord, number: int, reader: Reader, findings: Findings) -> ImageRecord:
    """A record; one that lists alone name is told."""
    if number >= len(reader.records):
        where = reader.label_of(record.path)
        findings.warn("missing_annotation", where, "an annotation", "no such file", "imported without labels")
    return record


def _label_folders(path: Path) -> Iterator[Path]:
    """Folders named as those of annotations: at the top, or in folders of years or splits."""
    inner = _folders(path)
    yield from (folder for folder in inner if folder.name.lower() in _FOLDERS)
    for folder in inner:
        if _YEAR.fullmatch(folder.name) or splits.split_of(folder.name):
            yield from (one for one in _folders(folder) if one.name.lower() in _FOLDERS)


def _folders(path: Path) -> list[Path]:
    return sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))


def _first(folder: Path) -> Path | None:
    return next((file for file in islice(_xml(folder), _LOOKED) if is_annotation(file)), None)


def _xml(path: Path) -> Sequence[Path]:
    return tree.with_suffix(path, ".xml")


def _order(path: Path, used: frozenset[str]) -> list[str]:
    """The classes in the order that the source lists them."""
    listed = path / "labelmap.txt"
    if not listed.is_file():
        return files.read_classes(path)
    lines = (line.split(":")[0].strip() for line in read_text(listed, MOST_SMALL).splitlines())
    return [name for name in lines if name and not name.startswith("#") and (name != "background" or name in used)]
