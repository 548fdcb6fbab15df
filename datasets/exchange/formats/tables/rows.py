"""What the rows of one table say about their images."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.pixelbox import Box, from_corners
from datasets.exchange.formats.common.shapes import box_of
from datasets.exchange.formats.tables import names
from datasets.exchange.formats.tables import table as tables
from datasets.exchange.formats.tables.cells import is_nothing, is_number
from datasets.exchange.formats.tables.images import Images
from datasets.exchange.formats.tables.meaning import NO_CLASS, Meaning, box_numbers
from datasets.exchange.formats.tables.table import Table
from datasets.images.probe import shown_size
from datasets.kinds import Kind
from datasets.records import SHOWN, ImageRecord, Label, Outline

_Placed = tuple[int, Sequence[str], Path, "Found"]  # the number of a row, its cells, its image and what is known of it
_FARTHEST = 1e9  # pixels of a declared side


@dataclass
class Found:
    """One image and what the rows of all tables say about it. `size` is what they declare, `seen` that of the file."""

    split: str | None = None
    size: tuple[int | None, int | None] = (None, None)
    labels: list[Label] = field(default_factory=list)
    tags: dict[str, None] = field(default_factory=dict)
    seen: tuple[int, int] | None = None
    known: set[tuple[str, Box | None]] = field(default_factory=set)

    def add(self, label: Label) -> bool:
        """Take a label; False for one that is there already: a class is kept once, a box again."""
        key = (label.label, label.box)
        new = key not in self.known
        self.known.add(key)
        self.labels += [label] * (new or label.box is not None)
        return new

    def record(self, path: Path, kind: Kind) -> ImageRecord:
        """The record of this image, of labels of one kind."""
        labels, tags, (width, height) = tuple(self.labels), tuple(self.tags), self.size
        if kind.boxes:
            return ImageRecord(path, self.split, width, height, labels, tags=tags)
        if kind.many:
            return ImageRecord(path, self.split, classifications=labels, tags=tags)
        return ImageRecord(path, self.split, classification=labels[0] if labels else None, tags=tags)


@dataclass
class Reader:
    """Reads the rows of one table into `found`. What is odd about many rows is counted and told at the end."""

    table: Table
    meaning: Meaning
    findings: Findings
    bounds: Bounds
    found: dict[Path, Found]
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, dict[str, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.images = Images(self.table, self.bounds)
        self.as_corners = False
        said = {cell for column in self.table.classes for cell in self.table.column(column)}
        self.unsure = bool(said & {"0", "0.0", ""})  # else -1 is what others write as 0

    def read(self) -> Iterator[int]:
        """Take every row; yields its number."""
        placed: Iterable[_Placed] = self._placed()
        if not self.meaning.relative and (self.table.sides or self.table.bbox is not None):
            placed = list(placed)
            self.as_corners = self._hold_corners(placed)
        for number, row, path, one in placed:
            yield number
            self._take(row, f"{self.table.path.name}:{number}", path, one)
        self._tell()

    def _placed(self) -> Iterator[_Placed]:
        """The rows whose image is found."""
        for number, row in self.table.rows:
            where = f"{self.table.path.name}:{number}"
            if any(row[len(self.table.header) :]):
                expected, told = f"{len(self.table.header)} cells, as names of columns", f"{len(row)}"
                self.findings.warn("wide_row", where, expected, told, "the row is left out; put such cells in quotes")
                continue
            found = self._image(row, where)
            if found is not None:
                yield number, row, *found

    def _image(self, row: Sequence[str], where: str) -> tuple[Path, Found] | None:
        name = self.images.name(row)
        cell = row[self.table.split] if self.table.split is not None else ""
        split = self.images.split(row)
        image = self.images.find(name, split) if name else Path()
        if image is None:
            return None
        if not files.is_file(image):
            self.findings.warn("missing_image", where, "an image of this name", repr(name), "the row is left out")
            return None
        path = files.resolved(image)
        one = self.found.setdefault(path, Found())
        if split and one.split not in (None, split):
            self._count("two_splits", path)
        one.split = one.split or split
        if cell and not self.images.said(row):
            self._group(cell, one, path)
        if self.table.group is not None and (group := row[self.table.group]):
            self._group(f"{self.table.named(self.table.group)}_{group}", one, path)
        return path, one

    def _group(self, tag: str, one: Found, path: Path) -> None:
        one.tags[tag] = None
        self._count("groups", path)

    def _take(self, row: Sequence[str], where: str, path: Path, one: Found) -> None:
        if self.table.runs is not None:
            self._outline(row, where, path, one)
        elif self.table.boxed:
            self._box(row, where, path, one)
        else:
            before = len(one.labels)
            for label in self._classes(row, where, path):
                one.add(label)
            if 0 < before < len(one.labels):
                self._count("several", path)

    def _classes(self, row: Sequence[str], where: str, path: Path) -> list[Label]:
        if self.table.classes:
            if self.unsure and any(row[column] in ("-1", "-1.0") for column in self.table.classes):
                self._count("unsure", path)
            return [Label(title) for column, title in self.table.classes.items() if tables.is_yes(row[column])]
        made = self.meaning.labels(row[self.table.label]) if self.table.label is not None else []
        sure = row[self.table.confidence] if self.table.confidence is not None else ""
        if not sure or not made:
            return [Label(name) for name in made]
        if self.meaning.absent:
            return [Label(name) for name in made] if sure.removesuffix(".0") == "1" else []
        try:
            values = [float(self.meaning.number(one)) for one in sure.replace(";", "|").split("|")]
            return [Label(name, confidence=value) for name, value in zip(made, values, strict=True)]
        except ValueError:
            self.findings.warn("bad_row", where, "a confidence per class", repr(sure), "they are left out")
            return [Label(name) for name in made]

    def _name(self, row: Sequence[str]) -> str:
        return NO_CLASS if self.table.label is None else self.meaning.label(row[self.table.label])

    def _box(self, row: Sequence[str], where: str, path: Path, one: Found) -> None:
        cells = box_numbers(self.table, row, self.meaning)
        if not any(cell and not is_nothing(cell) for cell in cells):
            if self.table.label is not None and self.meaning.label(row[self.table.label]):
                self._count("no_box", path)
            return
        size = None if self.meaning.relative and not self.table.size else self._size(row, path, one)
        box = self._relative(cells, size, path)
        name = self._name(row)
        if box is None or not name:
            expected = "4 finite numbers" if self.table.label is None else "a class and 4 finite numbers"
            self.findings.warn("bad_box", where, expected, f"{name!r}, {cells}"[:80], "the row is left out")
            return
        sure = self.meaning.number(row[self.table.confidence]) if self.table.confidence is not None else ""
        confidence = float(sure) if is_number(sure) else None
        extra = {title: True for column, title in self.table.attributes.items() if tables.is_yes(row[column])}
        if not one.add(Label(name, box, confidence, crowd=self._is_crowd(row), attributes=extra)):
            self._count("twice", path)

    def _outline(self, row: Sequence[str], where: str, path: Path, one: Found) -> None:
        """Kaggle's runs: first pixel, counted from 1 down the columns, and length, again and again."""
        text = row[self.table.runs] if self.table.runs is not None else ""
        if is_nothing(text) or text.strip() == "-1":  # no mask, as some write it
            return
        size, name = self._size(row, path, one), self._name(row)
        outline = None if size is None else _outline(text, size)
        box = outline and box_of(outline)
        if not outline or not box or not name:
            expected = "a class and pairs of first pixel and length inside the image"
            self.findings.warn("bad_rle", where, expected, f"{name!r}, {text[:40]!r}", "the row is left out")
            return
        one.add(Label(name, box, outline=outline))

    def _is_crowd(self, row: Sequence[str]) -> bool:
        return self.table.crowd is not None and tables.is_yes(row[self.table.crowd])

    def _size(self, row: Sequence[str], path: Path, one: Found) -> tuple[int, int] | None:
        """The size that a row declares, or that of the file."""
        stated = [self.meaning.number(row[column]) for column in self.table.size]
        if stated and all(is_number(side) and 1 <= float(side) < _FARTHEST for side in stated):
            size = int(float(stated[0])), int(float(stated[1]))
            one.size = size
            return size
        one.seen = one.seen or shown_size(path)
        return one.seen

    def _hold_corners(self, placed: Sequence[_Placed]) -> bool:
        """Whether four numbers that seem to be x, y, width, height are corners: all fit as such, some not otherwise."""
        if self.table.bbox is not None and self.table.plain[self.table.bbox] in names.BBOX_CORNERS:
            return True
        found, beyond = 0, 0
        for _, row, path, one in placed:
            cells = box_numbers(self.table, row, self.meaning)
            if len(cells) != 4 or not all(map(is_number, cells)):
                continue
            left, top, right, bottom = map(float, cells)
            size = self._size(row, path, one)
            if right <= left or bottom <= top or (size and (right > size[0] + 1 or bottom > size[1] + 1)):
                return False
            found += 1
            beyond += bool(size and (left + right > size[0] + 1 or top + bottom > size[1] + 1))
        if beyond:
            told = f"boxes that leave the image so, {beyond:,} of {found:,}, and fit as corners"
            action = "they are read as x_min, y_min, x_max, y_max"
            self.findings.warn("boxes_are_corners", self.table.path, "boxes as x, y, width, height", told, action)
        return beyond > 0

    def _relative(self, cells: Sequence[str], size: tuple[int, int] | None, path: Path) -> Box | None:
        """Four numbers as a relative box; corners that changed places are put right."""
        if len(cells) != 4 or (size is None and not self.meaning.relative):
            return None
        found = from_corners(cells, *((1, 1) if self.meaning.relative or size is None else size))
        if found is None:
            return None
        x, y, right, bottom = found[0], found[1], found[0] + found[2], found[1] + found[3]
        if self.table.centres:
            return x - right / 2, y - bottom / 2, right, bottom
        if not self.table.corners and not self.as_corners:
            return x, y, right, bottom  # width and height
        if right < x or bottom < y:
            self._count("swapped", path)
            x, right, y, bottom = min(x, right), max(x, right), min(y, bottom), max(y, bottom)
            return x, y, right - x, bottom - y
        return found

    def _is_of_one_class(self) -> bool:
        """Whether nearly all images have one class: then several rows for a few of them contradict each other."""
        return not self.table.plural and self.counts["several"] * 2 <= len(self.table.rows)

    def _count(self, what: str, path: Path) -> None:
        self.counts[what] += 1
        some = self.examples.setdefault(what, {})
        if len(some) < SHOWN:
            some[str(path)] = None

    def _tell(self) -> None:
        for what, (code, expected, found, action) in _TOLD.items():
            count = self.counts[what]
            if count:
                note = what in _NOTES and not (what == "several" and self._is_of_one_class())
                kind = self.findings.note if note else self.findings.warn
                more = {"count": count, "paths": tuple(self.examples[what])}
                kind(code, self.table.path, expected, found.format(f"{count:,}"), action, **more)


_NOTES = ("groups", "no_box", "twice", "several")
_TOLD = {
    "two_splits": ("two_splits", "each image in one split", "{} rows that name an image of another split again",
                   "it stays in the first; an image of both is trained on and validated with"),
    "swapped": ("swapped_corners", "the left top corner first", "{} boxes with corners in the other order",
                "the corners changed places"),
    "twice": ("duplicate_row", "each box once", "{} rows that are there twice",
              "both are kept; delete one of each if they are mistakes"),
    "no_box": ("class_without_box", "a box of each class", "{} rows of a class without one",
               "these images have no box by them"),
    "unsure": ("unsure_labels", "1 for yes and 0 for no", "{} rows with -1, which says neither",
               "these classes are left out there"),
    "several": ("several_rows", "one row for each image", "{} more of an image, of another class",
                "such an image has all of these classes; delete the rows that are wrong, if one class was meant"),
    "groups": ("groups", "train, val or test as splits", "{} rows with other words",
               "they are kept as tags of the images"),
}  # fmt: skip


def _outline(text: str, size: tuple[int, int]) -> Outline | None:
    """Run lengths of Kaggle as COCO's runs; None for runs that leave the image or cross one another."""
    try:
        pairs = np.array(text.split(), np.int64).reshape(-1, 2)
    except ValueError:
        return None
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    first, last = pairs[:, 0] - 1, pairs[:, 0] - 1 + pairs[:, 1]
    pixels = size[0] * size[1]
    if not len(pairs) or first[0] < 0 or pairs[:, 1].min() < 1 or last[-1] > pixels or (first[1:] < last[:-1]).any():
        return None
    edges = np.stack([first, last], axis=1).reshape(-1)
    return Outline(size, runs=np.diff(np.concatenate([[0], edges, [pixels]])))
