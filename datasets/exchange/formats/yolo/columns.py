"""What the numbers of YOLO rows mean, decided over all label files of a source, and told where it is no plain form.

The plain forms are `x_centre y_centre width height` and `x y x y ...`, relative to the image. A fifth number beside a
box is a confidence as long as it can be one in every row. Trackers of Ultralytics write `... [confidence] track` at the
end of a row, its pose models `x_centre y_centre width height` and `x y [visibility]` for each point.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.yolo.rows import NEAR, Row
from datasets.records import SHOWN

_FAR = 10.0  # sizes of the image: beyond it a number is no share of one
_OUTSIDE = 0.02  # of the image: by so much no box exceeds it by rounding
_SHARE = 1 / 3  # of all boxes that leave the image when read by their centre: no box of corners by chance
_FEW = 3
_CORNERS = 8  # numbers of four corners
_EVEN = 2e-3  # of the size of the image: files are written with few digits


@dataclass(slots=True)
class Meaning:
    """One row: a `box` (centre and size, or its corners put so) or a `polygon`, and a confidence."""

    box: tuple[float, float, float, float] | None = None
    polygon: "array[float] | None" = None
    confidence: float | None = None


@dataclass
class Columns:
    """Takes all rows first (`add`), then says what each means (`meaning`) and what was seen (`tell`).

    `points` are the numbers of key points that a row has after its box, where the yaml declares them.
    """

    points: int | None = None
    boxes: int = 0
    outside: int = 0
    ordered: int = 0
    shifted: int = 0  # rows of five that fit with their first number left away
    lengths: Counter[int] = field(default_factory=Counter)  # of rows of more than five numbers
    paired: int = 0  # of these, those that are a box inside the image and points on it too
    fifths: "array[float]" = field(default_factory=lambda: array("d"))
    lasts: "array[float]" = field(default_factory=lambda: array("d"))  # of rows with an even number of six or more
    many: int = 0  # rows of more than five numbers
    visible: Counter[int] = field(default_factory=Counter)  # those that look like points with a visibility, by length
    slanted: int = 0  # those of four corners that are a rectangle that was turned
    pointed: bool = False  # a row of five ends with a 0 or 1 that is written with a point
    seen: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, rows: Sequence[Row], path: Path) -> None:
        """Look at the rows of one file."""
        for row in rows:
            values = row.values
            if not row.plain:
                self._see("separators", path)
            if len(values) <= 5:
                self._add_box(values)
                self.pointed = self.pointed or row.pointed
            else:
                self.many += 1
                self.lengths[len(values)] += 1
                self.slanted += len(values) == _CORNERS and _slanted(values)
                self.paired += len(values) % 2 == 0 and _paired(values)
                if len(values) % 2 == 0:
                    self.lasts.append(values[-1])
                if (len(values) - 4) % 3 == 0 and _posed(values):
                    self.visible[len(values)] += 1

    def decide(self) -> None:
        """All rows are known."""
        self.corners = self.boxes >= _FEW and self.ordered == self.boxes and self.outside >= self.boxes * _SHARE
        shares = all(0 <= one <= 1 for one in self.fifths)
        self.confident = shares and (0 not in self.fifths or self.pointed or any(map(_part, self.fifths)))
        self.tracked = any(one > NEAR for one in self.lasts) and not any(map(_part, self.lasts))
        if self.points is None and self.many and len(self.visible) == 1 and self.visible.total() == self.many:
            self.points = next(iter(self.visible)) - 4
            self.seen["poses"] = self.many
        if self.points is None and len(self.lengths) == 1:
            (length,) = self.lengths
            self.seen["turned"] = self.slanted
            self.seen["maybe_poses"] = self.many * (length > _CORNERS and self.paired == self.many)
        led = self.shifted == len(self.fifths) == self.boxes >= _FEW
        self.led = led and self.outside >= self.boxes * _SHARE

    def meaning(self, row: Row, odd: bool, path: Path) -> Meaning | None:
        """What a row means; None when it is none of the forms. `odd`: all polygons of its file have a number more."""
        values, length = row.values, len(row.values)
        if length == 5:
            return self._five(values, path)
        if length == 4 or (self.points is not None and length == 4 + self.points):
            self.seen["key_points"] += length > 4
            return self._box(values, None, path)
        if self.points is not None:
            return None
        if length == 6 and self.tracked:
            self._see("tracks", path)
            return self._box(values, values[4] if 0 <= values[4] <= 1 else None, path)
        if length % 2 and not odd:
            return None
        return self._polygon(values, path)

    def far(self, row: Row) -> bool:
        """Whether a row was left out because its numbers are no shares of an image."""
        ends = len(row.values) - (len(row.values) > 4)  # the last one may be the id of a track
        return max(row.values[:ends]) > _FAR or min(row.values[:ends]) < -_FAR

    def tell(self, where: Path, findings: Findings) -> None:
        """What was read in another way than the plain one, or left out: one finding for each kind."""
        for code, (severity, expected, found, action) in _TOLD.items():
            count = self.seen[code]
            if count:
                tell = findings.warn if severity == "warning" else findings.note
                paths = tuple(self.examples.get(code, ()))
                values = {"count": f"{count:,}", "most": f"{max(self.fifths, default=0):g}"}
                tell(code, where, expected, found.format(**values), action, count=count, paths=paths)

    def see_repeated(self, rows: Sequence[Row], path: Path) -> None:
        """Count rows that their file has already."""
        if len({(row.number, row.values[0], row.values[1]) for row in rows}) == len(rows):
            return
        for _ in range(len(rows) - len({row.key for row in rows})):
            self._see("equal_rows", path)

    def see_name(self, path: Path) -> None:
        """Count a row with the name of a class in place of its number."""
        self._see("named_rows", path)

    def _add_box(self, values: "array[float]") -> None:
        x, y, width, height = values[:4]
        self.boxes += 1
        self.ordered += 0 <= x < width <= 1 and 0 <= y < height <= 1
        self.outside += (
            min(x - width / 2, y - height / 2) < -_OUTSIDE or max(x + width / 2, y + height / 2) > 1 + _OUTSIDE
        )
        if len(values) == 5:
            self.fifths.append(values[4])
            self.shifted += 0 <= values[0] <= 1 and _inside(values[1:], 0.0)

    def _five(self, values: "array[float]", path: Path) -> Meaning | None:
        """A box and a number more."""
        if self.led:
            self._see("led", path)
            return self._box(values[1:], values[0], path)
        if not self.confident:
            self._see("fifth", path)
        return self._box(values, values[4] if self.confident else None, path)

    def _box(self, values: "array[float]", confidence: float | None, path: Path) -> Meaning | None:
        x, y, width, height = values[:4]
        if not (-_FAR < x < _FAR and -_FAR < y < _FAR and -_FAR < width < _FAR and -_FAR < height < _FAR):
            self._see("not_relative", path)
            return None
        if self.corners:
            self._see("corners", path)
            return Meaning((x, y, width - x, height - y), confidence=confidence)
        if width < 0 or height < 0:
            self._see("negative_size", path)
            width, height = abs(width), abs(height)
        return Meaning((x - width / 2, y - height / 2, width, height), confidence=confidence)

    def _polygon(self, values: "array[float]", path: Path) -> Meaning | None:
        confidence: float | None = None
        if len(values) % 2:
            values, last = values[:-1], values[-1]
            confidence = last if 0 <= last <= 1 else None
            self._see("confidence" if confidence is not None else "tracks", path)
        elif self.tracked:
            values, confidence = values[:-2], values[-2] if 0 <= values[-2] <= 1 else None
            self._see("tracks", path)
        if max(values) > _FAR or min(values) < -_FAR:
            self._see("not_relative", path)
            return None
        return Meaning(polygon=values, confidence=confidence)

    def _see(self, code: str, path: Path) -> None:
        self.seen[code] += 1
        known = self.examples.setdefault(code, [])
        if len(known) < SHOWN and (not known or known[-1] != str(path)):
            known.append(str(path))


def _inside(box: "array[float]", slack: float) -> bool:
    """Whether a centre and a size are those of a box inside the image."""
    x, y, width, height = box
    across = min(x - width / 2, y - height / 2) >= -slack and max(x + width / 2, y + height / 2) <= 1 + slack
    return width > 0 and height > 0 and across


def _paired(values: "array[float]") -> bool:
    """Whether numbers after a box inside the image are x and y of points on it."""
    x, y, width, height = values[:4]
    points = zip(values[4::2], values[5::2], strict=True)
    on = all(abs(px - x) <= width / 2 + 0.01 and abs(py - y) <= height / 2 + 0.01 for px, py in points)
    return on and _inside(values[:4], 0.01)


def _slanted(values: "array[float]") -> bool:
    """Whether four corners are those of a parallelogram, as a turned rectangle is in shares, and not upright."""
    (x0, y0, x1, y1, x2, y2, x3, y3) = values
    even = abs(x0 + x2 - x1 - x3) < _EVEN and abs(y0 + y2 - y1 - y3) < _EVEN
    return even and not (min(abs(x0 - x1), abs(y0 - y1)) < _EVEN and min(abs(x1 - x2), abs(y1 - y2)) < _EVEN)


def _part(value: float) -> bool:
    """Whether a number is no whole one."""
    return value % 1 != 0


def _posed(values: "array[float]") -> bool:
    """Whether numbers after a box are x, y and visibility of points that lie on it."""
    x, y, width, height = values[:4]
    if any(one not in (0, 1, 2) for one in values[6::3]):
        return False
    seen = [(px, py) for px, py, v in zip(values[4::3], values[5::3], values[6::3], strict=True) if v]
    inside = all(abs(px - x) <= width / 2 + 0.05 and abs(py - y) <= height / 2 + 0.05 for px, py in seen)
    return inside and max(values[:4]) <= NEAR


_BOX = "x, y, width and height from 0 to 1"
_TOLD = {
    "key_points": ("note", "boxes or polygons", "{count} objects with key points",
                   "their boxes are read, the points are not yet"),
    "poses": ("warning", "`kpt_shape` in the yaml", "{count} rows with x, y and visibility of points after a box",
              "they are read as boxes; add `kpt_shape` if they are key points"),
    "maybe_poses": ("warning", "polygons, or `kpt_shape` in the yaml",
                    "{count} rows that may as well be a box and points",
                    "they are read as polygons; add `kpt_shape` to the yaml if they are key points"),
    "turned": ("note", "boxes or polygons", "{count} rows of four corners, as of turned boxes",
               "they are read as outlines, with the upright box around each"),
    "led": ("warning", "the class, then the box", "{count} rows with a number from 0 to 1 between the two",
            "it is read as a confidence"),
    "confidence": ("note", "polygons as pairs of x and y", "a number more in {count} rows",
                           "it is read as their confidence"),
    "fifth": ("warning", "a confidence from 0 to 1 as the sixth number of a row",
              "{count} rows with other numbers there, up to {most}",
              "they are left out: they look like ids of tracks, or flags"),
    "tracks": ("warning", "boxes or polygons, and a confidence at most",
               "{count} rows that end with an id of a track, as trackers write", "the ids are left out"),
    "not_relative": ("warning", "numbers from 0 to 1, as shares of the width and height of the image",
                     "{count} rows with numbers far above 1, as of pixels",
                     "the rows are left out: divide them by the size of their image"),
    "corners": ("warning", "the centre and size of each box",
                "{count} rows that fit into the image only as left, top, right, bottom", "they are read so"),
    "negative_size": ("note", _BOX, "{count} boxes of negative width or height", "read without the sign"),
    "separators": ("note", "blanks between the numbers of a row",
                   "{count} rows with commas, semicolons or decimal commas", "they are read as they are meant"),
    "named_rows": ("note", "the number of a class as the first of a row", "{count} rows with its name", "read so"),
    "equal_rows": ("note", "each object once", "{count} rows that repeat one of the same file",
                   "all are kept; delete those that are the same object"),
}  # fmt: skip
