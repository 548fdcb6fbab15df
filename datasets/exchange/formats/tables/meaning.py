"""What the cells of a whole table mean: how numbers are written, how names are parted, what is no label. And told.

Decided once over all rows of a table, never row by row.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.tables import cells, lines, names
from datasets.exchange.formats.tables.cells import Commas, Parting
from datasets.exchange.formats.tables.table import Table

OURS = "labels"  # the column that we write, with | between
NO_CLASS = "object"
_SHOWN = 5


@dataclass(frozen=True)
class Meaning:
    """How the cells of one table are read. `known` are classes that the source lists, `names` those of numbers.

    `commas` is what commas in numbers are; `relative`: boxes are fractions of the image; `whole`: class numbers are
    written as `3.0`; `absent`: a confidence of 0 says that the image does not show the class.
    """

    known: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    parting: Parting = field(default_factory=Parting)
    commas: Commas = ""
    relative: bool = False
    whole: bool = False
    absent: bool = False

    def number(self, text: str) -> str:
        """The text of one number as Python writes it."""
        return cells.plain_number(text, self.commas)

    def label(self, text: str) -> str:
        """The class that a cell names; empty for none."""
        if text not in self.known and cells.is_nothing(text):
            return ""
        name = text.partition(".")[0] if self.whole and text not in self.known else text
        return self.names.get(name, name)

    def labels(self, text: str) -> list[str]:
        """The classes that a cell names, each once."""
        parts = self.parting.names(text, self.known)
        return list(dict.fromkeys(name for part in parts if (name := self.label(part))))


def of(table: Table, known: Sequence[str], numbered: Mapping[str, str], findings: Findings) -> Meaning:
    """Decide over all rows of a table, and tell what is not as plain as it looks."""
    values = Counter(one for one in table.column(table.label) if one in known or not cells.is_nothing(one))
    numeric = [one for column in (*table.four, *table.size) for one in table.column(column)]
    meaning = Meaning(
        known=tuple(known),
        names=numbered,
        parting=Parting() if table.boxed else cells.parting(values, table.plural, known),
        commas=cells.commas(numeric),
        whole=cells.are_whole_floats([one for one in values if one not in known]),
        absent=_marks_absence(table),
    )
    meaning = replace(meaning, relative=_are_relative(table, meaning))
    _tell_columns(table, findings)
    _tell_labels(table, meaning, values, findings)
    _tell_numbers(table, meaning, findings)
    return meaning


def box_numbers(table: Table, row: Sequence[str], meaning: Meaning) -> list[str]:
    """Four cells of a box, or the numbers in its single cell, as Python writes numbers."""
    if table.four:
        return [meaning.number(row[column]) for column in table.four]
    return [repr(one) for one in cells.numbers(row[table.bbox])] if table.bbox is not None else []


def _marks_absence(table: Table) -> bool:
    """Whether a confidence is only ever 0 or 1, as that of verified labels of images (Open Images)."""
    sure = {one for one in table.column(table.confidence) if one}
    return not table.boxed and {"0", "1"} <= {one.removesuffix(".0") for one in sure} and len(sure) <= 4


def _are_relative(table: Table, meaning: Meaning) -> bool:
    """Whether boxes are fractions: no number is above 1, but for a few that are out of range."""
    inside = rows = 0
    for _, row in table.rows:
        found = [float(one) for one in box_numbers(table, row, meaning) if cells.is_number(one)]
        if len(found) == 4:
            rows += 1
            inside += all(abs(one) <= 1 for one in found)
    return rows > 0 and inside >= 0.9 * rows


def _tell_columns(table: Table, findings: Findings) -> None:
    where = table.path
    if table.skipped:
        found = f"{table.skipped} above them"
        findings.note("rows_above_header", where, "names of columns in the first row", found, "these rows are left out")
    shapes = [
        name
        for column, (name, plain) in enumerate(zip(table.header, table.plain, strict=True))
        if column not in (table.bbox, table.runs, table.image, table.label)
        and (plain in names.SHAPES or cells.look_like_shapes(table.column(column)))
    ]
    if shapes:
        action = "they are left out; labels with shapes are read from COCO json, labelme or VIA"
        findings.warn("shapes_left_out", where, "boxes or classes", f"the columns {', '.join(shapes)}", action)
    if table.split is not None and (flag := names.FLAGS.get(table.plain[table.split])):
        found = f"the column {table.named(table.split)!r} of yes and no"
        findings.note("flag_of_split", where, "a column of splits", found, f"yes is {flag[0]}, no is {flag[1]}")
    if table.runs is not None:
        found = f"run lengths in the column {table.named(table.runs)!r}"
        action = "pixels count from 1, down the columns, as Kaggle's do; look at some masks before you train"
        findings.note("run_lengths", where, "boxes or masks", found, action)
    if table.guessed:
        name = table.named(table.label)
        expected = "a column of the class with a usual name, as label or class"
        findings.warn("guessed_column", where, expected, f"the column {name!r}", "it is taken as the class")
    if table.boxed and table.label is None:
        used = (table.image, *table.four, table.bbox, table.runs, *table.size)
        rest = [name for number, name in enumerate(table.header) if number not in used and name]
        found = f"none; the other columns are {', '.join(rest[:10])}" if rest else "none"
        action = f"every box is of the class {NO_CLASS!r}; rename the column of the class to label if there is one"
        findings.warn("no_class_column", where, "a column of the class of each box", found, action)


def _tell_labels(table: Table, meaning: Meaning, values: Counter[str], findings: Findings) -> None:
    where, column = table.path, f"the column {table.named(table.label)!r}"
    words = Counter(one for one in table.column(table.label) if one and one not in meaning.known)
    nothing = {one: count for one, count in words.items() if cells.is_nothing(one)}
    if nothing:
        found = f"{', '.join(map(repr, nothing))} in {sum(nothing.values()):,} rows"
        action = "they are read as no label; list the word in classes.txt to make it a class"
        findings.note("nothing_words", where, f"the name of a class in {column}", found, action)
    parted = [one for one in values if len(meaning.parting.names(one, meaning.known)) > 1]
    ours = table.named(table.label) == OURS or table.path.suffix.lower() in lines.LISTED
    if parted and not (ours and meaning.parting.marks == "|"):
        between = _said(meaning.parting.marks) or "a list in brackets"
        found = f"several in {len(parted):,} of the values, with {between} between, as {parted[0][:60]!r}"
        findings.note("parted_cells", where, f"one class a cell in {column}", found, "they are several labels each")
    if meaning.parting.doubt:
        some = [one for one in values if meaning.parting.doubt in one]
        found = f"{_said(meaning.parting.doubt)} in {len(some):,} of them, as {some[0][:60]!r}"
        action = "each cell is one class; if they are several tags, put | between them"
        findings.note("whole_cells", where, f"one class or several labels in a cell of {column}", found, action)
    if meaning.whole:
        found = f"numbers as {next(iter(values))!r}"
        findings.note("class_numbers", where, f"classes in {column}", found, "read without the .0")
    measures = [one for one in values if cells.is_number(one) and float(one) % 1]
    if measures and len(measures) * 2 > len(values):
        action = "each number is a class of its own; if it measures something, give a column of classes"
        findings.warn("measured_classes", where, f"classes in {column}", f"numbers, as {measures[0]!r}", action)
    renamed = [one for one in values if meaning.names.get(one.partition(".")[0], one) != one]
    if renamed:
        some_names = ", ".join(f"{one} is {meaning.label(one)}" for one in renamed[:_SHOWN])
        findings.note(
            "class_names",
            where,
            f"names in {column}",
            some_names,
            "names come from a list of classes or from the folders",
        )


def _tell_numbers(table: Table, meaning: Meaning, findings: Findings) -> None:
    expected = "numbers with a decimal point"
    if meaning.commas == "decimal":
        findings.note("decimal_commas", table.path, expected, "decimal commas", "5,5 is read as 5.5")
    if meaning.commas == "thousands":
        findings.note("thousands", table.path, expected, "commas between thousands", "1,024 is read as 1024")
    if meaning.absent:
        count = sum(one.removesuffix(".0") == "0" for one in table.column(table.confidence))
        action = "these rows say what the image does not show; they are left out"
        findings.note("absent_labels", table.path, "labels that images show", f"{count:,} of confidence 0", action)


def _said(marks: str) -> str:
    words = {" ": "blanks (spaces)", ",": "commas", ";": "`;`", "|": "`|`"}
    return " or ".join(words[one] for one in marks)
