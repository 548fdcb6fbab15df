"""Cells of tables: what they say as numbers and as names, and how the writing of a whole table is decided."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

# A formula stands at the beginning of a cell, which may begin after a character that some spreadsheets take for a
# separator. Apostrophes that are there already get one more, so that reading gives back what was written.
_FORMULA = re.compile(r"(^|[;\t\r\n])('* *[=+\-@])")
_WRITTEN = re.compile(r"(^|[;\t\r\n])'('* *[=+\-@])")
NOTHING = frozenset({"", "nan", "null", "none", "n/a", "na", "#n/a", "<na>", "nat", "nil", "-", "--"})
Commas = Literal["", "decimal", "thousands"]
_GROUPS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+")
_SPACES = re.compile(r"(?<=\d)[ '\u2019\u00a0\u202f](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_OF_BOX, _LOOKED_AT = 4, 1000  # numbers in a cell that are those of a box; cells
_WHOLE = re.compile(r"[-+]?\d+")
_WHOLE_AS_FLOAT = re.compile(r"[-+]?\d+\.0+")


def cell(text: str) -> str:
    """A text that is safe in a spreadsheet: an apostrophe, the mark of text, before what would be a formula."""
    return _FORMULA.sub(r"\1'\2", text)


def read_cell(text: str) -> str:
    """The inverse of `cell`."""
    return _WRITTEN.sub(r"\1\2", text)


def is_nothing(text: str) -> bool:
    """Whether a cell is empty, or holds one of the words that programs write for an empty one."""
    return text.strip().casefold() in NOTHING


def is_number(text: str) -> bool:
    """Whether a cell is one number, with a decimal point."""
    return _NUMBER.fullmatch(text.strip()) is not None


def numbers(text: str) -> list[float]:
    """The numbers in a cell such as `[10, 20, 30, 40]`."""
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?", text)]


def commas(cells: Iterable[str]) -> Commas:
    """What the commas in cells of single numbers are: those of decimals, of thousands, or none are there.

    Groups of three digits are thousands only where not every cell has one, or a point follows.
    """
    filled = [one.strip() for one in cells if not is_nothing(one)]
    some = [one for one in filled if "," in one]
    if not some:
        return ""
    if any("." in one[one.rfind(",") :] for one in some):
        return "thousands"
    if any(_GROUPS.fullmatch(one) is None or one.startswith(("0", "-0")) for one in some):
        return "decimal"
    return "thousands" if len(some) < len(filled) else "decimal"


def plain_number(text: str, role: Commas = "") -> str:
    """A number with a decimal point and nothing between its thousands."""
    text = _SPACES.sub("", text.strip())
    if role == "thousands":
        return text.replace(",", "")
    return text.replace(".", "").replace(",", ".") if role == "decimal" and "," in text else text


@dataclass(frozen=True)
class Parting:
    """How the cells of a column are parted into names: by the first of `marks` that a cell holds; `listed` ones stand
    in brackets. `doubt` is a mark that they hold too, and that parts nothing."""

    marks: str = ""
    listed: bool = False
    doubt: str = ""

    def names(self, text: str, known: Collection[str] = ()) -> list[str]:
        """The names in one cell: the whole of it when that is a known class, else its parts."""
        if text in known or not text:
            return [text] if text else []
        if self.listed and text[0] in "[(" and text[-1] in "])":
            return [one for part in text[1:-1].split(",") if (one := part.strip().strip("\"'"))]
        mark = next((one for one in self.marks if one in text), None)
        parts = text.split(None if mark == " " else mark) if mark else [text]
        return [part.strip() for part in parts if part.strip()]


def parting(values: Iterable[str], plural: bool, known: Collection[str] = ()) -> Parting:
    """How the labels of a column are parted, decided over all of its values. `plural`: its name says several.

    Blanks part numbers; and names, where the column says several and they come again in other values, or where there
    are far fewer words than values.
    """
    open_ = {one for one in values if one and one not in known}
    if any(one[0] == "[" and one[-1] == "]" for one in open_):
        return Parting("|;", listed=True)
    marks = "".join(mark for mark in ("|;," if plural else "|;") if any(mark in one for one in open_))
    if marks:
        return Parting(marks)
    spaced = [one.split() for one in open_ if " " in one.strip()]
    if spaced:
        words = Counter(word for one in open_ for word in set(one.split()))
        again = any(words[word] > 1 for one in spaced for word in one)
        few = len(open_) >= 8 and len(words) * 2 < len(open_)
        if all(map(_WHOLE.fullmatch, words)) or (plural and again) or few:
            return Parting(" ")
        if again or plural:
            return Parting(doubt=" ")
    return Parting(doubt=",") if any("," in one for one in open_) else Parting()


def are_whole_floats(values: Collection[str]) -> bool:
    """Whether class numbers were written as `3.0`, as pandas does where cells of the column are empty."""
    return bool(values) and all(map(_WHOLE_AS_FLOAT.fullmatch, values))


def look_like_runs(values: Sequence[str]) -> bool:
    """Whether cells are run lengths: pairs of a first pixel and a length, which go on behind one another."""
    pairs = [one.split() for one in values if not is_nothing(one)]
    if not pairs or not all(len(one) % 2 == 0 and all(map(_WHOLE.fullmatch, one)) for one in pairs):
        return False
    runs = [list(map(int, one)) for one in pairs if all(len(word) < 12 for word in one)]
    behind = all(one[n] + one[n + 1] <= one[n + 2] for one in runs for n in range(0, len(one) - 2, 2))
    return behind and any(one[0] > 1000 for one in runs) and any(len(one) > 2 for one in runs)


def look_like_shapes(values: Sequence[str]) -> bool:
    """Whether filled cells are lists or objects of numbers: boxes, outlines, points."""
    filled = [one for one in values if not is_nothing(one) and one.strip("[]{}() ")]
    return bool(filled) and all(one[0] in "[{(" and len(numbers(one)) >= _OF_BOX for one in filled[:_LOOKED_AT])


def look_like_classes(values: Sequence[str]) -> bool:
    """Whether the filled cells of a column could be classes: text or whole numbers that come again."""
    filled = [one for one in values if not is_nothing(one)]
    if not filled or any(len(one) > 60 for one in filled):
        return False
    if any(len(numbers(one)) >= _OF_BOX for one in filled[:_LOOKED_AT]):
        return False
    if any(is_number(one) and not _WHOLE.fullmatch(one) for one in filled):
        return False
    return len(set(filled)) <= max(20, len(filled) // 2)
