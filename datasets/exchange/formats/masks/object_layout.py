"""Where images lie that have a mask for each object, or one mask whose values number the objects.

Known: a folder for each image with `images` and `masks` in it (DSB2018), a folder of masks for each image or numbered
masks in a folder beside that of the images (`masks/a/1.png`, `masks/a_1.png`), and numbered masks beside the images
(`a.png`, `a_mask.png`, `a_mask_1.png`, as in BUSI, where the folders are the classes).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datasets.exchange.formats.common import files, foldernames, tree
from datasets.exchange.formats.masks import words
from datasets.exchange.formats.masks.layout import is_mask

OBJECT = "object"  # the class of masks that no folder names
_DEEPEST = 3
_MOST_CLASSES = 20
_NUMBERED = re.compile(r"[\s_.\-]+(?:masks?|label|segmentation|seg)(?:[\s_.\-]*\d+)?$", re.IGNORECASE)
_NUMBER = re.compile(r"[\s_.\-]+(?:masks?[\s_.\-]*)?\d+$", re.IGNORECASE)


@dataclass(frozen=True)
class Item:
    """An image with a mask for each of its objects, each with its class."""

    image: Path
    masks: tuple[tuple[Path, str], ...]
    split: str | None = None


@dataclass(frozen=True)
class Objects:
    """All images with their masks, what kind of source it is, in words, and masks that belong to no image."""

    items: tuple[Item, ...]
    why: str
    lost: tuple[Path, ...] = field(default=())


def objects_of(path: Path) -> Objects | None:
    """The images below `path` with masks for their objects; None when none of the known ways fits."""
    if not path.is_dir():
        return None
    return _folder_each(path) or _folder_beside(path) or _numbered_beside(path)


def _folder_each(path: Path) -> Objects | None:
    items: list[Item] = []
    for folder in tree.folders_below(path, _DEEPEST):
        if folder != path and words.split(folder.name) is None:
            items += _own_folder(folder, path)
    masked = [item for item in items if item.masks]
    return Objects(tuple(items), "a folder for each image, with a mask for each object") if masked else None


def _own_folder(folder: Path, top: Path) -> Iterator[Item]:
    """The image of a folder that holds one, in a folder of images beside a folder of masks, if there is one."""
    inside = tree.listing(folder).folders
    images = [one for one in inside if foldernames.holds(one.name) == "images"]
    masks = [one for one in inside if words.mask_rank(one.name) is not None]
    if len(images) != 1 or len(masks) > 1 or len(inside) > 3:
        return
    pictures = [one for one in tree.listing(images[0]).files if files.is_image(one.name)]
    if len(pictures) != 1:
        return
    found = [one for one in tree.walk(masks[0]) if is_mask(one)] if masks else []
    labelled = tuple((one, OBJECT if one.parent == masks[0] else one.parent.name) for one in found)
    parts = folder.relative_to(top).parts[:-1]
    split = next((split for part in parts if (split := words.split(part))), None)
    yield Item(pictures[0], labelled, split)


def _folder_beside(path: Path) -> Objects | None:
    """A folder of images and one of masks, which lie in a folder for each image or are numbered."""
    inside = tree.listing(path).folders
    masks = next((one for one in inside if words.mask_rank(one.name) is not None), None)
    images = next((one for one in inside if foldernames.holds(one.name) == "images"), None)
    if masks is None or images is None or not any(map(is_mask, tree.walk(masks))):
        return None
    first = next(filter(is_mask, tree.walk(masks)), None)
    if first is None:
        return None
    answering = tree.listing(images / first.parent.relative_to(masks)).files
    if any(one.stem.lower() == first.stem.lower() for one in answering):
        return None  # a mask for each image
    pictures = files.images_below(images)
    stems = {_place(one, images, one.stem): one for one in pictures}
    found: dict[Path, list[Path]] = defaultdict(list)
    lost: list[Path] = []
    for mask in filter(is_mask, tree.walk(masks)):
        if _place(mask, masks, mask.stem) in stems:
            return None  # a mask for each image
        image = stems.get(str(mask.parent.relative_to(masks)).lower())
        image = image or stems.get(_place(mask, masks, _NUMBER.sub("", mask.stem)))
        found[image].append(mask) if image else lost.append(mask)
    if not found or len(lost) > sum(map(len, found.values())) or max(map(len, found.values())) < 2:
        return None
    items = [Item(one, tuple((mask, OBJECT) for mask in found.get(one, ()))) for one in pictures]
    return Objects(tuple(items), f"images in {images.name} and a mask for each object in {masks.name}", tuple(lost))


def _numbered_beside(path: Path) -> Objects | None:
    """Images with masks in the same folder, some with several; the folders are classes where there are few of them."""
    pictures = files.images_below(path)
    marked = [one for one in pictures if _NUMBERED.search(one.name.rpartition(".")[0]) and is_mask(one)]
    if not any(one.stem[-1:].isdigit() for one in marked):
        return None
    taken = set(marked)
    stems = {(one.parent, one.stem.lower()): one for one in pictures if one not in taken}
    found: dict[Path, list[Path]] = defaultdict(list)
    lost: list[Path] = []
    for mask in marked:
        image = stems.get((mask.parent, _NUMBERED.sub("", mask.stem).lower()))
        found[image].append(mask) if image else lost.append(mask)
    if not found or len(lost) >= len(found) or max(map(len, found.values())) < 2:
        return None
    classes = _classes(path, list(stems.values()))
    items = [
        Item(one, tuple((mask, classes.get(one.parent, OBJECT)) for mask in found.get(one, ())))
        for one in stems.values()
    ]
    return Objects(tuple(items), "a mask for each object beside the images", tuple(lost))


def _classes(path: Path, images: Sequence[Path]) -> Mapping[Path, str]:
    """The folders that are classes: few, each with several images, none of them the source, a split or a part."""
    folders: dict[Path, int] = defaultdict(int)
    for image in images:
        folders[image.parent] += 1
    names = {one.name for one in folders}
    plain = any(
        one == path or words.split(one.name) or foldernames.is_part(one.name) or foldernames.holds(one.name)
        for one in folders
    )
    if plain or not 2 <= len(names) <= _MOST_CLASSES or len(images) < 2 * len(names):
        return {}
    return {one: one.name for one in folders}


def _place(path: Path, folder: Path, stem: str) -> str:
    return str(path.parent.relative_to(folder) / stem).lower()
