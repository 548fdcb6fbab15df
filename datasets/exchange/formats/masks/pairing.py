"""Which mask belongs to which image: by their names below their folders, then by their names alone.

A mask that answers to two images, and two masks that answer to one image, are told and not taken.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, opened
from datasets.exchange.formats.masks import words
from datasets.exchange.formats.masks.layout import Folders, Layout, beside, is_mask, no_classes

_PATHS = 20
_LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif")


@dataclass(frozen=True)
class Pair:
    """An image with its mask, or one of them without the other."""

    image: Path | None
    mask: Path | None
    split: str | None


SEVERAL = "several_masks"


def pairs(layout: Layout, findings: Findings) -> list[Pair]:
    """Images with their masks, in the order of the images; masks without an image follow.

    Images that have several are told as `SEVERAL`, and come without one.
    """
    found: list[Pair] = []
    several: dict[Path, list[Path]] = {}
    for one in layout.folders:
        found += _paired(one, layout, findings, several)
    if several:
        for mask in (mask for masks in several.values() for mask in masks):
            opened.note(mask)  # told here
        image, candidates = next(iter(several.items()))
        named = " and ".join(mask.name for mask in candidates[:3])
        action = "none of them is taken; keep one mask for each image, or choose the format object_masks"
        paths = tuple(map(str, list(several)[:_PATHS]))
        findings.warn(SEVERAL, image, "one mask", named, action, count=len(several), paths=paths)
    return found


def _paired(one: Folders, layout: Layout, findings: Findings, several: dict[Path, list[Path]]) -> Iterator[Pair]:
    images, masks = _sorted_out(one, findings)
    chosen = _chosen(images, masks, one, several)
    taken = set(chosen.values()) | {mask for found in several.values() for mask in found}
    for image in images:
        mask = chosen.get(image)
        listed = layout.splits.get(image.stem)
        if mask or listed or not layout.partial:
            split = one.split or listed or _inner_split(image, one.images)
            yield Pair(image, mask, split)
    for mask in masks:
        if mask not in taken:
            yield Pair(None, mask, None)


def _sorted_out(one: Folders, findings: Findings) -> tuple[list[Path], list[Path]]:
    """The images and the masks of two folders, or of one that holds both."""
    found = list(files.walk(one.masks, findings))
    for path in found:
        if no_classes(path):
            opened.note(path)  # what it shows, its neighbour says in numbers
    if one.images != one.masks:
        masks = [path for path in found if is_mask(path)]
        within = one.masks.is_relative_to(one.images)
        images = files.images_below(one.images, findings)
        return [path for path in images if not (within and path.is_relative_to(one.masks))], masks
    pictures = [path for path in found if files.is_image(path.name) and not no_classes(path)]
    masks = beside(pictures)
    taken = set(masks)
    return [path for path in pictures if path not in taken], masks


def _chosen(
    images: Sequence[Path], masks: Sequence[Path], one: Folders, several: dict[Path, list[Path]]
) -> Mapping[Path, Path]:
    """The mask of each image that has one; `several` gets those that have more."""
    chosen: dict[Path, Path] = {}
    literal, stripped = _index(masks, one.masks, first=True), _index(masks, one.masks, first=False)
    names = _index(masks, None, first=False)
    lonely = _counted(images)
    taken: set[Path] = set()
    for in_place in (True, False):
        for image in images:
            if (
                image in chosen
                or image in several
                or (not in_place and lonely[_key(image, None, image.stem.lower())] > 1)
            ):
                continue
            folder = one.images if in_place else None
            keys = [_key(image, folder, key) for key in words.image_keys(image.stem)]
            indexes = (literal, stripped) if in_place else (names,)
            found = next((got for key in keys for index in indexes if (got := index.get(key))), [])
            found = [mask for mask in _lossless(found) if mask not in taken]
            if len(found) == 1:
                chosen[image] = found[0]
                taken.add(found[0])
            elif found and (in_place or _alike(found)):
                several[image] = list(found)
                taken |= set(found)
    return chosen


def _index(masks: Iterable[Path], folder: Path | None, *, first: bool) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for mask in masks:
        keys = words.mask_keys(mask.stem)
        for key in keys[:1] if first else keys:
            found[_key(mask, folder, key)].append(mask)
    return found


def _counted(images: Sequence[Path]) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    for image in images:
        found[_key(image, None, image.stem.lower())] += 1
    return found


def _key(path: Path, folder: Path | None, key: str) -> str:
    """The place below a folder with the key of a name, in lower case; the key alone without a folder."""
    return key if folder is None else os.path.join(os.path.relpath(path.parent, folder).lower(), key)  # noqa: PTH118


def _lossless(found: Sequence[Path]) -> Sequence[Path]:
    """Of several masks the one that was saved without loss, if it is the only one."""
    kept = [mask for mask in found if mask.suffix.lower() not in _LOSSY]
    return kept if len(kept) == 1 else found


def _alike(found: Sequence[Path]) -> bool:
    return len({mask.parent for mask in found}) == 1


def _inner_split(path: Path, folder: Path) -> str | None:
    parts = path.relative_to(folder).parts[:-1]
    return next((split for part in parts if (split := files.split_of(part))), None)
