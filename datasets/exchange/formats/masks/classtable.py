"""Tables of classes for semantic masks: names by value, by colour, or both, in the many ways in which they are written.

json: `{"0": "sky"}`, `{"sky": 0}`, `["sky", ...]`, `[{"name", "value", "color", "ignore"}, ...]`, or such a list under
`classes`, `categories` or `labels`. Text, a class per line: `name`, `value name`, `red green blue name` (CamVid), or
`name:red,green,blue:parts:actions` (CVAT), or `first-last name` for a range of greys (as `128-255 polyp`). csv with
columns for name and value, or name, r, g, b. yaml: `names` or `classes`. Without values the first class is 0. A class
named void or unlabelled counts as none, unless its `ignore` is false.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.common.parsing import MOST_SMALL, class_name, csv_rows, json_of, read_text, yaml_of

FILES = ("classes.json", "class_dict.csv", "classes.csv", "_classes.csv", "label_colors.txt", "labelmap.txt",
         "class_names.txt", "classes.txt", "labels.txt", "codes.txt", "classes.yaml", "meta.json")  # fmt: skip
VOID = 255
_IGNORED = {"void", "ignore", "ignored", "unlabelled", "unlabeled", "undefined", "don't care", "dontcare"}
_NAME = ("name", "title", "label", "class", "readable")
_VALUE = ("value", "pixel value", "pixel_value", "index", "id", "trainid")
_COLOUR = ("color", "colour", "rgb")
_LINE_COLOUR = re.compile(r"^(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\S.*)$")
_LINE_CVAT = re.compile(r"^([^:#]+):(\d{1,3}),(\d{1,3}),(\d{1,3})(?::.*)?$")
_RANGE = re.compile(r"^(\d{1,3})\s*(?:-|\.\.)\s*(\d{1,3})$")
_LINE_RANGE = re.compile(r"^(\d{1,3}\s*(?:-|\.\.)\s*\d{1,3})\s*[:,;\s]\s*(\S.*)$")
_LINE_VALUE = re.compile(r"^(\d{1,3})\s*[:,;\s]\s*(\S.*)$")


@dataclass(frozen=True)
class ClassTable:
    """Names of classes by value; `colours` (red << 16 | green << 8 | blue) to values; `ignored` values are no class.

    `numbered` says whether the values were given; otherwise they follow the order of the table. `ranges` are grey
    levels, first and last, by value: the masks are to be cut at these thresholds.
    """

    names: Mapping[int, str]
    colours: Mapping[int, int] = field(default_factory=dict)
    ignored: frozenset[int] = frozenset()
    numbered: bool = True
    ranges: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def targets(self) -> dict[int, str]:
        """The classes by value, in value order, without those that are ignored."""
        return {value: self.names[value] for value in sorted(self.names) if value not in self.ignored}

    @property
    def known(self) -> set[int]:
        """Values that the table says something about; void is one of them."""
        return {*self.names, *self.ignored, VOID}


def find(folder: Path) -> Path | None:
    """The file in a folder that looks like a table of classes."""
    return next((folder / name for name in FILES if (folder / name).is_file()), None)


def read(path: Path) -> ClassTable:
    """A table from a file. Raises FormatError that names it."""
    return parse(read_text(path, MOST_SMALL), str(path), path.suffix.lower())


def parse(text: str, where: str = "the class table", ending: str = "") -> ClassTable:
    """A table from text. Raises FormatError unless it names at least one class, with values from 0 to 255."""
    found: Any
    try:
        if ending == ".json" or text.lstrip()[:1] in ("{", "["):
            found = list(_entries(json_of(text, where)))
        elif ending in (".yaml", ".yml"):
            found = list(_entries(yaml_of(text, where)))
        elif ending == ".csv" and _header(text):
            header, *rows = csv_rows(text, where, ",")
            found = [_entry(dict(zip(header, map(str.strip, row), strict=False))) for row in rows if any(row)]
        else:
            found = [_line(line.strip()) for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
        return _table(found)
    except FormatError:
        raise
    except (ValueError, TypeError) as wrong:
        raise FormatError(
            f"{where}: expected a table of classes, found {wrong}; write one class name per line"
        ) from wrong


@dataclass(frozen=True)
class _Entry:
    name: str
    value: int | None = None
    colour: int | None = None
    ignore: bool | None = None
    range: tuple[int, int] | None = None


def _table(entries: Sequence[_Entry]) -> ClassTable:
    if not entries:
        raise ValueError("no class")
    numbered = any(one.value is not None for one in entries)
    names: dict[int, str] = {}
    colours: dict[int, int] = {}
    ignored: set[int] = set()
    ranges: dict[int, tuple[int, int]] = {}
    for number, one in enumerate(entries):
        class_name(one.name)
        value = number if one.value is None else one.value
        if not 0 <= value <= 255:
            raise ValueError(f"value {value} of class {one.name!r}, outside 0 to 255")
        if names.setdefault(value, one.name) != one.name:
            raise ValueError(f"value {value} for both {names[value]!r} and {one.name!r}")
        if one.colour is not None:
            colours[one.colour] = value
        if one.range is not None:
            _check_range(one.range, ranges.values())
            ranges[value] = one.range
        if one.ignore or (one.ignore is None and one.name.lower() in _IGNORED):
            ignored.add(value)
    return ClassTable(names, colours, frozenset(ignored), numbered, ranges)


def _check_range(given: tuple[int, int], others: Iterable[tuple[int, int]]) -> None:
    first, last = given
    if not first <= last <= 255:
        raise ValueError(f"the range {first}-{last}, not rising within 0 to 255")
    if any(first <= end and start <= last for start, end in others):
        raise ValueError(f"the range {first}-{last}, which overlaps another")


def _entries(found: Any) -> Iterator[_Entry]:
    if isinstance(found, dict):
        for key in ("names", "classes", "categories", "labels"):
            if isinstance(found.get(key), dict | list):
                yield from _entries(found[key])
                return
        for key, value in found.items():
            if str(key).isdecimal():
                yield (
                    _entry({**value, "value": key}) if isinstance(value, dict) else _Entry(class_name(value), int(key))
                )
            elif found_range := _RANGE.match(str(key).strip()):
                yield _Entry(class_name(value), range=(int(found_range[1]), int(found_range[2])))
            elif isinstance(value, int):
                yield _Entry(class_name(key), value)
            else:
                yield _Entry(class_name(key), colour=_colour(value))
    elif isinstance(found, list):
        for one in found:
            yield _entry(one) if isinstance(one, dict) else _Entry(class_name(one))
    else:
        raise TypeError(f"{type(found).__name__}")


def _entry(found: Mapping[Any, Any]) -> _Entry:
    """One class from named values, ignoring case."""
    plain = {str(key).strip().lower(): value for key, value in found.items() if key is not None}
    name = next((plain[key] for key in _NAME if plain.get(key) not in (None, "")), None)
    if name is None:
        raise ValueError(f"an entry without a name: {dict(found)!r}"[:120])
    value = next((int(plain[key]) for key in _VALUE if str(plain.get(key, "")).strip().isdecimal()), None)
    given = next((plain[key] for key in _COLOUR if plain.get(key)), None)
    if given is None and all(str(plain.get(key, "")).strip().isdecimal() for key in "rgb"):
        given = [int(plain[key]) for key in "rgb"]
    plain_name = class_name(name).strip()
    ignore = str(plain["ignore"]).lower() in ("true", "1", "yes") if "ignore" in plain else None
    return _Entry(plain_name, value, None if given is None else _colour(given), ignore)


def _line(line: str) -> _Entry:
    found = _LINE_CVAT.match(line)
    if found:
        return _Entry(found[1].strip(), colour=_colour([int(found[number]) for number in (2, 3, 4)]))
    found = _LINE_COLOUR.match(line)
    if found:
        return _Entry(found[4].strip(), colour=_colour([int(found[number]) for number in (1, 2, 3)]))
    found = _LINE_RANGE.match(line)
    ends = _RANGE.match(found[1]) if found else None
    if found and ends:
        return _Entry(class_name(found[2].strip()), range=(int(ends[1]), int(ends[2])))
    found = _LINE_VALUE.match(line)
    return _Entry(found[2].strip(), int(found[1])) if found else _Entry(line.split(":", 1)[0] if "::" in line else line)


def _colour(given: object) -> int:
    """A colour as one number, from `[red, green, blue]`, `"red,green,blue"` or `"#rrggbb"`."""
    if isinstance(given, str):
        plain = given.strip().removeprefix("#")
        if re.fullmatch(r"[0-9a-fA-F]{6}", plain):
            return int(plain, 16)
        given = re.findall(r"\d+", plain)
    parts = [int(one) for one in given] if isinstance(given, list | tuple) else []
    if len(parts) not in (3, 4) or not all(0 <= one <= 255 for one in parts):
        raise ValueError(f"colour {given!r}, not three numbers from 0 to 255")
    return parts[0] << 16 | parts[1] << 8 | parts[2]


def _header(text: str) -> bool:
    first = {cell.strip().lower() for cell in text.splitlines()[0].split(",")} if text.strip() else set()
    return bool(first & set(_NAME))
