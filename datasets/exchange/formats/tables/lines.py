"""The rows of a table file: csv, tsv, text with blanks between, or a JSON object in each line."""

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.parsing import MOST_TABLE, csv_rows, json_of, read_head, read_text
from datasets.exchange.formats.tables import names

LISTED = (".jsonl", ".jsonlines")  # an object in each line, which may hold lists
SUFFIXES = (".csv", ".tsv", ".tab", *LISTED, ".txt")
Row = tuple[int, list[str]]  # the number of the row in the file, from 1, and its cells
HEAD = 1 << 18  # bytes that tell what a file is
_MARKS = ",;\t|"
_LOOKED_AT = 40  # lines
_MOST_ABOVE = 2  # lines above rows of images in a text
_SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # the first line of an export for Excel
_OBJECTS = ("objects", "annotations", "boxes")  # lists of objects in a JSON line, as `objects` of Hugging Face
_CLASSES = ("label", "labels", "category", "categories", "class", "classes")  # keys of a class in them


def rows(path: Path, most: int | None = None, size: int = HEAD) -> list[Row]:
    """The rows of a file; with `most` the first of them within `size` bytes, and the file does not count as used.

    Raises FormatError for text that is no table.
    """
    text = read_text(path, MOST_TABLE) if most is None else read_head(path, size)
    if path.suffix.lower() in LISTED:
        return _json_rows(text, path, most)
    if path.suffix.lower() == ".txt" and (mark := _mark(_head(text), path)) in ("", ","):
        spaced = _blanks(text, most)
        if spaced or not mark:
            return spaced
    return list(_marked(text, path, most))


def _marked(text: str, path: Path, most: int | None) -> Iterator[Row]:
    first = _SEPARATOR.fullmatch(text[: text.find("\n") + 1 or len(text)])
    start = first.end() if first else 0
    mark = first[1] if first else _mark(_head(text), path) or ","
    for number, row in enumerate(csv_rows(text[start:], path, mark), 2 if first else 1):
        if most is not None and number > most:
            return
        if any(row):
            yield number, [one.strip() for one in row]


def _head(text: str) -> str:
    lines = itertools.islice(re.finditer(r"[^\n]*\n?", text), _LOOKED_AT)
    return "".join(one[0] for one in lines)


def _mark(head: str, path: Path) -> str:
    """What stands between cells: the mark with which most rows have as many cells as each other, and more than one."""
    best, most = "", (0.0, 0)
    for mark in _MARKS:
        widths = [len(row) for row in csv_rows(head, path, mark) if any(row)]
        if not widths:
            continue
        common = max(set(widths), key=lambda one: (widths.count(one), one))
        found = (widths.count(common) / len(widths), common)
        if common > 1 and found > most:
            best, most = mark, found
    return best


def _blanks(text: str, most: int | None) -> list[Row]:
    """Rows such as `a/b.jpg 3`: an image, then cells between blanks. Nothing where a row has another form.

    Cells that hold five numbers (`x1,y1,x2,y2,class`, as Keras YOLO has them) become a row each. Above the rows may
    stand their number and the names of the columns behind the image, as in the files of CelebA.
    """
    found: list[Row] = []
    above: list[list[str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if most is not None and number > most:
            break
        if not line.strip():
            continue
        image, cells = _first_image(line)
        if not image and not found and len(above) < _MOST_ABOVE:
            above.append(line.split())
        elif not image:
            return []
        elif cells and all(len(box) == 5 for box in (cell.split(",") for cell in cells)):
            found += [(number, [image, *cell.split(",")]) for cell in cells]
        else:
            found.append((number, [image, *cells]))
    if above:
        header = (
            above[-1] if names.first(names.IMAGE, [names.plain(above[-1][0])]) is not None else ["image", *above[-1]]
        )
        return [(len(above), header), *found] if widths(found) == {len(header)} else []
    if len(widths(found)) > 1:  # classes of several words, or several numbers
        found = [
            (number, [row[0], ("|" if all(map(str.isdecimal, row[1:])) else " ").join(row[1:])])
            for number, row in found
        ]
    return found if any(len(row) > 1 for _, row in found) else []


def _first_image(line: str) -> tuple[str, list[str]]:
    """The image that a line begins with, also with blanks in its name, and the cells behind it."""
    words = line.split()
    for n in range(1, len(words) + 1):
        if files.is_image(words[n - 1]):
            return " ".join(words[:n]), words[n:]
    return "", []


def _json_rows(text: str, path: Path, most: int | None) -> list[Row]:
    """A table of JSON lines: its keys are the header; objects of an image become a row each."""
    made: list[tuple[int, dict[str, str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if most is not None and number > most:
            break
        if line.strip():
            entry = json_of(line, f"{path}:{number}")
            if not isinstance(entry, dict):
                raise FormatError(f"{path}:{number}: expected an object in each line, found {type(entry).__name__}")
            made += [(number, one) for one in _flat(entry)]
    header = list(dict.fromkeys(key for _, one in made for key in one))
    return [(0, header), *((number, [one.get(key, "") for key in header]) for number, one in made)] if made else []


def _flat(entry: dict[str, Any]) -> list[dict[str, str]]:
    plain = {key: _text(value) for key, value in entry.items() if not isinstance(value, dict) and key not in _OBJECTS}
    for key in _OBJECTS:
        objects = entry.get(key)
        if isinstance(objects, dict):  # lists side by side
            columns = {name: some for name, some in objects.items() if isinstance(some, list)}
            count = max(map(len, columns.values()), default=0)
            objects = [{name: some[n] for name, some in columns.items() if n < len(some)} for n in range(count)]
        if isinstance(objects, list):
            rows_ = [plain | {_renamed(name): _text(value) for name, value in one.items() if name != "id"}
                     for one in objects if isinstance(one, dict)]  # fmt: skip
            return rows_ or [plain | {"bbox": ""}]
    return [plain]


def _renamed(name: str) -> str:
    return "label" if name.lower() in _CLASSES else name


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return "|".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def widths(found: Sequence[Row]) -> set[int]:
    """How many cells the rows have."""
    return {len(cells) for _, cells in found}
