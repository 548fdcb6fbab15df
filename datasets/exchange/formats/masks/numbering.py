"""Masks whose numbers are no indexes of classes: 16 bits, numbers of objects, 0 and 1 beside 0 and 255."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.masks import naming
from datasets.exchange.formats.masks.classtable import VOID
from datasets.exchange.formats.masks.scan import Scan
from datasets.records import first_paths

_WHITE = 65535
_FEW = 16  # values above 255 that may be classes
_MANY = 32  # objects in an image from which numbers that count up are those of objects
_OBJECTS = "choose the format object_masks to read each number as an object"


def narrowed(path: Path, scans: Sequence[Scan], findings: Findings) -> tuple[dict[int, int], Sequence[Scan]]:
    """Values above 255 as values of 8 bits: the place of each value, empty when there are none; scans with these.

    65535 is 255 (white, or void). Levels of 16 bits become those of 8. A few others that recur are numbered, which is
    told. Raises FormatError where they number objects or measure something.
    """
    values = sorted({value for one in scans for value in one.values})
    wide = [value for value in values if value > VOID or value < 0]
    if not wide and not any(one.many and one.made != "colour" for one in scans):
        return {}, scans
    if wide == [_WHITE] and naming.small(values[:-1]):
        places = {value: min(value, VOID) for value in values}
    elif wide and all(value >= 0 and value % 257 == 0 for value in values):
        places = {value: value // 257 for value in values}
    elif wide and wide[0] >= 0 and len(values) <= _FEW and _recur(wide, scans):
        places = {value: number for number, value in enumerate(values)}
        found = f"{', '.join(map(str, wide[:8]))}"
        action = f"they are numbered in their order, 0 to {len(values) - 1}; if they number objects, {_OBJECTS}"
        findings.warn("wide_values", path, "values from 0 to 255", found, action)
    else:
        raise _no_classes(path, f"{max(len(values), *(one.many for one in scans)):,} values above 255", scans)
    return places, [replace(one, values=tuple(sorted({places[value] for value in one.values}))) for one in scans]


def check(path: Path, scans: Sequence[Scan], findings: Findings, *, solid: bool) -> None:
    """Tell masks whose values count up from 1 in each file, to another number: they may number objects.

    Raises FormatError where they must.
    """
    counts = Counter(_counted(one) for one in scans if any(one.values))
    if not solid or not counts or 0 in counts:
        return
    most = max(counts)
    if most >= _MANY:
        raise _no_classes(path, f"values that count up in each file, to {most} at most", scans)
    if len(counts) > 1:
        found = f"values that count up from 1 in each file, to {min(counts)} in one and to {most} in another"
        examples = first_paths(one.path for one in scans if _counted(one) == most)
        action = f"read as classes named by their value; if they number objects, {_OBJECTS}"
        findings.warn("object_numbers", path, "values that name classes", found, action, paths=examples)


def mixture(path: Path, scans: Sequence[Scan], values: Sequence[int], findings: Findings) -> bool:
    """Whether some masks of one object hold 0 and 1, others 0 and 255, and none both: told, and read as the same."""
    if list(values) != [0, 1, VOID] or any({1, VOID} <= {*one.values} for one in scans):
        return False
    ones, whites = (sum(value in one.values for one in scans) for value in (1, VOID))
    found = f"0 and 1 in {ones:,}, 0 and 255 in {whites:,}"
    action = "both are read as background and foreground; if 255 is void, give a class table"
    paths = first_paths(one.path for one in scans if VOID in one.values)
    findings.warn("mixed_values", path, "masks with the same two values", found, action, count=whites, paths=paths)
    return True


def _recur(wide: Sequence[int], scans: Sequence[Scan]) -> bool:
    """Whether values occur in more than one file, as classes do and objects do not."""
    seen: Mapping[int, int] = Counter(value for one in scans for value in one.values)
    return len(scans) == 1 or all(seen[value] > 1 for value in wide)


def _counted(one: Scan) -> int:
    """To which number the values of a mask count up from 1; 0 when they do not."""
    inside = [value for value in one.values if value]
    return len(inside) if inside == list(range(1, len(inside) + 1)) else 0


def _no_classes(path: Path, found: str, scans: Sequence[Scan]) -> FormatError:
    most = max(scans, key=lambda one: one.many or len(one.values))
    return FormatError(
        f"{path}: expected masks whose values name classes, found {found}, as masks have that number objects or "
        f"measure something, the most in {most.path}; {_OBJECTS}, or the format images to import the images alone"
    )
