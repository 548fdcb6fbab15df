"""A JSON object of long lists, read entry by entry: hundreds of megabytes in the memory of their text."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from datasets.errors import FormatError, LimitError
from datasets.exchange.formats.common.parsing import DEEPEST, MOST_JSON, marked, read_text

_DECODER = json.JSONDecoder(object_pairs_hook=marked)
_SPACE = re.compile(r"[ \t\n\r]*")


def read_object(path: Path, take: Callable[[str, object], None]) -> frozenset[str]:
    """Call take(key, entry) for each entry of each list at the top, and take(key, value) for other values.

    An object in which a key stands twice is a `parsing.Twice`. An empty list gives no call.
    Returns all keys.
    Raises FormatError, with line, when the file is empty, no JSON, or no object.
    """
    text = read_text(path, MOST_JSON)
    at = _skip(text, 0)
    if at == len(text):
        raise FormatError(f"{path}: expected a JSON object, found an empty file; export it again")
    if text[at] != "{":
        kind = "a list" if text[at] == "[" else f"{text[at : at + 20]!r}"
        raise FormatError(f"{path}: expected a JSON object with images and annotations, found {kind}")
    try:
        return frozenset(_members(text, _skip(text, at + 1), take))
    except RecursionError as error:
        expected = f"lists and objects at most {DEEPEST} deep inside one another"
        raise LimitError(path, expected, "deeper ones", "export it again") from error
    except (ValueError, IndexError) as error:
        raise FormatError(f"{path}: expected valid JSON, found {_reason(text, error)}; export it again") from error


def read_list(path: Path, take: Callable[[object], None]) -> None:
    """Call take(entry) for each entry of the list that a file holds. Raises FormatError as `read_object`."""
    text = read_text(path, MOST_JSON)
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise FormatError(f"{path}: expected a JSON list, found {text[at : at + 20]!r}; export it again")
    try:
        _list(text, at, "", lambda _, entry: take(entry))
    except RecursionError as error:
        expected = f"lists and objects at most {DEEPEST} deep inside one another"
        raise LimitError(path, expected, "deeper ones", "export it again") from error
    except (ValueError, IndexError) as error:
        raise FormatError(f"{path}: expected valid JSON, found {_reason(text, error)}; export it again") from error


def _members(text: str, at: int, take: Callable[[str, object], None]) -> set[str]:
    seen: set[str] = set()
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        if not isinstance(key, str) or key in seen:
            raise ValueError(f"the key {key[:80]!r} twice" if isinstance(key, str) else "a key without quotes")
        seen.add(key)
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        at = _list(text, at, str(key), take) if text[at] == "[" else _value(text, at, str(key), take)
        at = _next(text, at, "}")
    return seen


def _list(text: str, at: int, key: str, take: Callable[[str, object], None]) -> int:
    at = _skip(text, at + 1)
    while text[at] != "]":
        at = _next(text, _value(text, at, key, take), "]")
    return at + 1


def _value(text: str, at: int, key: str, take: Callable[[str, object], None]) -> int:
    value, at = _DECODER.raw_decode(text, at)
    take(key, value)
    return at


def _next(text: str, at: int, end: str) -> int:
    at = _skip(text, at)
    return at if text[at] == end else _skip(text, _expect(text, at, ","))


def _expect(text: str, at: int, mark: str) -> int:
    if text[at] != mark:
        raise json.JSONDecodeError(f"expecting {mark!r}", text, at)
    return at + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _reason(text: str, error: ValueError | IndexError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} in line {error.lineno}"
    if isinstance(error, ValueError):
        return str(error)[:200]
    return f"an early end in line {text.count(chr(10)) + 1}"
