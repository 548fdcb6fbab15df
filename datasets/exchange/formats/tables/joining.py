"""Several tables of one source: which hold answers, which name the files of ids, which name the classes of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, foldernames, opened, splits
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import json_of, read_head
from datasets.exchange.formats.tables import lines, names
from datasets.exchange.formats.tables.cells import is_nothing, is_number
from datasets.exchange.formats.tables.images import Images
from datasets.exchange.formats.tables.rows import Found
from datasets.exchange.formats.tables.table import Table

_DUMMIES = ("submission", "submit", "dummy")
_NO_ANSWERS = ("0", "0.0", "0.5", "-1", "?", "unknown", "x")
_CLASS_FILES = ("class", "categor", "label", "names", "descript", "mapping")
_READ = (".csv", ".tsv", ".txt", ".json")
_LARGEST = 4 << 20  # bytes of a table of classes
_IDS = ("id", "imageid", "imgid", "fileid", "key")
_ID_COLUMNS = ("classid", "labelid", "categoryid", "id", "labelname", "index", "number", "code")
_NAME_COLUMNS = ("classname", "displayname", "categoryname", "name", "label", "class", "category", "signname")
_LISTS = ("classes", "names", "labels", "classnames", "labelnames", "objnames", "categories")
_TRIED = 200  # rows whose images are looked for
_MOST = 50  # tables of classes that are looked at


def is_submission(path: Path) -> bool:
    """Whether the name of a table says that its labels are placeholders for answers of others."""
    return any(word in names.plain(path.stem) for word in _DUMMIES)


def submissions(tables: Sequence[Table]) -> list[Table]:
    """The tables of placeholders."""
    return [table for table in tables if is_submission(table.path)]


def answers(labelled: Sequence[Table], findings: Findings) -> list[Table]:
    """The tables whose labels are true. Samples of submissions are not; nor is a test table of one word that says
    nothing. One whose rows all say the same class is told."""
    real = [table for table in labelled if not is_submission(table.path)]
    for table in labelled:
        if is_submission(table.path):
            found = f"{len(table.rows):,} answers to be replaced, by its name a sample of a submission"
            findings.warn("dummy_answers", table.path, "labels", found, "its labels are left out, its images stay")
    kept = []
    for table in real:
        said = {one for one in table.column(table.label) if not is_nothing(one)}
        others = {one for other in real if other is not table for one in other.column(other.label)}
        test = splits.split_in(table.path.stem) == "test" and not table.boxed
        if not test or len(said) != 1 or len(others) < 2 or len(table.rows) < 2:
            kept.append(table)
            continue
        (word,) = said
        dummy = word.casefold() in _NO_ANSWERS
        action = "its labels are left out, its images stay" if dummy else "check that these are labels"
        findings.warn("dummy_answers", table.path, "labels that differ", f"{word!r} in all rows", action)
        kept.append(replace(table, rows=[(n, _blank(row, table.label)) for n, row in table.rows]) if dummy else table)
    return kept


def take_images(table: Table, found: dict[Path, Found], findings: Findings, bounds: Bounds) -> None:
    """Add the images that a table of placeholders names, without labels."""
    images, missing = Images(table, bounds), 0
    split = splits.split_in(table.path.stem) or "test"
    for _, row in table.rows:
        name = images.name(row)
        image = images.find(name, split) if images.is_there(name, split) else None
        missing += image is None
        if image is not None:
            found.setdefault(files.resolved(image), Found(split=split))
    if missing:
        told = f"{missing:,} names without one"
        findings.note("missing_image", table.path, "images of these names", told, "they are left out", count=missing)


@dataclass
class Joined:
    """What the tables of a source say of each other."""

    tables: Sequence[Table]
    bounds: Bounds

    @cached_property
    def quiet(self) -> Bounds:
        """Bounds for looking whether images are there: what is looked for in vain is not told."""
        return Bounds(self.bounds.root, self.bounds.allowed, self.bounds.images)

    def with_files(self, table: Table, findings: Findings) -> Table:
        """A table with names of files in place of ids that another table of the source explains."""
        wanted = [row[table.image] for _, row in table.rows[:100]]
        if any(map(files.is_image, wanted)) or Images(table, self.quiet).has_any(3):
            return table
        for other in self.tables:
            known = files_of_ids(other)
            if other is not table and known and sum(one in known for one in wanted) * 2 > len(wanted):
                found = f"ids, whose files {other.path.name} names"
                findings.note("joined", table.path, "names of images", found, "the two are read together")
                rows = [(n, _put(row, table.image, known.get(row[table.image], row[table.image])))
                        for n, row in table.rows]  # fmt: skip
                return replace(table, rows=rows)
        return table

    def all_with_files(self) -> list[Table]:
        """Every table, with names of files where another one explains its ids; nothing is told."""
        return [self.with_files(table, Findings()) for table in self.tables]

    def with_images(self, labelled: Sequence[Table], findings: Findings) -> Sequence[Table]:
        """The tables some of whose images exist; all of them where that is true of none."""
        there = [table for table in labelled if self._has_images(table)]
        for table in labelled if there else ():
            if table not in there and table.rows:
                found = f"none of the {len(table.rows):,} that its column {table.named(table.image)!r} names"
                findings.warn("table_without_images", table.path, "images of these names", found, "it is left out")
        return there or labelled

    def _has_images(self, table: Table) -> bool:
        return Images(table, self.quiet).has_any(_TRIED)

    def class_names(self, table: Table, known: Sequence[str]) -> Mapping[str, str]:
        """Names of the classes that a table gives as numbers or codes; empty where nothing names all of them."""
        said = {one.removesuffix(".0") for one in table.column(table.label) if not is_nothing(one)}
        if not said or said & set(known):
            return {}
        for path, found in self._class_tables:
            if said <= found.keys() and any(found[one] != one for one in said):
                opened.note(path)
                return {one: found[one] for one in found if one in said}
        if known and all(one.isdecimal() and int(one) < len(known) for one in said):
            return {str(number): name for number, name in enumerate(known)}
        return {} if table.boxed else _folders_of_numbers(table)

    @cached_property
    def _class_tables(self) -> list[tuple[Path, dict[str, str]]]:
        found = []
        for file in files.walk(self.bounds.root):
            named = any(word in file.stem.lower() for word in _CLASS_FILES)
            if named and file.suffix.lower() in _READ and file.stat().st_size <= _LARGEST:
                found += [(file, one)] if (one := _class_table(file)) else []
                if len(found) == _MOST:
                    break
        return found


def _folders_of_numbers(table: Table) -> dict[str, str]:
    """The folder of the images of each number, as in rows `cat/1.jpg 0`, if each has one of its own; else nothing."""
    found: dict[str, str] = {}
    for name, number in zip(table.column(table.image), table.column(table.label), strict=True):
        folder = PurePosixPath(name.replace("\\", "/")).parent.name
        if number and (not number.isdecimal() or not folder or found.setdefault(number, folder) != folder):
            return {}
    apart = len(set(found.values())) == len(found) > 1
    return found if apart and not any(map(foldernames.is_part, found.values())) else {}


def _class_table(path: Path) -> dict[str, str]:
    """Ids and names of classes of a table of two columns, or of a text of `1 name`; empty for anything else."""
    if path.suffix.lower() == ".json":
        return _class_mapping(path)
    try:
        rows = [row for _, row in lines.rows(path, _LARGEST, _LARGEST)]
    except FormatError:
        return {}
    if not rows and path.suffix.lower() == ".txt":
        return _class_list(path)
    header = [names.plain(one) for one in rows[0]] if rows else []
    at = names.first(_ID_COLUMNS, header)
    to = names.first(_NAME_COLUMNS, header)
    if at is None or to is None or at == to:
        pairs = [row for row in rows if len(row) == 2]
        if len(pairs) != len(rows) or not rows:
            return {}
        numbered = all(is_number(row[1]) for row in rows) and not all(is_number(row[0]) for row in rows)
        at, to = (1, 0) if numbered else (0, 1)
    else:
        rows = rows[1:]
    made = {row[at]: row[to] for row in rows if len(row) > max(at, to) and row[at] and row[to]}
    return made if len(made) == len(rows) and not any(map(files.is_image, list(made)[:20])) else {}


def _class_mapping(path: Path) -> dict[str, str]:
    """A json of numbers and names, in either order."""
    try:
        found = json_of(read_head(path, _LARGEST), path)
    except FormatError:
        return {}
    if not isinstance(found, dict) or not all(isinstance(one, str | int) for one in found.values()):
        return {}
    made = {key: str(value) for key, value in found.items()}
    turned = all(one.isdecimal() for one in made.values()) and len(set(made.values())) == len(made)
    return {value: key for key, value in made.items()} if turned else made


def _class_list(path: Path) -> dict[str, str]:
    """The lines of a text of one class a line, by their numbers from 0."""
    if names.plain(path.stem) not in _LISTS:
        return {}
    try:
        return {str(number): name for number, name in enumerate(files.read_names(path))}
    except FormatError:
        return {}


def files_of_ids(table: Table) -> dict[str, str]:
    """The files that a table without labels names by id; empty for another kind, or where ids come again."""
    column = names.first(_IDS, [name if n != table.image else "" for n, name in enumerate(table.plain)])
    if table.labelled or column is None:
        return {}
    known = {row[column]: row[table.image] for _, row in table.rows}
    return known if len(known) == len(table.rows) else {}


def _put(row: Sequence[str], column: int, text: str) -> list[str]:
    made = list(row)
    made[column] = text
    return made


def _blank(row: Sequence[str], column: int | None) -> list[str]:
    return list(row) if column is None else _put(row, column, "")
