"""Names of the classes of masks: for values or colours that no table names, and tables that count otherwise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from datasets.exchange.formats.masks.classtable import VOID, ClassTable
from datasets.exchange.formats.masks.known_classes import CAMVID, CITYSCAPES, CITYSCAPES_TRAIN, PASCAL_VOC
from datasets.exchange.formats.masks.layout import Layout
from datasets.exchange.formats.masks.scan import TRANSPARENT, Scan

BACKGROUND = ("background", "bg", "back", "ground", "none", "other", "_background_", "backgr", "void", "unlabelled",
              "unlabeled", "negative", "__background__")  # fmt: skip
_SMALL = 34  # the largest value that counts as an index where few occur: Cityscapes has 0 to 33


def small(values: Collection[int]) -> bool:
    """Whether values are small indexes, beside which 255 is void; levels such as 0, 128 are not."""
    inside = [value for value in values if value != VOID]
    return bool(inside) and max(inside) <= max(_SMALL, 4 * len(inside))


def by_value(values: Sequence[int], layout: Layout, scans: Sequence[Scan]) -> tuple[ClassTable, str]:
    """Names of values (rising) that no table names, and their origin in words."""
    known = _well_known(values, layout, scans)
    if known is not None:
        return known
    if list(values) in ([0, 1], [0, VOID]) or (len(values) == 2 and values[1] >= 128 and not small(values)):
        names = ["background", "foreground"]
        if _inverted(values, scans):
            names.reverse()
        return ClassTable(dict(zip(values, names, strict=True))), "the names background and foreground"
    void = VOID in values and small(values)
    named = [value for value in values if value < VOID or not void]
    told = f"{len(named):,} values as names"
    return ClassTable({value: f"class_{value}" for value in named}), told + (", 255 is void" if void else "")


def _inverted(values: Sequence[int], scans: Sequence[Scan]) -> bool:
    """Whether palettes show the first of two values in a colour and the second in black."""
    low, high = values
    shown = [one.palette for one in scans if one.made == "palette"]
    return bool(shown) and all(len(one) > high and one[low] and not one[high] for one in shown)


def by_colour(colours: Sequence[int]) -> tuple[ClassTable, str]:
    """Values for colours (rising) that no table names, in their order, named by themselves; and their origin in words.

    Two colours of which one is black or transparent are background and foreground. Transparent pixels are background.
    """
    clear = [colour for colour in colours if colour & TRANSPARENT]
    solid = [colour for colour in colours if not colour & TRANSPARENT]
    names = [*["background"] * bool(clear), *(f"#{colour:06x}" for colour in solid)]
    told = "their colours as names"
    if len(names) == 2 and (clear or solid[0] == 0):
        names, told = ["background", "foreground"], "the names background and foreground"
    places = dict.fromkeys(clear, 0) | {colour: k for k, colour in enumerate(solid, bool(clear))}
    return ClassTable(dict(enumerate(names)), places), told + (", transparent pixels are background" if clear else "")


def fitted(table: ClassTable, values: Sequence[int]) -> tuple[ClassTable, Mapping[int, int]] | None:
    """A table whose classes are not counted as the values (rising) of the masks are, and the place of each value in it.

    Two classes for 0 and 255; three for 0, 128 and 255; one class, or a list without background, for masks that have
    one more value. None where the table fits as it is, or in none of these ways.
    """
    own = {*table.names, *table.ignored}
    strange = [value for value in values if value not in own]
    if not strange or own & set(values) - {0}:
        return _with_background(table, values)
    classes = sorted(table.names)
    if small(values) and len(values) > 2:
        return _with_background(table, values)
    if len(values) == len(classes) and max(strange) > max(classes):
        return table, dict(zip(values, classes, strict=True))
    if len(values) == len(classes) + 1 and values[0] == 0 and not _has_background(table):
        return _led(table), dict(zip(values, [0, *(value + 1 for value in classes)], strict=True))
    return _with_background(table, values)


def _with_background(table: ClassTable, values: Sequence[int]) -> tuple[ClassTable, Mapping[int, int]] | None:
    """A list of n classes for the values 0 to n; or one class of a value for masks that hold 0 beside it."""
    inside = [value for value in values if value != VOID]
    count = len(table.names)
    if not table.numbered and inside == list(range(count + 1)) and not _has_background(table):
        return _led(table), {value: value for value in inside}
    if count == 1 and 0 not in table.names and 0 in inside and not table.ignored:
        made = replace(table, names={0: "background", **table.names})
        return made, {value: value for value in made.names}
    return None


def _led(table: ClassTable) -> ClassTable:
    """The same classes, each one value higher, with a background before them."""
    names = {0: "background", **{value + 1: name for value, name in sorted(table.names.items())}}
    return ClassTable(names, ignored=frozenset(value + 1 for value in table.ignored), numbered=table.numbered)


def _has_background(table: ClassTable) -> bool:
    return any(name.strip().lower() in BACKGROUND for name in table.names.values())


def _well_known(values: Sequence[int], layout: Layout, scans: Sequence[Scan]) -> tuple[ClassTable, str] | None:
    endings = {one.path.stem.lower().rsplit("_", 1)[-1] for one in scans if one.path}
    inside = [value for value in values if value != VOID]
    if endings == {"labelids"}:
        return ClassTable(CITYSCAPES, ignored=frozenset(range(34)) - CITYSCAPES.keys()), "the names of Cityscapes"
    if endings == {"labeltrainids"}:
        return ClassTable(CITYSCAPES_TRAIN), "the names of Cityscapes, 255 is void"
    if layout.partial and 0 < max(inside, default=0) < len(PASCAL_VOC):
        return ClassTable(PASCAL_VOC), "the names of Pascal VOC, 255 is void"
    if layout.folders[0].masks.name.endswith("annot") and inside == list(range(12)):
        return ClassTable(CAMVID, ignored=frozenset({11})), "the names of CamVid in SegNet's order, 11 is void"
    return None
