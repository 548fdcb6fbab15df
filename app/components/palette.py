"""Stable colours for classes; the same algorithm as `app/assets/palette.js`, on the same list of colours."""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache

from app.api.assets import FOLDER
from datasets.speed.latest import PATIENCE
from datasets.storage import handle, label_schemas
from datasets.views import legends


@lru_cache(maxsize=1)
def colours() -> tuple[str, ...]:
    """The colours, far apart from each other, readable on light and on dark."""
    return tuple(json.loads((FOLDER / "palette.json").read_text(encoding="utf-8"))["colours"])


def hash32(name: str) -> int:
    """32-bit FNV-1a over the UTF-8 bytes of a name (Fowler, Noll, Vo; draft-eastlake-fnv)."""
    total = 0x811C9DC5
    for byte in name.encode():
        total = ((total ^ byte) * 0x01000193) & 0xFFFFFFFF
    return total


def colouring(classes: Iterable[str]) -> dict[str, str]:
    """A colour for every class: the one its hash selects, so that a class looks the same in every dataset.

    Where two classes of a dataset would share a colour, the later name takes the next free one; with more
    classes than colours, some share one.
    """
    names = sorted(set(classes), key=_utf16)
    known = colours()
    if len(names) > len(known):
        return {name: colour(name) for name in names}
    taken, found = set[int](), dict[str, str]()
    for name in names:
        slot = hash32(name) % len(known)
        while slot in taken:
            slot = (slot + 1) % len(known)
        taken.add(slot)
        found[name] = known[slot]
    return found


def colour(name: str) -> str:
    """The colour of a class outside any list of classes."""
    return colours()[hash32(name) % len(colours())]


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour such as `#1c7ed6`."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def chosen(dataset: str) -> dict[str, str]:
    """The colours that people chose for classes of a dataset."""
    return label_schemas.colours(handle.of(dataset, any_version=True).document)


def of_dataset(dataset: str, more: Iterable[str] = ()) -> dict[str, str]:
    """A colour for every class of a dataset, and for `more` that no label has yet: the chosen one, else its own."""
    return {**colouring({*legends.coloured_classes(dataset, PATIENCE), *more}), **chosen(dataset)}


def colour_of(dataset: str) -> Callable[[str], tuple[int, int, int]]:
    """The colour of a class of a dataset as red, green and blue, the same as the browser chooses."""
    known = of_dataset(dataset)
    return lambda name: rgb(known.get(name) or colour(name))


def palette_colours() -> list[tuple[int, int, int]]:
    """All colours, for what has no class: instances."""
    return [rgb(one) for one in colours()]


def _utf16(name: str) -> bytes:
    """The order in which browsers sort text."""
    return name.encode("utf-16-be", "surrogatepass")
