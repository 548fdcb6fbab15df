"""Untrusted text, parsed within limits: what would exhaust time or memory is refused before or while it is parsed.

Files are bounded in bytes; yaml in depth, nodes and what its aliases stand for; json and xml in depth; csv in the
length of a row. No key stands twice, and a class has a plain name. Every refusal is a FormatError that explains it.
"""

import csv
import json
import re
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from datasets.errors import FormatError, LimitError
from datasets.exchange.formats.common import encodings, opened
from datasets.images.regular import open_regular, read_regular

MB = 1 << 20
MOST_TEXT, MOST_JSON, MOST_TABLE, MOST_SMALL = 512 * MB, 8192 * MB, 2048 * MB, 16 * MB
DEEPEST = 64  # levels of lists and mappings inside one another
MOST_NODES = 200_000  # of a yaml, each alias counted as all that it stands for
MOST_ALIASES = 100
LONGEST_NUMBER = 400  # digits
LONGEST_ROW = 4 * MB  # characters
LONGEST_NAME = 500
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # all control characters but the tab
_PLAIN_XML = MB // 4  # characters up to which an xml without a document type is parsed by the quick parser
_DEEP_XML = f"expected elements at most {DEEPEST} deep inside one another, found deeper ones"
_WILD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)  # what parsers raise
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_bytes(path: Path, most: int = MOST_TEXT) -> bytes:
    """All of a file of at most `most` bytes; it counts as used. Raises FormatError that names it."""
    opened.note(path)
    try:
        found, size = read_regular(path, most)
    except OSError as error:
        raise FormatError(f"{path}: expected a file that can be read, found {error.strerror or error}") from error
    if size > most:
        found_size = f"one of {size / MB:,.0f} MB"
        raise LimitError(path, f"a file of at most {most // MB:,} MB", found_size, "split it, or leave it out")
    return found


def read_text(path: Path, most: int = MOST_TEXT) -> str:
    """A text file as UTF-8, UTF-16 or UTF-32, else as it declares or, with a finding, as Windows-1252.

    Raises FormatError that names the file.
    """
    return _text(read_bytes(path, most), path)


def read_head(path: Path, most: int = MB // 4) -> str:
    """The beginning of a text file up to a whole line, for a look at what it is; empty when it is none or closed to us.

    It never raises, and the file does not count as used.
    """
    try:
        with open_regular(path) as stream:
            data = stream.read(most)
    except OSError:
        return ""
    try:
        whole = len(data) < most or b"\0" in data  # wide letters are as long as `most` is divided by
        return encodings.decode(data if whole else data[: data.rfind(b"\n") + 1 or None]).text
    except ValueError:
        return ""


def yaml_of(text: str, where: Path | str) -> Any:
    """What a yaml holds. Raises FormatError, LimitError where it is too deep, too large or repeats itself."""
    return _yaml(text, where, _Strict)


def _yaml(text: str, where: Path | str, loader: Any) -> Any:
    if len(text) > MOST_SMALL:
        raise LimitError(
            where, f"a yaml of at most {MOST_SMALL // MB} MB", f"{len(text) // MB} MB", "list images in txt"
        )
    try:
        _measure(text, where)
        return yaml.load(text, Loader=loader)  # noqa: S506  a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise FormatError(
            f"{where}: expected valid yaml, found an error{line}: {getattr(error, 'problem', error)}"
        ) from error
    except _WILD as error:
        raise FormatError(f"{where}: expected plain yaml, found a value that cannot be read: {error}") from error


def yaml_texts(text: str, where: Path | str) -> Any:
    """What a yaml holds, each value as the text that it is written as: `no`, `007`, `12:30` and `null` are words.

    For names, which yaml would change. Raises FormatError as `yaml_of`.
    """
    return _yaml(text, where, _Texts)


def json_of(text: str, where: Path | str) -> Any:
    """What a small json holds. Raises FormatError, LimitError where it is too deep or too large."""
    if len(text) > MOST_SMALL:
        raise LimitError(where, f"a json of at most {MOST_SMALL // MB} MB", f"{len(text) // MB} MB", "shorten it")
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except RecursionError as error:
        raise _too_deep(where) from error
    except json.JSONDecodeError as error:
        raise FormatError(f"{where}: expected valid json, found {error.msg} in line {error.lineno}") from error
    except ValueError as error:
        raise FormatError(f"{where}: expected plain json, found {str(error)[:200]}") from error
    if not is_shallow(found):
        raise _too_deep(where)
    return found


def xml_of(path: Path, most: int = MOST_SMALL) -> Any:
    """The root of an xml file of at most `most` bytes, without entities of its own. Raises FormatError."""
    text = _text(read_bytes(path, most), path)
    plain = len(text) < _PLAIN_XML and "<!DOCTYPE" not in text  # then it can define no entities
    parser = ElementTree.XMLParser() if plain else DefusedXMLParser(target=_Shallow(), forbid_dtd=False)  # noqa: S314
    try:
        parser.feed(text)  # of text the parser takes no encoding into account
        root = parser.close()
        if plain and text.count("</") >= DEEPEST and not _is_shallow_xml(root):
            raise ValueError(_DEEP_XML)
        return root
    except (ElementTree.ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise FormatError(str(error) or type(error).__name__) from error


def csv_rows(text: str, where: Path | str, mark: str) -> Iterator[list[str]]:
    """The rows of a csv, cells between `mark`. Raises FormatError, LimitError for a row that has no end."""
    lines = _Lines(text if "\n" in text else text.replace("\r", "\n"), where)
    rows = csv.reader(lines, delimiter=mark, skipinitialspace=True)
    while True:
        lines.taken = 0
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            found = f"{error} (line {rows.line_num})"
            raise LimitError(
                where, f"a table with cells of at most {csv.field_size_limit():,} characters", found
            ) from error


def class_name(value: object) -> str:
    """The name of a class as text. Raises ValueError unless it is text or a number, in one line."""
    if value is None:
        raise ValueError("no name of a class")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        named = type(value).__name__ if isinstance(value, list | dict | set | tuple) else repr(value)
        raise ValueError(f"a {named} as the name of a class, where text or a number was expected; put it in quotes")
    name = str(value) if isinstance(value, str | float) or abs(value) < 1 << 63 else ""
    if not name.strip() or len(name) > LONGEST_NAME or CONTROL.search(name):
        shown = repr(value[:40] if isinstance(value, str) else "a huge number")
        raise ValueError(f"{shown} as the name of a class, where one line of 1 to {LONGEST_NAME} letters was expected")
    return name


def finite(value: object) -> float | None:
    """A finite number; None for anything else: text, booleans, infinity, 400 digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if abs(number) < float("inf") else None


def is_shallow(value: object, deepest: int = DEEPEST) -> bool:
    """Whether lists and mappings are nested at most so deep."""
    level: list[Any] = [value]
    for _ in range(deepest + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return True
    return False


def _is_shallow_xml(root: Any) -> bool:
    """Whether elements are at most `DEEPEST` deep inside one another."""
    level = [root]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in one]
        if not level:
            return True
    return False


def _text(data: bytes, path: Path) -> str:
    try:
        found = encodings.decode(data)
    except ValueError as error:
        raise FormatError(f"{path}: expected a text file in UTF-8, found {error}; save it as UTF-8") from error
    if not found.sure:
        tell = opened.findings().note if found.encoding.startswith("utf") else opened.findings().warn
        name = "Windows-1252" if found.encoding == encodings.LOCAL else found.encoding.upper()
        action = f"it is read as {name}; if letters are wrong, save it as UTF-8"
        tell("encoding", path, "a text file in UTF-8", f"another encoding ({found.example})", action)
    return found.text


class Twice(dict[str, Any]):
    """A JSON object with a duplicate key; the last value counts."""


def marked(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A hook for json that marks objects with duplicate keys."""
    made = dict(pairs)
    return made if len(made) == len(pairs) else Twice(made)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = marked(pairs)
    if isinstance(made, Twice):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)[:80]!r} twice")
    return made


def _too_deep(where: Path | str) -> LimitError:
    found = "a deeper one"
    return LimitError(where, f"lists and mappings at most {DEEPEST} deep inside one another", found)


def _measure(text: str, where: Path | str) -> None:
    """Walk the events of a yaml, which costs as much as its text is long, before anything is built from them."""
    weights: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = []  # per open collection: anchor, nodes before it
    nodes = aliases = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            name = str(event.anchor)
            if any(anchor == name for anchor, _ in open_):
                raise LimitError(where, "values that end", f"*{name[:80]} inside itself", "write the values out")
            aliases += 1
            nodes += weights.get(name, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor, nodes))
            nodes += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor:
                weights[anchor] = nodes - before
        elif isinstance(event, yaml.ScalarEvent):
            nodes += 1
        if len(open_) > DEEPEST:
            raise _too_deep(where)
        if aliases > MOST_ALIASES:
            raise LimitError(where, f"at most {MOST_ALIASES} aliases (as *name)", "more", "write the values out")
        if nodes > MOST_NODES:
            expected = f"a yaml of at most {MOST_NODES:,} values, those that aliases stand for counted each time"
            raise LimitError(where, expected, "more", "write plain values, and list images in a text file")


class _Strict(_Loader):  # type: ignore[misc]
    """Safe, without duplicate keys or numbers of excessive length."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping; a merged key (`<<`) may be overridden."""
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value[:80]!r} stands twice; keep one of them", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        made: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return made


def _number(loader: Any, node: Any) -> Any:
    if len(node.value) > LONGEST_NUMBER:
        problem = f"a number of {len(node.value):,} digits, where at most {LONGEST_NUMBER} were expected"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    whole = node.tag.endswith(":int")
    return loader.construct_yaml_int(node) if whole else loader.construct_yaml_float(node)


class _Texts(_Strict):
    """As `_Strict`, but plain values are texts, however much they look like numbers, dates or truths."""

    yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile("^<<$"))]}  # noqa: RUF012  as yaml has it


for _tag in ("int", "float"):
    _Strict.add_constructor(f"tag:yaml.org,2002:{_tag}", _number)


class _Shallow(ElementTree.TreeBuilder):
    """Builds a tree and counts how deep it is."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def start(self, tag: str, attrs: dict[Any, Any], /) -> ElementTree.Element:
        """An element begins."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(_DEEP_XML)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ElementTree.Element:
        """It ends."""
        self.depth -= 1
        return super().end(tag)


class _Lines:
    """The lines of a text, one by one; `taken` characters since the last row that they made."""

    def __init__(self, text: str, where: Path | str) -> None:
        self.text, self.where, self.at, self.taken = text, where, 0, 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.at >= len(self.text):
            raise StopIteration
        end = self.text.find("\n", self.at) + 1 or len(self.text)
        self.taken += end - self.at
        if self.taken > LONGEST_ROW:
            raise LimitError(
                self.where, f"rows of at most {LONGEST_ROW:,} characters", "a longer one", "check its quotes"
            )
        line, self.at = self.text[self.at : end], end
        return line
