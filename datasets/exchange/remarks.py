"""What a person should know about the images of a source before they are looked at and learned from."""

from collections import Counter
from collections.abc import Iterator, Sequence

from datasets.images.probe import Probe
from datasets.records import Finding, first_paths


def remarks(probes: Sequence[Probe]) -> Iterator[Finding]:
    """Notes on images of more than 8 bits, on those that are see-through, and on files of several images.

    See `images/pictures.py` for the rules that they tell.
    """
    deep = [one for one in probes if one.bits > 8]
    depths = ", ".join(f"{n:,} of {_depth(one)}" for one, n in Counter(map(_kind, deep)).items())
    yield from _note(
        deep, "deep_image", "images of 8 bits", f"{len(deep):,} others ({depths})",
        "each is shown and learned from with its darkest pixel black and its brightest white; where brightness must "
        "compare between images, convert them to 8 bits by one scale first",
    )  # fmt: skip
    clear = [one for one in probes if one.see_through]
    yield from _note(
        clear, "see_through_image", "images without transparency", f"{len(clear):,} with",
        "what is see-through is white, for people and for networks",
    )  # fmt: skip
    several = [one for one in probes if one.several]
    yield from _note(
        several, "several_images_in_file", "one image a file", f"{len(several):,} files of several (pages, frames)",
        "the first of each is imported; split the others into files of their own if they are needed",
    )  # fmt: skip


def _kind(seen: Probe) -> tuple[str, int]:
    return ("F" if seen.mode == "F" else ""), seen.bits


def _depth(kind: tuple[str, int]) -> str:
    return "floating point" if kind[0] else f"{kind[1]} bits"


def _note(seen: Sequence[Probe], code: str, expected: str, found: str, action: str) -> Iterator[Finding]:
    if seen:
        paths = first_paths(one.path for one in seen)
        yield Finding("note", code, paths[0], expected, found, action, len(seen), paths)
