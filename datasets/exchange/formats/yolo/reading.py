"""Label files of a layout as labels: all rows are taken first, because what they mean is decided over all of them."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import classnames
from datasets.exchange.formats.common.parsing import class_name, read_text
from datasets.exchange.formats.common.shapes import box_of, polygon
from datasets.exchange.formats.yolo.classlists import Names
from datasets.exchange.formats.yolo.columns import Columns
from datasets.exchange.formats.yolo.layout import Layout
from datasets.exchange.formats.yolo.rows import Row, Unread, rows_of
from datasets.records import Label, Outline

_COUNTED = 10_000  # class numbers up to which names are made up
_ROW = "class and 4 numbers, or class and the points of a polygon"


@dataclass
class Reader:
    """`take` each label file, `decide`, then ask for the `labels` of each image, and `tell` what was seen."""

    layout: Layout
    findings: Findings
    files: dict[Path, list[Row]] = field(default_factory=dict)
    numbers: Counter[float] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)  # classes that rows give by name
    names: Names = field(default_factory=dict)
    first: int = 0  # the number that stands for the first name

    def __post_init__(self) -> None:
        self.columns = Columns(self.layout.points)

    @property
    def classes(self) -> tuple[str, ...]:
        """All names in order."""
        listed = [name for names in self.layout.lists.values() for name in names.values()]
        return tuple(dict.fromkeys([*listed, *self.names.values()]))

    def take(self, path: Path) -> None:
        """Read the rows of one file; lines that are none are findings."""
        try:
            text = read_text(path)
        except FormatError as error:
            self.findings.warn("unreadable_labels", path, "a text file in UTF-8", str(error), "its labels are left out")
            return
        rows: list[Row] = []
        for row in rows_of(text):
            if isinstance(row, Unread):
                self._tell_unread(row, path)
            else:
                rows.append(row)
        self.add(path, rows)

    def add(self, path: Path, rows: list[Row]) -> None:
        """The rows of one file, or of one image."""
        self.files[path] = rows
        self.named.update(row.name for row in rows if row.name)
        self.numbers.update(row.number for row in rows if not row.name)
        self.columns.add(rows, path)

    def decide(self, where: Path) -> None:
        """All files were taken: what the numbers mean, and what classes there are."""
        self.columns.decide()
        if self.layout.lists:
            self.names = {}
        elif self.layout.names:
            self.names = self.layout.names
            self._number_from_one(where)
        else:
            self.names = self._made_up(where)

    def labels(self, image: Path) -> tuple[Label, ...]:
        """The labels of one image; none when it has no label file (a background image)."""
        path = self.layout.labels.get(image)
        rows = self.files.get(path) if path else None
        if path is None or not rows:
            return ()
        names = self.layout.names_for(path) if self.layout.lists else self.names
        polygons = [len(row.values) for row in rows if len(row.values) > 5]
        odd = bool(polygons) and all(length % 2 for length in polygons)
        self.columns.see_repeated(rows, path)
        made = (self._label(row, names, odd, path) for row in rows)
        return tuple(label for label in made if label is not None)

    def tell(self, where: Path) -> None:
        """What was read in another way than the plain one."""
        self.columns.tell(where, self.findings)

    def _label(self, row: Row, names: Names, odd: bool, path: Path) -> Label | None:
        name = names.get(row.number - self.first)  # type: ignore[call-overload]  # a whole float is the key of its int
        if row.name:
            name = next((one for one in names.values() if classnames.plain(one) == classnames.plain(row.name)), None)
        where = f"{path}:{row.line}"
        if name is None:
            low, high = min(names, default=0) + self.first, max(names, default=0) + self.first
            found = repr(row.name[:60]) if row.name else f"{row.number:g}"
            self.findings.warn("unknown_class", where, f"a class from {low} to {high}", found, "the row is left out")
            return None
        if row.name:
            self.columns.see_name(path)
        meaning = self.columns.meaning(row, odd, path)
        if meaning is None:
            if not self.columns.far(row):
                found = f"{len(row.values) + 1} numbers"
                self.findings.warn("bad_row", where, _ROW, found, "the row is left out")
            return None
        if meaning.polygon is None:
            return Label(name, meaning.box, meaning.confidence)
        points = polygon(meaning.polygon, (1.0, 1.0), where, self.findings)
        if points is None:
            return None
        outline = Outline((1.0, 1.0), (points,))
        return Label(name, box_of(outline), meaning.confidence, outline=outline)

    def _tell_unread(self, row: Unread, path: Path) -> None:
        code, expected = ("bad_row", _ROW) if row.finite else ("bad_box", "finite numbers")
        self.findings.warn(code, f"{path}:{row.line}", expected, repr(row.text[:60]), "the row is left out")

    def _made_up(self, where: Path) -> Names:
        """Names of a source that has none: those in its rows, and `class_0` to the highest number."""
        highest = max((int(one) for one in self.numbers if one % 1 == 0 and 0 <= one < _COUNTED), default=-1)
        made = {number: classnames.numbered(number) for number in range(highest + 1)}
        classnames.tell_made_up(list(made.values()), where, self.findings)
        for name in self.named:
            try:
                made[len(made)] = class_name(name)
            except ValueError as wrong:
                self.findings.warn("bad_name", where, "a name for each class", str(wrong), "its rows are left out")
        return made

    def _number_from_one(self, where: Path) -> None:
        """Numbers 1 to n of n names, and never 0, are counted from 1."""
        count, used = len(self.names), {int(one) for one in self.numbers if one % 1 == 0}
        if set(self.names) == set(range(count)) and used and max(used) == count and min(used) >= 1:
            self.first = 1
            found = f"{min(used)} to {count}, and never 0"
            action = f"they are read as counted from 1: {count} is {self.names[count - 1]!r}; check the classes"
            self.findings.warn("counted_from_one", where, f"class numbers from 0 to {count - 1}", found, action)
