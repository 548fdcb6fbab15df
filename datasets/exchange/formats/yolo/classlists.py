"""The names of classes by number: from a yaml's `names` or from a list of one name a line, wherever programs put it.

A name's number is its line, counted from 0 (darknet's `get_labels`): an empty line or a name that stands twice moves
none of the others.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets.errors import FormatError, LimitError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import classnames, files
from datasets.exchange.formats.common.parsing import MOST_SMALL, class_name, json_of, read_head, read_text, yaml_texts
from datasets.exchange.formats.yolo.rows import look_like_rows

MOST_CLASSES = 100_000
LISTS = ("classes.txt", "obj.names", "_darknet.labels", "classes.names", "names.txt", "labels.txt", "class_names.txt",
         "_classes.txt", "class.txt", "predefined_classes.txt", "labelmap.txt", "classes.json", "class_names.json",
         "names.json", "notes.json")  # fmt: skip
ALIASES = ("classes", "class_names", "labels")  # what some call `names` in a yaml
_NUMBERED = re.compile(r"(\d+)\s*[:=,;\t ]\s*(\S.*)")
Names = dict[int, str]


def of_yaml(config: Mapping[str, Any], path: Path, findings: Findings) -> Names | None:
    """Names by number of a yaml read by `yaml_texts`; None when it has none. Numbers may have gaps, as COCO's have.

    Raises FormatError for what are no names.
    """
    names, count = config.get("names"), _count(config, path)
    if names is None and (alias := alias_in(config)):
        findings.note("names_key", path, "names of classes in `names`", f"them in `{alias}`", "they are read")
        names = config[alias]
    if isinstance(names, str) and names.strip():
        names = _of_text(names, path, findings)
    if isinstance(names, dict) and names:
        found = _of_mapping(names, path)
    elif isinstance(names, list) and names:
        found = dict(enumerate(names))
    elif names in (None, "") and count:
        made = {number: classnames.numbered(number) for number in range(count)}
        classnames.tell_made_up(list(made.values()), path, findings)
        return made
    elif names in (None, ""):
        return None
    else:
        raise FormatError(f"{path}: expected `names` as a list or as number: name, found {names!r:.80}")
    made = _named(found, path, f"{path}: expected `names` to hold the names of classes", findings)
    if count is not None and count != len(made):
        findings.warn("names_count", path, f"as many names as `nc` says ({count:,})", f"{len(made):,} names",
                      "the names count")  # fmt: skip
    return made


def alias_in(config: Mapping[str, Any]) -> str | None:
    """The key under which a yaml lists names of classes, where that is not `names`."""
    return next((key for key in ALIASES if isinstance(config.get(key), list | dict) and config[key]), None)


def of_list(path: Path, findings: Findings) -> Names:
    """Names by number of a file with a name a line; with `0 name` a line where all lines are so. Raises FormatError."""
    if path.suffix.lower() == ".json":
        named = _of_json(read_text(path, MOST_SMALL), path)
        return _named(named or {}, path, f"{path}: expected names of classes", findings)
    lines = [line.strip() for line in read_text(path, MOST_SMALL).splitlines()]
    if len(lines) == 1 and "," in lines[0]:
        lines = [part.strip() for part in lines[0].split(",") if part.strip()]
        found = f"{len(lines):,} in one, between commas"
        findings.note("names_in_line", path, "a class name a line", found, "each is a class")
    while lines and not lines[-1]:
        lines.pop()
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    if lines and all(match and int(match[1]) == at for at, match in enumerate(numbered)):
        lines = [match[2] for match in numbered if match]
    return _named(dict(enumerate(lines)), path, f"{path}: expected a class name a line", findings)


def lists_in(folders: Iterable[Path]) -> list[Path]:
    """The lists of names that lie in these folders; the first name of `LISTS` in each."""
    found = (next((one for one in _candidates(folder) if _is_list(one)), None) for folder in dict.fromkeys(folders))
    return [path for path in found if path is not None]


def of_lists(lists: Sequence[Path], findings: Findings) -> dict[Path, Names]:
    """The names that count in each folder that has a list. Folders whose numbers mean other classes are a finding."""
    made = {path.parent: of_list(path, findings) for path in lists}
    for path in lists[1:]:
        first, other = made[lists[0].parent], made[path.parent]
        differing = [n for n in first.keys() & other.keys() if first[n] != other[n]]
        if differing:
            n = min(differing)
            found = f"{n} is {first[n]!r} in {lists[0]} and {other[n]!r} in {path.parent.name}/{path.name}"
            action = "the labels of each folder are read by the list nearest to them"
            findings.warn("names_differ", path, "the same number for a class in all lists of names", found, action)
    return made


def tell_others(names: Names, path: Path, lists: Sequence[Path], findings: Findings) -> None:
    """That a list beside the yaml names other classes. One that cannot be read is none."""
    for one in lists:
        try:
            others = of_list(one, Findings())
        except FormatError:
            continue
        differing = [number for number in names.keys() & others.keys() if names[number] != others[number]]
        if differing:
            n = min(differing)
            found = f"{n} is {names[n]!r} in {path.name} and {others[n]!r} in {one.name}"
            findings.warn("names_differ", one, "the same names as in the yaml", found, f"{path.name} counts")


def nearest(folder: Path, lists: Mapping[Path, Names]) -> Names | None:
    """The names that count for label files in `folder`: of the list in it or nearest above it, else the first."""
    for one in (folder, *folder.parents):
        if one in lists:
            return lists[one]
    return next(iter(lists.values()), None)


def _candidates(folder: Path) -> list[Path]:
    known = [folder / name for name in LISTS if files.is_file(folder / name)]
    return known or sorted(path for path in folder.glob("*.names") if files.is_file(path))


def _of_json(text: str, path: Path) -> dict[int, Any] | None:
    """Names by number of a json: a list, numbers and names in either order, or `categories` of id and name (the
    `notes.json` of Label Studio); None for anything else."""
    try:
        found = json_of(text, path)
        if isinstance(found, dict) and isinstance(some := found.get("categories"), list):
            found = {one["id"]: one["name"] for one in some}
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return dict(enumerate(found))
        return _of_mapping(found, path) if isinstance(found, dict) and found else None
    except (FormatError, KeyError, TypeError):
        return None


def _is_list(path: Path) -> bool:
    if path.suffix.lower() == ".json":
        return bool(_of_json(read_head(path, MOST_SMALL), path))
    return not look_like_rows(read_head(path, 4096))


def _count(config: Mapping[str, Any], path: Path) -> int | None:
    text = str(config.get("nc", "")).strip()
    if not text.isdecimal():
        return None
    count = int(text) if len(text) < 20 else MOST_CLASSES + 1
    if count > MOST_CLASSES:
        raise LimitError(f"{path}: nc", f"at most {MOST_CLASSES:,} classes", text[:80], "correct nc")
    return count


def _of_text(text: str, path: Path, findings: Findings) -> Any:
    """`names` as one text: a list in quotes, the name of a file of names, or names between commas."""
    text = text.strip()
    if text[0] in "[{":
        return yaml_texts(text, path)
    listed = path.parent / Path(text.replace("\\", "/")).name
    if listed.suffix.lower() in (".txt", ".names") and files.is_file(listed):
        return of_list(listed, findings)
    return [part.strip() for part in text.split(",")]


def _of_mapping(names: Mapping[Any, Any], path: Path) -> dict[int, Any]:
    if all(_is_number(key) for key in names):
        return {int(key): names[key] for key in sorted(names, key=int)}
    if all(_is_number(value) for value in names.values()) and len(set(map(int, names.values()))) == len(names):
        return dict(sorted((int(value), str(key)) for key, value in names.items()))
    raise FormatError(f"{path}: expected `names` as a list or as number: name, found {dict(names)!r:.80}")


def _is_number(value: object) -> bool:
    return str(value).isdecimal() and len(str(value)) < 12


def _named(found: Mapping[int, Any], path: Path, expected: str, findings: Findings) -> Names:
    made: Names = {}
    empty: list[str] = []
    for number, value in found.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            made[number] = classnames.numbered(number)
            empty.append(made[number])
            continue
        try:
            made[number] = class_name(value)
        except ValueError as wrong:
            raise FormatError(f"{expected}, found {wrong}") from wrong
    if empty:
        action = f"they are called {', '.join(empty[:5])}"
        findings.warn("empty_names", path, "a name for each class", f"{len(empty):,} without text", action)
    numbers: dict[str, list[int]] = {}
    for number, name in made.items():
        numbers.setdefault(name, []).append(number)
    for name, some in numbers.items():
        if len(some) > 1:
            found_words = f"{name!r} for {' and '.join(map(str, some[:5]))}"
            findings.warn("names_twice", path, "a name for each number", found_words, "their labels are one class")
    return made
