"""What the pixels of masks mean: decided once, over all files of a source, by one table of values or colours.

Files are read by value unless there are colours: then all of them are read by colour, greys and palettes too, and so
are palettes that differ from file to file. Values that only lie between others (soft edges, JPEG) count as the nearest
of those that fill areas (`levels`). 255 is void only beside small indexes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.masks import naming, numbering, palettes
from datasets.exchange.formats.masks.between import Reading, between
from datasets.exchange.formats.masks.classtable import VOID, ClassTable
from datasets.exchange.formats.masks.levels import ANY, Levels
from datasets.exchange.formats.masks.scan import TRANSPARENT, Made, Scan, indexes, looked_up
from datasets.records import Recode

_BY_VALUE: tuple[Made, ...] = ("grey", "triple", "palette")  # unless the table or others say that colours count


@dataclass(frozen=True)
class Meaning:
    """`table` names the values that are stored; `values` and `colours` say how masks that hold such are recoded.

    Kinds of masks in `by_colour` are read by colour. `values` is None where masks are used as they are.
    """

    table: ClassTable
    values: Recode | None = None
    colours: Recode = field(default_factory=lambda: Recode(by_colour=True))
    by_colour: frozenset[Made] = frozenset()

    def recode(self, one: Scan) -> Recode | None:
        """How a mask must be recoded; None when it can be used as it is."""
        if one.made in self.by_colour:
            return self.colours
        return self.values or (None if one.plain else Recode(void=VOID))

    def stored(self, one: Scan) -> tuple[set[int], list[int]]:
        """The values of classes in a mask as it will be stored, and the values or colours that mean nothing.

        What is near no level (`levels`) is told elsewhere.
        """
        recode = self.recode(one)
        keys = one.as_colours if one.made in self.by_colour else one.values
        if one.many and one.path is not None:
            return {int(value) for value in np.unique(indexes(one.path, recode or Recode()))}, []
        if recode is None or not recode.table:
            return set(keys), [key for key in keys if key not in self.table.known]
        made = looked_up(np.array(keys, np.int64), recode).tolist()
        strange = [key for key, value in zip(keys, made, strict=True) if value < 0 and recode.within is None]
        return {*made} - {-1}, strange


def decide(reading: Reading, given: ClassTable | None, scans: Sequence[Scan]) -> Meaning:
    """What the masks of a source mean. `given` is the table of its classes, if there is one.

    Raises FormatError where pixels do not name classes: photos, numbers of objects, more colours than classes may be.
    """
    good = [one for one in scans if one.path is not None and not one.error]
    clash = palettes.clash(good)
    if given is not None and not clash:
        given = palettes.followed(given, good)
    kinds = _by_colour(given, good, clash)
    if clash:
        palettes.tell(clash, kinds, reading.findings)
    by_value = [one for one in good if one.made not in kinds]
    coloured = [one for one in good if one.made in kinds]
    if coloured and given is not None and not given.colours:
        n = len({colour for one in coloured for colour in one.colours})
        raise FormatError(
            f"{reading.path}: expected a class table with colours, since the masks hold {n} colours, found one "
            "without; add red, green and blue to each class"
        )
    if not coloured:
        return _of_values(reading, given, by_value)
    made = _of_colours(reading, given, coloured)
    if not by_value:
        return replace(made, by_colour=kinds)
    other = _of_values(reading, made.table, by_value)
    return replace(other, colours=made.colours, by_colour=kinds)


def _by_colour(given: ClassTable | None, scans: Sequence[Scan], clash: Sequence[Path]) -> frozenset[Made]:
    """The kinds of masks that are read by colour."""
    present: frozenset[Made] = frozenset(one.made for one in scans)
    colours = "colour" in present
    if given is None:
        if colours:
            return present
        return present if clash else frozenset()
    if not given.colours:
        return present.difference(_BY_VALUE)
    own = {*given.names, *given.ignored}
    found: set[Made] = {*present.difference(_BY_VALUE)}
    for made in _BY_VALUE:
        files = [one for one in scans if one.made == made]
        values = {value for one in files for value in one.values} - {VOID}
        seen = {colour for one in files for colour in one.as_colours}
        fits = values <= own and (VOID * 0x010101 not in given.colours or made == "palette" or values > {0})
        named = seen <= {*given.colours}
        moved = named and (
            (made == "palette" and not given.numbered) or (colours and (made == "triple" or not given.numbered))
        )
        if files and (not fits or moved or (made == "palette" and clash)) and seen & given.colours.keys():
            found.add(made)
    return frozenset(found)


def _of_values(reading: Reading, given: ClassTable | None, scans: Sequence[Scan]) -> Meaning:
    """The meaning of masks that are read by value."""
    if given is not None and given.ranges:
        greys = {grey: value for value, (first, last) in given.ranges.items() for grey in range(first, last + 1)}
        return Meaning(given, Recode(greys, void=VOID))
    shown, scans = numbering.narrowed(reading.path, scans, reading.findings)
    values = sorted({value for one in scans for value in one.values})
    found = between(reading, values, given, scans)
    seen = list(found.keys) if found and not found.solid else values
    if given is None:
        table, places = _named(reading, seen, scans, solid=found is None or found.solid)
    else:
        table, places = _placed(reading.path, given, seen, reading.findings)
    if found and not found.solid:
        table, places = _numbered(table, places, found)
        return Meaning(table, Recode(_shown(shown, places), within=found.within, void=VOID))
    same = all(key == value for key, value in places.items()) and not shown
    return Meaning(table, None if same else Recode(_shown(shown, places), void=VOID))


def _named(
    reading: Reading, seen: Sequence[int], scans: Sequence[Scan], *, solid: bool
) -> tuple[ClassTable, Mapping[int, int]]:
    """A table for values that none names, and the place in it of each value."""
    numbering.check(reading.path, scans, reading.findings, solid=solid)
    if numbering.mixture(reading.path, scans, seen, reading.findings):
        table, told = ClassTable({0: "background", 1: "foreground"}), "the names background and foreground"
        places = {0: 0, 1: 1, VOID: 1}
    else:
        table, told = naming.by_value(seen, reading.layout, scans)
        places = {value: value for value in seen if value in table.known}
    what = "a table of classes, as classes.json"
    if seen:
        reading.findings.note("class_names", reading.path, what, "none", f"classes have {told}")
    return table, places


def _placed(
    path: Path, given: ClassTable, seen: Sequence[int], findings: Findings
) -> tuple[ClassTable, Mapping[int, int]]:
    """The table and the place in it of each value: as they are, unless the table counts otherwise."""
    fitted = None if given.colours else naming.fitted(given, seen)
    if fitted is not None and (fitted[0] != given or any(key != value for key, value in fitted[1].items())):
        table, places = fitted
        pairs = ", ".join(f"{key} is {table.names.get(value, value)}" for key, value in list(places.items())[:6])
        found = f"the values {', '.join(map(str, list(seen)[:8]))}"
        expected = f"the values of the class table, {', '.join(map(str, sorted(given.names)[:8]))}"
        findings.warn("class_values", path, expected, found, f"read by their order: {pairs}; check this")
        return table, places
    if VOID in seen and VOID not in {*given.names, *given.ignored}:
        found = "255, which it does not name"
        findings.note("void", path, "values that the class table names", found, "these pixels are void: of no class")
    return given, {value: value for value in sorted({*seen, *given.names}) if value in given.known}


def _of_colours(reading: Reading, given: ClassTable | None, scans: Sequence[Scan]) -> Meaning:
    """The meaning of masks that are read by colour."""
    colours = sorted({colour for one in scans for colour in one.as_colours})
    found = between(reading, colours, given, scans, by_colour=True)
    seen = list(found.keys) if found and not found.solid else colours
    within = found.within if found and not found.solid else None
    if given is not None:
        places = dict(given.colours)
        clear = {key: places[key ^ TRANSPARENT] for key in seen if key & TRANSPARENT and key ^ TRANSPARENT in places}
        return Meaning(given, colours=Recode({**places, **clear}, by_colour=True, within=within, void=VOID))
    if len(seen) >= VOID:
        raise FormatError(
            f"{reading.path}: expected masks with a colour per class, found {len(seen):,} colours and no table that "
            "names them; give a class table, and save masks without loss; if each colour is an object, import outlines "
            "of objects (COCO) instead"
        )
    table, told = naming.by_colour(seen)
    n = f"{len(seen):,} colours and no table"
    reading.findings.note("class_names", reading.path, "a table of classes with colours", n, f"classes have {told}")
    return Meaning(table, colours=Recode(dict(table.colours), by_colour=True, within=within, void=VOID))


def _numbered(table: ClassTable, places: Mapping[int, int], found: Levels) -> tuple[ClassTable, Mapping[int, int]]:
    """More than two levels are stored as 0, 1, 2, ...: what is near none of them must be void, which is 255."""
    if found.within == ANY or VOID not in table.names:
        return table, places
    order = {value: number for number, value in enumerate(sorted(table.names))}
    names = {order[value]: name for value, name in table.names.items()}
    made = replace(table, names=names, ignored=frozenset(order[one] for one in table.ignored if one in order))
    return made, {key: order[value] for key, value in places.items() if value in order}


def _shown(shown: Mapping[int, int], places: Mapping[int, int]) -> dict[int, int]:
    """The places of the values in the files, where these were narrowed to 8 bits."""
    if not shown:
        return dict(places)
    return {key: places[value] for key, value in shown.items() if value in places}
