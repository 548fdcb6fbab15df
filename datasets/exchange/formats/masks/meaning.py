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
from datasets.exchange.formats.masks import naming, numbering
from datasets.exchange.formats.masks.classtable import VOID, ClassTable
from datasets.exchange.formats.masks.layout import Layout
from datasets.exchange.formats.masks.levels import ANY, NEAR, Levels, levels
from datasets.exchange.formats.masks.scan import TRANSPARENT, Made, Scan, distances, indexes, mapped
from datasets.records import Progress, Recode, no_progress

_PATHS = 20
_RANGES = "give a class table with ranges, a line each, such as '0-99 background' and '100-255 foreground'"


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
        """The values of classes in a mask as it will be stored, and the values or colours that mean nothing."""
        recode = self.recode(one)
        keys = one.as_colours if one.made in self.by_colour else one.values
        if one.many and one.path is not None:
            return {int(value) for value in np.unique(indexes(one.path, recode or Recode()))}, []
        if recode is None or not recode.table:
            return set(keys), [key for key in keys if key not in self.table.known]
        made = mapped(np.array(keys, np.int64), recode).tolist() if keys else []
        strange = [key for key, value in zip(keys, made, strict=True) if value == VOID and key not in recode.table]
        return set(made), strange


def decide(
    path: Path,
    given: ClassTable | None,
    layout: Layout,
    scans: Sequence[Scan],
    findings: Findings,
    progress: Progress = no_progress,
) -> Meaning:
    """What the masks of a source mean. `given` is the table of its classes, if there is one.

    Raises FormatError where pixels do not name classes: photos, numbers of objects, more colours than classes may be.
    """
    good = [one for one in scans if one.path is not None and not one.error]
    clash = _clash(good)
    if given is not None and not clash:
        given = _by_palette(given, good)
    kinds = _by_colour(given, good, clash)
    if clash:
        _tell_palettes(clash, kinds, given, findings)
    by_value = [one for one in good if one.made not in kinds]
    coloured = [one for one in good if one.made in kinds]
    if coloured and given is not None and not given.colours:
        n = len({colour for one in coloured for colour in one.colours})
        raise FormatError(
            f"{path}: expected a class table with colours, since the masks hold {n} colours, found one "
            "without; add red, green and blue to each class"
        )
    if not coloured:
        return _of_values(path, given, layout, by_value, findings, progress)
    made = _of_colours(path, given, coloured, findings, progress)
    if not by_value:
        return replace(made, by_colour=kinds)
    other = _of_values(path, made.table, layout, by_value, findings, progress)
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
        return frozenset({"colour"} & present)
    own = {*given.names, *given.ignored}
    found: set[Made] = {"colour"} & present
    kinds: tuple[Made, ...] = ("grey", "palette")
    for made in kinds:
        files = [one for one in scans if one.made == made]
        values = {value for one in files for value in one.values} - {VOID}
        seen = {colour for one in files for colour in one.as_colours}
        fits = values <= own and (VOID * 0x010101 not in given.colours or made == "palette" or values > {0})
        moved = made == "palette" and not given.numbered and seen <= {*given.colours}
        if files and (not fits or moved or (made == "palette" and clash)) and seen & given.colours.keys():
            found.add(made)
    return frozenset(found)


def _by_palette(table: ClassTable, scans: Sequence[Scan]) -> ClassTable:
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


def _of_values(
    path: Path,
    given: ClassTable | None,
    layout: Layout,
    scans: Sequence[Scan],
    findings: Findings,
    progress: Progress,
) -> Meaning:
    """The meaning of masks that are read by value."""
    if given is not None and given.ranges:
        greys = {grey: value for value, (first, last) in given.ranges.items() for grey in range(first, last + 1)}
        return Meaning(given, Recode(greys, void=VOID))
    shown, scans = numbering.narrowed(path, scans, findings)
    values = sorted({value for one in scans for value in one.values})
    found = _between(path, values, given, scans, findings, progress)
    seen = list(found.keys) if found and not found.solid else values
    if given is None:
        numbering.check(path, scans, findings, solid=found is None or found.solid)
        table, told = naming.by_value(seen, layout, scans)
        both = numbering.mixture(path, scans, seen, findings)
        if both:
            table, told, seen = (
                ClassTable({0: "background", 1: "foreground"}),
                "two names, 255 counts as 1",
                [0, 1, VOID],
            )
        findings.note("class_names", path, "a table of classes, as classes.json", "none", f"classes have {told}")
        places = {value: min(value, 1) if both else value for value in seen if both or value in table.known}
    else:
        table, places = _placed(path, given, seen, findings)
    if found and not found.solid:
        table, places = _numbered(table, places, found)
        return Meaning(table, Recode(_shown(shown, places), within=found.within, void=VOID))
    same = all(key == value for key, value in places.items()) and not shown
    return Meaning(table, None if same else Recode(_shown(shown, places), void=VOID))


def _placed(
    path: Path, given: ClassTable, seen: Sequence[int], findings: Findings
) -> tuple[ClassTable, Mapping[int, int]]:
    """The table and the place in it of each value: as they are, unless the table counts otherwise."""
    fitted = naming.fitted(given, seen)
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


def _of_colours(
    path: Path, given: ClassTable | None, scans: Sequence[Scan], findings: Findings, progress: Progress
) -> Meaning:
    """The meaning of masks that are read by colour."""
    colours = sorted({colour for one in scans for colour in one.as_colours})
    found = _between(path, colours, given, scans, findings, progress, by_colour=True)
    seen = list(found.keys) if found and not found.solid else colours
    within = found.within if found and not found.solid else None
    if given is not None:
        places = dict(given.colours)
        clear = {key: places[key ^ TRANSPARENT] for key in seen if key & TRANSPARENT and key ^ TRANSPARENT in places}
        return Meaning(given, colours=Recode({**places, **clear}, by_colour=True, within=within, void=VOID))
    if len(seen) >= VOID:
        raise FormatError(
            f"{path}: expected masks with a colour per class, found {len(seen):,} colours and no table that names "
            "them; give a class table, and save masks without loss; if each colour is an object, import "
            "outlines of objects (COCO) instead"
        )
    table, told = naming.by_colour(seen)
    n = f"{len(seen):,} colours and no table"
    findings.note("class_names", path, "a table of classes with colours", n, f"classes have {told}")
    return Meaning(table, colours=Recode(dict(table.colours), by_colour=True, within=within, void=VOID))


def _between(
    path: Path,
    keys: Sequence[int],
    given: ClassTable | None,
    scans: Sequence[Scan],
    findings: Findings,
    progress: Progress,
    *,
    by_colour: bool = False,
) -> Levels | None:
    """Which values or colours fill areas, where some may not; None where all are plainly classes.

    Raises FormatError for masks in which nothing fills areas.
    """
    known = {*given.colours} if given and by_colour else given.known if given else set()
    strange = [key for key in keys if key not in known]
    crowded = any(one.many for one in scans)
    if not crowded and not _suspicious(keys, strange, given, scans, by_colour):
        return None
    lossy = any(one.lossy for one in scans)
    found = levels([one.path for one in scans if one.path], by_colour=by_colour, lossy=lossy, progress=progress)
    most = max(scans, key=lambda one: one.many or len(one.values) + len(one.colours))
    count = max(len(keys), most.many)
    what = "colours" if by_colour else "grey values"
    if not found.keys:
        raise FormatError(
            f"{path}: expected masks whose pixels name classes, found {count:,} {what} of which none fills an area, as "
            f"in a photo or a map of depth, the most in {most.path}; to import the images alone choose the format "
            f"images, or {_RANGES}"
        )
    if found.solid:
        return found
    if given is not None:
        wanted = [key for key in known if not by_colour or key in given.colours]
        if not all(any(_far(key, one, by_colour) <= NEAR for one in wanted) for key in found.keys):
            wanted = []
        found = replace(found, keys=tuple(sorted(_used(found.keys, wanted, by_colour)))) if wanted else found
    _tell_soft(path, count, what, found, scans, lossy, findings, by_colour)
    return found


def _suspicious(
    keys: Sequence[int], strange: Sequence[int], given: ClassTable | None, scans: Sequence[Scan], by_colour: bool
) -> bool:
    if by_colour:
        return len(strange) >= 12 or (bool(strange) and any(one.lossy for one in scans))
    if any(one.lossy for one in scans):
        return len(keys) > 2 and bool(strange)
    return len(strange) >= 4 and (given is not None or not naming.small(keys))


def _used(keys: Sequence[int], wanted: Sequence[int], by_colour: bool) -> set[int]:
    """The values or colours of a table that answer to those that fill areas."""
    return {min(wanted, key=lambda one: _far(key, one, by_colour)) for key in keys}


def _far(one: int, other: int, by_colour: bool) -> int:
    return int(distances(np.array([one]), other)[0]) if by_colour else abs(one - other)


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


def _clash(scans: Sequence[Scan]) -> list[Path]:
    """Two files whose palettes give a value that both use different colours; empty when there are none."""
    seen: dict[int, tuple[int, Path]] = {}
    for one in scans:
        if one.made == "palette" and one.path is not None:
            for value in one.values:
                colour, first = seen.setdefault(value, (_shade(one, value), one.path))
                if colour != _shade(one, value):
                    return [first, one.path]
    return []


def _shade(one: Scan, value: int) -> int:
    return one.palette[value] if value < len(one.palette) else 0


def _tell_palettes(clash: Sequence[Path], kinds: frozenset[Made], given: ClassTable | None, findings: Findings) -> None:
    found = f"palettes that differ, as in {clash[0].name} and {clash[1].name}"
    action = "pixels are read by colour, not by their number in the palette"
    if "palette" not in kinds:
        action = "pixels are read by their number, since the class table names values; add colours to it if these count"
    paths = tuple(map(str, clash))
    findings.warn("palettes_differ", clash[1], "masks that share one palette", found, action, paths=paths)


def _tell_soft(
    path: Path,
    count: int,
    what: str,
    found: Levels,
    scans: Sequence[Scan],
    lossy: bool,
    findings: Findings,
    by_colour: bool,
) -> None:
    names = [f"#{key & 0xFFFFFF:06x}" if by_colour else str(key) for key in found.keys]
    listed = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
    action = f"each pixel counts as the nearest of {listed}"
    if found.within == NEAR:
        action += ", and as void where it is near none"
    elif not by_colour:
        action += f", with the threshold {(found.keys[0] + found.keys[1] + 1) // 2}; for another {_RANGES}"
    soft = [str(one.path) for one in scans if one.many or len(one.values) + len(one.colours) > len(found.keys)]
    why = "JPEG, which is lossy" if lossy else "soft edges"
    expected = "masks with a value for each class, saved without loss as PNG"
    said = f"{count:,} {what}, of which {len(names)} fill areas: {why}"
    findings.warn("soft_masks", path, expected, said, action, count=max(1, len(soft)), paths=tuple(soft[:_PATHS]))
