"""Which mask belongs to which image: by their names below their folders, then by their names alone.

A mask that answers to two images, and two masks that answer to one image, are told and not taken.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, opened
from datasets.exchange.formats.masks import words
from datasets.exchange.formats.masks.layout import Folders, Layout, beside, is_mask, no_classes
from datasets.records import first_paths

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
        paths = first_paths(several)
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
    taken: set[Path] = set()
    for step in _steps(one, images):
        left = [image for image in images if image not in chosen and image not in several]
        if not left or len(taken) == len(masks):
            break
        index = step.index([mask for mask in masks if mask not in taken])
        for image in left:
            found = next((got for key in step.keys(image) if (got := index.get(key))), ())
            found = [mask for mask in _lossless(found) if mask not in taken]
            if len(found) == 1:
                chosen[image] = found[0]
                taken.add(found[0])
            elif len({mask.parent for mask in found}) == 1:
                several[image] = found
                taken |= {*found}
    return chosen


@dataclass(frozen=True)
class _Step:
    """One way to compare: by place and name as they are, without the words for masks and images, or by name alone."""

    images: Path | None
    masks: Path | None
    plain: bool
    lonely: frozenset[str] | None = None  # names that one image alone has, where places do not count
    places: dict[Path, str] = field(default_factory=dict)

    def keys(self, image: Path) -> list[str]:
        """What an image may be called."""
        stem = image.name.rpartition(".")[0].lower()
        if self.lonely is not None and stem not in self.lonely:
            return []
        place = self._place(image.parent, self.images)
        return [place + key for key in ((stem,) if self.plain else words.image_keys(stem))]

    def index(self, masks: Iterable[Path]) -> dict[str, list[Path]]:
        """Masks by what their image may be called."""
        found: dict[str, list[Path]] = defaultdict(list)
        for mask in masks:
            stem = mask.name.rpartition(".")[0].lower()
            place = self._place(mask.parent, self.masks)
            for key in (stem,) if self.plain else words.mask_keys(stem):
                found[place + key].append(mask)
        return found

    def _place(self, folder: Path, top: Path | None) -> str:
        if top is None:
            return ""
        if folder not in self.places:
            self.places[folder] = f"{folder.relative_to(top)}/".lower()
        return self.places[folder]


def _steps(one: Folders, images: Sequence[Path]) -> Iterator[_Step]:
    yield _Step(one.images, one.masks, plain=True)
    yield _Step(one.images, one.masks, plain=False)
    counts = Counter(image.name.rpartition(".")[0].lower() for image in images)
    yield _Step(None, None, plain=False, lonely=frozenset(name for name, count in counts.items() if count == 1))


def _lossless(found: Sequence[Path]) -> Sequence[Path]:
    """Of several masks the one that was saved without loss, if it is the only one."""
    kept = [mask for mask in found if mask.suffix.lower() not in _LOSSY]
    return kept if len(kept) == 1 else found


def _inner_split(path: Path, folder: Path) -> str | None:
    parts = path.relative_to(folder).parts[:-1]
    return next((split for part in parts if (split := files.split_of(part))), None)
