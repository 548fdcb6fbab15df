"""A csv of labels beside its images: a class or several per image, columns of 0 and 1, or boxes.

Several classes: `labels` (or `label`) with `|` or `;` between them, one row for each, or a column of 0 and 1 per class
(where every image has exactly one 1, it has one class). Boxes: `x_min, y_min, x_max, y_max` (or xmin, x1, left ...),
`x, y, w, h`, or `bbox` with x, y, width, height; in pixels, or relative where no number is above 1. Splits: a column,
or a table for each (`train.csv`, `train/_classes.csv`). Images are named by path, by file name or without extension.
`classes.txt` gives the class order, else classes are sorted.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.pixelbox import Box, corners, from_corners
from datasets.exchange.formats.tables import table as csv_table
from datasets.exchange.formats.tables.table import Table
from datasets.images.probe import shown_size
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS, Kind
from datasets.records import Finding, ImageRecord, Label, Progress, no_progress

NAME = "csv"
TITLE = "CSV of labels"
ACCEPTS = (CLASSIFICATION, CLASSIFICATIONS, DETECTIONS)
BOXED = ("label", *csv_table.CORNERS[0], "image_width", "image_height", "confidence")
_LOOKED_AT = 20  # rows


def sniff(path: Path) -> Sniff:
    """A table with a column of images, of which the first exist, and one of labels."""
    found = [table for file in _tables(path) if (table := csv_table.read(file, _LOOKED_AT)) and table.labelled]
    for table in found:
        bounds = Bounds.of(path)
        images = _Images(table.path.parent, bounds)
        if any(images.find(row.get(table.image, "")) for row in table.rows) or bounds.named:
            score = 0.9 if path.is_file() else 0.65
            return Sniff(score, f"{table.path.name} with the columns {table.image} and {_told(table)}")
    return Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """Every image that a table names. Raises FormatError when no table has a column of images and one of labels."""
    tables = [table for file in _tables(path) if (table := csv_table.read(file)) and table.labelled]
    if not tables:
        expected = "expected a csv with a column of images and one of labels (such as image,label), found none"
        raise FormatError(f"{path}: {expected}")
    findings, bounds = Findings(), bounds or Bounds.of(path)
    known = files.read_classes(path if path.is_dir() else path.parent)
    found: dict[Path, _Found] = {}
    for table in tables:
        reader = _Reader(table, known, findings, bounds)
        for number, row in enumerate(table.rows, 2):
            progress(len(found), 0)
            reader.take(row, f"{table.path.name}:{number}", found)
    kind = _kind(tables, list(found.values()))
    names = sorted({label.label for one in found.values() for label in one.labels})
    columns = [title for table in tables for title in table.classes.values()]
    classes = tuple(dict.fromkeys([*known, *columns, *names]))
    records = tuple(one.record(path, kind) for path, one in found.items())
    return Source(records, classes, kind, findings.all())


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """`labels.csv`, `classes.txt` for the order, and `images/<split>`; with media `none` the rows name absolute paths.

    Raises FormatError for several classes per image when one is named with `|`.
    """
    findings = Findings()
    kind = draft.kind or CLASSIFICATION
    several = kind.of_class and kind.many
    if several and any("|" in name for name in draft.classes):
        raise FormatError(
            "expected class names without `|`, which stands between them in a csv; rename the class first"
        )
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in draft.classes), encoding="utf-8")
    columns = BOXED if kind.boxes else (csv_table.SEVERAL if several else "label", "confidence")
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("image", "split", *columns))
        for done, (record, name) in enumerate(zip(draft.records, files.file_names(draft.records), strict=True)):
            inside = Path("images", record.split or "", name)
            files.place(record.path, folder / inside, draft.media)
            image = str(record.path) if draft.media == "none" else inside.as_posix()
            named = csv_table.cell(image), csv_table.cell(record.split or "")
            writer.writerows((*named, *values) for values in _values(record, kind))
            progress(done + 1, len(draft.records))
    lost = sum(label.crowd or bool(label.mask_path or label.mask) for r in draft.records for label in r.objects)
    if lost:
        findings.note("masks_left_out", folder, "boxes", f"{lost:,} masks or crowds", "their boxes are written")
    return findings.all()


def _values(record: ImageRecord, kind: Kind) -> Iterator[tuple[object, ...]]:
    if kind.boxes:
        size = record.width or 1, record.height or 1
        for label in record.objects:
            yield (
                csv_table.cell(label.label),
                *corners(label.box or (0, 0, 1, 1), *size),
                *size,
                _text(label.confidence),
            )
        if not record.objects:
            yield ("",) * len(BOXED)
        return
    several = record.classifications if kind.many else (record.classification,)
    labels = [label for label in several if label]
    sure = [_text(label.confidence) for label in labels]
    yield csv_table.cell("|".join(label.label for label in labels)), "|".join(sure) if any(sure) else ""


def _text(confidence: float | None) -> str:
    return "" if confidence is None else repr(confidence)


@dataclass
class _Found:
    """One image and what the rows say about it."""

    split: str | None = None
    size: tuple[int | None, int | None] = (None, None)
    labels: list[Label] = field(default_factory=list)

    def record(self, path: Path, kind: Kind) -> ImageRecord:
        labels, width, height = tuple(self.labels), *self.size
        if kind.boxes:
            return ImageRecord(path, self.split, width, height, labels)
        if kind.many:
            return ImageRecord(path, self.split, classifications=labels)
        return ImageRecord(path, self.split, classification=labels[0] if labels else None)


class _Images:
    """Images below a folder, by path, by file name and without extension."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self.folder, self.bounds = folder, bounds
        self._names: dict[str, Path] | None = None

    def find(self, name: str) -> Path | None:
        """The image that a cell names, or None."""
        if not name:
            return None
        found = self.bounds.image(name, [self.folder])
        if found is None or files.is_file(found):
            return found
        return self._by_name(Path(name.replace("\\", "/")))

    def _by_name(self, name: Path) -> Path | None:
        if self._names is None:
            self._names = {}
            for path in files.images_below(self.folder):
                self._names.setdefault(path.name.lower(), path)
                self._names.setdefault(path.stem.lower(), path)
        return self._names.get(name.name.lower()) or self._names.get(name.stem.lower())


@dataclass
class _Reader:
    """Reads the rows of one table."""

    table: Table
    known: Sequence[str]
    findings: Findings
    bounds: Bounds

    def __post_init__(self) -> None:
        self.images = _Images(self.table.path.parent, self.bounds)
        self.folder_split = files.split_of(self.table.path.stem) or files.split_of(self.table.path.parent.name)
        self.relative = self.table.boxed and all(
            abs(value) <= 1 for row in self.table.rows for value in csv_table.numbers(" ".join(self._cells(row)))
        )

    def take(self, row: dict[str, str], where: str, found: dict[Path, _Found]) -> None:
        """Add what a row says to its image."""
        name, elsewhere = row.get(self.table.image, ""), self.bounds.named.total()
        image = self.images.find(name)
        if image is None and self.bounds.named.total() > elsewhere:
            return
        if image is None:
            self.findings.warn("missing_image", where, "an image of this name", repr(name), "the row is left out")
            return
        path = files.resolved(image)
        one = found.setdefault(path, _Found())
        one.split = one.split or files.split_of(row.get(self.table.split, "")) or self.folder_split
        if self.table.boxed:
            self._box(row, path, where, one)
        else:
            one.labels += [label for label in self._classes(row, where) if label not in one.labels]

    def _classes(self, row: dict[str, str], where: str) -> list[Label]:
        if self.table.classes:
            return [Label(title) for name, title in self.table.classes.items() if row[name].startswith("1")]
        marks = "|;," if self.table.label == csv_table.SEVERAL else "|;"
        names = csv_table.several(row.get(self.table.label, ""), self.known, marks)
        sure = csv_table.several(row.get(self.table.confidence, ""), (), "|;")
        if not sure:
            return [Label(name) for name in names]
        try:
            return [Label(name, confidence=float(value)) for name, value in zip(names, sure, strict=True)]
        except ValueError:
            self.findings.warn("bad_row", where, "a confidence per class", repr(sure), "they are left out")
            return [Label(name) for name in names]

    def _box(self, row: dict[str, str], path: Path, where: str, one: _Found) -> None:
        cells = self._cells(row)
        if not any(cells):
            return
        stated = [csv_table.numbers(row.get(name, "")) for name in self.table.size]
        told = all(stated) and all(1 <= side[0] < 1e9 for side in stated)
        size = (int(stated[0][0]), int(stated[1][0])) if told else shown_size(path)
        one.size = (None, None) if size is None or not told else size
        box = self._relative(cells, size)
        name = row.get(self.table.label, "") or ("object" if not self.table.label else "")
        if box is None or not name:
            expected = "a class and 4 finite numbers" if self.table.label else "4 finite numbers"
            self.findings.warn("bad_box", where, expected, f"{name!r}, {cells}"[:80], "the row is left out")
            return
        sure = csv_table.numbers(row.get(self.table.confidence, ""))
        one.labels.append(Label(name, box, sure[0] if sure else None))

    def _cells(self, row: dict[str, str]) -> list[str]:
        """Four cells, or the numbers in the single cell."""
        names = self.table.corners or self.table.sides
        if names:
            return [row.get(name, "") for name in names]
        return [repr(value) for value in csv_table.numbers(row.get(self.table.bbox, ""))]

    def _relative(self, cells: list[str], size: tuple[int, int] | None) -> Box | None:
        if len(cells) != 4 or (size is None and not self.relative):
            return None
        found = from_corners(cells, *((1, 1) if self.relative or size is None else size))
        if found is None or self.table.corners:
            return found
        x, y, wide, high = found[0], found[1], found[0] + found[2], found[1] + found[3]  # width and height
        return x, y, wide, high


def _tables(path: Path) -> list[Path]:
    """The tables of a path: itself, those at its top, or one in each folder of a split."""
    if path.is_file():
        return [path] if path.suffix.lower() in (".csv", ".tsv") else []
    if not path.is_dir():
        return []
    found = [file for pattern in ("*.csv", "*/*.csv") for file in sorted(path.glob(pattern))]
    return [file for file in found if file.parent == path or files.split_of(file.parent.name)]


def _kind(tables: Sequence[Table], found: Sequence[_Found]) -> Kind:
    if any(table.boxed for table in tables):
        return DETECTIONS
    if any(table.label == csv_table.SEVERAL for table in tables):
        return CLASSIFICATIONS
    none = any(table.classes for table in tables) and not all(one.labels for one in found)
    return CLASSIFICATIONS if none or any(len(one.labels) > 1 for one in found) else CLASSIFICATION


def _told(table: Table) -> str:
    if table.boxed:
        return "of boxes"
    return table.label or f"{len(table.classes)} classes"
