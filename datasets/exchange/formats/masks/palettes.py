"""Palettes of masks: one for all files, which a table of colours can follow, or others in other files."""

from collections.abc import Sequence
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.masks.classtable import ClassTable
from datasets.exchange.formats.masks.scan import Made, Scan


def clash(scans: Sequence[Scan]) -> list[Path]:
    """Two files whose palettes give a value that both use different colours; empty when there are none."""
    seen: dict[int, tuple[int, Path]] = {}
    for one in scans:
        if one.made == "palette" and one.path is not None:
            for value in one.values:
                colour, first = seen.setdefault(value, (_shade(one, value), one.path))
                if colour != _shade(one, value):
                    return [first, one.path]
    return []


def followed(table: ClassTable, scans: Sequence[Scan]) -> ClassTable:
    """A table by colour for masks that all have one palette: the value of a class is where the palette has its colour.

    They can be used as they are then. The table itself where that is not so.
    """
    palette = scans[0].palette if scans and all(one.made == "palette" for one in scans) else ()
    place: dict[int, int] = {}
    for value, colour in enumerate(palette):
        place.setdefault(colour, value)
    if table.numbered or not table.colours or not table.colours.keys() <= place.keys():
        return table
    moved = {value: place[colour] for colour, value in table.colours.items()}
    return ClassTable(
        {moved[value]: name for value, name in table.names.items() if value in moved},
        {colour: moved[value] for colour, value in table.colours.items()},
        frozenset(moved[value] for value in table.ignored if value in moved),
    )


def tell(both: Sequence[Path], kinds: frozenset[Made], findings: Findings) -> None:
    """Tell it, and what decides."""
    found = f"palettes that differ, as in {both[0].name} and {both[1].name}"
    action = "pixels are read by colour, not by their number in the palette"
    if "palette" not in kinds:
        action = "pixels are read by their number, since the class table names values; add colours to it if these count"
    paths = tuple(map(str, both))
    findings.warn("palettes_differ", both[1], "masks that share one palette", found, action, paths=paths)


def _shade(one: Scan, value: int) -> int:
    return one.palette[value] if value < len(one.palette) else 0
