"""The rows of a YOLO label file as numbers, whatever stands between them.

A row is a class and four or more numbers. Between them stand blanks as Ultralytics writes them, or tabs, commas or
semicolons; a comma in every number is that of a decimal fraction. The class is a number, or a name.
"""

import math
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

_MARKS = re.compile(r"[\s,;]+")
_FRACTION = re.compile(r"-?\d+,\d+")
_WHOLE = re.compile(r"-?\d+")
NEAR = 1.5  # relative numbers of real files are hardly ever greater; numbers of pixels are


@dataclass(slots=True)
class Row:
    """Line `line` (from 1): class number `number`, or its `name`, and all `values` after it. `plain`: by blanks.

    `pointed`: the last of five values is 0 or 1 and written with a point, as a confidence is.
    """

    line: int
    number: float
    name: str
    values: "array[float]"
    plain: bool = True
    pointed: bool = False

    @property
    def key(self) -> tuple[float, str, bytes]:
        """What two equal rows share."""
        return self.number, self.name, self.values.tobytes()


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is no row: fewer than four numbers, words, or numbers that are not finite."""

    line: int
    text: str
    finite: bool = True


def rows_of(text: str) -> Iterator[Row | Unread]:
    """Each line that is neither empty nor a comment."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            values = array("d", map(float, words))
        except ValueError:
            yield _odd(line, number)
            continue
        yield _row(number, values, line)


def look_like_rows(text: str, most: int = 20) -> bool:
    """Whether the first lines are rows of relative numbers, of at least one."""
    seen = 0
    for row in rows_of(text):
        if isinstance(row, Unread) or max(row.values[:4]) > NEAR or min(row.values[:4]) < -NEAR:
            return False
        if len(row.values) > 5 if row.name else row.number < 0 or row.number % 1:
            return False
        seen += 1
        if seen == most:
            break
    return seen > 0


def _row(number: int, values: "array[float]", line: str, plain: bool = True) -> Row | Unread:
    if not math.isfinite(sum(values)):
        return Unread(number, line, finite=False)
    if len(values) < 5:
        return Unread(number, line)
    pointed = len(values) == 6 and values[5] in (0.0, 1.0) and line.rstrip()[-2:-1] == "."
    return Row(number, values[0], "", values[1:], plain, pointed)


def _odd(line: str, number: int) -> Row | Unread:
    words = _words(line)
    first = next((at for at, word in enumerate(words) if _number(word) is not None), len(words))
    values = [_number(word) for word in words[first:]]
    known = array("d", (value for value in values if value is not None))
    if len(known) < len(values):
        return Unread(number, line)
    if not first:
        return _row(number, known, line, plain=False)
    if len(known) < 4 or not all(map(math.isfinite, known)):
        return Unread(number, line, finite=all(map(math.isfinite, known)))
    return Row(number, math.nan, " ".join(words[:first]).strip("\"'"), known, plain=True)


def _words(line: str) -> list[str]:
    """The parts of a line; `0,5` is a number where every number after the first is so written."""
    parts = [part.rstrip(",") for part in re.split(r"[\s;]+", line.strip()) if part.rstrip(",")]
    if len(parts) > 4 and "." not in line and all(_FRACTION.fullmatch(one) or _WHOLE.fullmatch(one) for one in parts):
        return [part.replace(",", ".") for part in parts]
    return [part for part in _MARKS.split(line) if part]


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
