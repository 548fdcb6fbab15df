"""KITTI's objects: a text file for each image, 15 columns a row, 16 with a confidence.

Class, truncated, occluded, alpha, box as `left top right bottom` in pixels, height width length and x y z in metres,
and rotation_y (the development kit of KITTI, `readme.txt`). What is not known (-1, -10, -1000) is no attribute.
`DontCare` regions are no objects: they are left out, with a note. Also the form that NVIDIA TAO reads.
"""

from collections.abc import Iterator
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Sniff, Source
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import read_text
from datasets.exchange.formats.tools import labelfiles
from datasets.exchange.formats.tools.drawing import Drawing, number
from datasets.exchange.formats.tools.readonly import refuse
from datasets.records import Finding, Progress, first_paths, no_progress

NAME = "kitti"
TITLE = "KITTI"
ACCEPTS = ()
_COLUMNS = (15, 16)
_IGNORED = "dontcare"


def sniff(path: Path) -> Sniff:
    """Text files whose rows are a word and 14 or 15 numbers."""
    claim = (0.88, "rows of 15 columns of KITTI")
    return labelfiles.sniffed(path, (".txt",), _looks, claim) if path.is_dir() else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All label files below the path, and those of images beside them. Raises FormatError when there is none."""
    bounds = bounds or Bounds.of(path)
    sheets = labelfiles.Sheets(path, (".txt",), _looks, bounds, TITLE)
    ignored: dict[Path, int] = {}
    empty: list[Path] = []

    def take(label: Path) -> None:
        image = sheets.image(label, "")
        if image is None:
            return
        drawn, rows = sheets.drawing(label, image, None), list(_rows(label))
        if not rows:
            empty.append(label)
        for line, cells in rows if drawn else ():
            if drawn and cells[0].lower() == _IGNORED:
                ignored[label] = ignored.get(label, 0) + 1
            elif drawn:
                with drawn.shape(line, "line"):
                    _object(cells, drawn)
        sheets.add(label, image, None, drawn)

    labelfiles.each(sheets, progress, take)
    if ignored:
        sheets.findings.note(
            "dont_care", next(iter(ignored)), "objects", "regions DontCare, whose objects are not labelled",
            "they are left out", count=sum(ignored.values()), paths=first_paths(ignored),
        )  # fmt: skip
    if empty:
        sheets.findings.warn(
            "empty_file", empty[0], "a row for each object, or for a region DontCare", "a file without rows",
            "its image is imported without labels", count=len(empty), paths=first_paths(empty),
        )  # fmt: skip
    return sheets.source()


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    refuse(TITLE)


def _looks(head: bytes) -> bool:
    first = next((line.split() for line in head.splitlines() if line.strip()), [])
    return len(first) in _COLUMNS and not _is_number(first[0]) and all(map(_is_number, first[1:]))


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _rows(label: Path) -> Iterator[tuple[int, list[str]]]:
    for line, text in enumerate(read_text(label).splitlines(), 1):
        cells = text.split()
        if cells and len(cells) not in _COLUMNS:
            raise FormatError(f"expected 15 or 16 columns in line {line}, found {len(cells)}")
        if cells:
            yield line, cells


def _object(cells: list[str], drawn: Drawing) -> None:
    values = [number(cell) for cell in cells[1:]]
    truncated, occluded, alpha = values[:3]
    dimensions, location, rotation = values[7:10], values[10:13], values[13]
    more: dict[str, object] = {}
    if truncated >= 0:
        more["truncated"] = truncated
    if occluded >= 0:
        more["occluded"] = int(occluded)
    if abs(alpha) <= 4:
        more["alpha"] = alpha
    if min(dimensions) > 0:
        more |= {"dimensions": dimensions, "location": location, "rotation_y": rotation}
    confidence = values[14] if len(values) == 15 else None
    if confidence is not None and not 0 <= confidence <= 1:
        more["score"], confidence = confidence, None
    drawn.box(cells[0], values[3:7], more, confidence=confidence)
