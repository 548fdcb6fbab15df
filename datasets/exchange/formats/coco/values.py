"""Numbers, ids, boxes and outlines as programs write them into COCO json: as text, as floats, in lists or pairs."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from datasets.exchange.formats.common.parsing import finite

Box = tuple[float, float, float, float]
_LONGEST = 400  # letters of a number
_CORNERS = (("x", "y", "width", "height"), ("x", "y", "w", "h"), ("left", "top", "width", "height"))
_FAR = 1e300  # numbers beyond are as good as infinite, and NaN lies nowhere
_PLAIN = {int, float}
_MARKS = re.compile(r"[\s,;]+")


def number(value: object) -> float | None:
    """A finite number, also one that is written as text; None for anything else."""
    if not isinstance(value, str):
        return finite(value)
    if len(value) > _LONGEST or "_" in value:
        return None
    try:
        return finite(float(value))
    except ValueError:
        return None


def is_set(value: object) -> bool:
    """Whether a flag is set: 1, 1.0, `1`, true."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true") or bool(number(value))


def identity(value: object) -> int | str | None:
    """An id: whole numbers are one whatever their type is in the file; None for what is no id."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) or (isinstance(value, str) and value.strip()) else None


class Ids:
    """Ids by what they say: `7`, `7.0` and `007` as text lead to the number 7 where nothing else does."""

    def __init__(self, ids: Iterable[int | str]) -> None:
        self._same: dict[int | str, int | str | None] = {}
        for one in ids:
            key = _said(one)
            self._same[key] = one if key not in self._same else None

    def find(self, value: int | str) -> int | str | None:
        """The one id that says the same; None when there is none, or several."""
        return self._same.get(_said(value))


def bbox(value: object) -> Box | None:
    """A bbox of four finite numbers; None for anything else. Text, a list in a list and x, y, width, height by name."""
    if type(value) is list and len(value) == 4 and {*map(type, value)} <= _PLAIN:
        x, y, width, height = value
        return (x, y, width, height) if all(-_FAR < one < _FAR for one in value) else None
    if type(value) is str:
        value = _MARKS.split(value.strip("[]() \t\r\n")) if len(value) <= 4 * _LONGEST else None
    elif isinstance(value, Mapping):
        value = next(([value[key] for key in keys] for keys in _CORNERS if all(key in value for key in keys)), None)
    elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list) or len(value) != 4:
        return None
    x, y, width, height = map(number, value)
    return None if x is None or y is None or width is None or height is None else (x, y, width, height)


def outline(value: object) -> object:
    """A `segmentation` in the form of COCO: lists of x, y, x, y, ..., or runs; what is no outline is left as it is.

    Points in pairs, numbers as text, runs inside a list, the whole as text, and text of Python's bytes are put right.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping) and "counts" in value[0]:
        value = value[0]
    if not isinstance(value, list) or not value:
        return _runs(value) if isinstance(value, Mapping) else value
    if _are_points(value):
        return [_flat(value)]
    if type(value[0]) is str:
        return [_numbers(value)]
    if all(_are_rings(part) for part in value):
        value = [ring for part in value for ring in part]
    return [_flat(part) if isinstance(part, list) and _are_points(part) else _numbers(part) for part in value]


def _said(value: int | str) -> int | str:
    found = number(value)
    return int(found) if found is not None and found.is_integer() else str(value).strip()


def _are_points(value: list[Any]) -> bool:
    """Whether a list holds points, x and y each: as pairs, or by name. Two pairs are no outline."""
    first = value[0] if value else None
    if isinstance(first, Mapping):
        return "x" in first and "y" in first
    return len(value) > 2 and isinstance(first, list) and all(isinstance(one, list) and len(one) == 2 for one in value)


def _are_rings(part: Any) -> bool:
    """Whether a part is a list of whole outlines of its own, as of a list too many."""
    return (
        isinstance(part, list)
        and bool(part)
        and all(
            isinstance(one, list) and len(one) >= 6 and len(one) % 2 == 0 and type(one[0]) in _PLAIN for one in part
        )
    )


def _flat(points: list[Any]) -> list[Any]:
    pairs = ((one.get("x"), one.get("y")) if isinstance(one, Mapping) else one for one in points)
    return [_plain(part) for pair in pairs for part in pair]


def _numbers(part: Any) -> Any:
    if isinstance(part, list) and any(type(one) is str for one in part):
        return [_plain(one) for one in part]
    return part


def _plain(value: Any) -> Any:
    found = number(value) if type(value) is str else None
    return value if found is None else found


def _runs(value: Mapping[str, Any]) -> dict[str, Any]:
    """Runs whose numbers are text, or whose letters are written as Python's bytes are shown."""
    found, counts, size = dict(value), value.get("counts"), value.get("size")
    if isinstance(counts, str) and counts[:2] in ("b'", 'b"') and counts[-1:] == counts[1]:
        found["counts"] = counts[2:-1].replace("\\\\", "\\")
    elif isinstance(counts, list):
        found["counts"] = [_whole(one) for one in counts]
    if isinstance(size, list):
        found["size"] = [_whole(one) for one in size]
    return found


def _whole(value: Any) -> Any:
    if type(value) is int:
        return value
    found = number(value)
    return int(found) if found is not None and found.is_integer() else value


def short(value: object) -> str:
    """A value as a finding shows it."""
    text = str(type(value).__name__) if isinstance(value, int) and abs(value) > 1 << 99 else repr(value)
    return text if len(text) < 80 else text[:77] + "..."
