"""Where images and their semantic masks lie: two folders side by side, a folder of masks per split, or file by file.

Folders are known by the words of their names (`words`): `images` and `masks` with splits inside, above or in their
names, mmsegmentation's `img_dir` and `ann_dir`, Pascal VOC's `JPEGImages` and `SegmentationClass`, Cityscapes'
`leftImg8bit` and `gtFine`, CamVid's `train` and `trainannot`, Keras' `images_prepped_train` and
`annotations_prepped_train`; Roboflow's `a.jpg` and `a_mask.png` in one folder; a yaml that names the folders of each
split. Masks may be JPEG, when they look like masks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from datasets.errors import FormatError, LimitError
from datasets.exchange.formats.common import files, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import MOST_SMALL, read_text, yaml_of
from datasets.exchange.formats.masks import words
from datasets.exchange.formats.masks.levels import levels
from datasets.exchange.formats.masks.scan import scan

SUFFIXES = {".png", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".webp", ".pgm", ".pbm"}
JPEG = {".jpg", ".jpeg", ".jpe"}
_ENDINGS = (*SUFFIXES, *JPEG)
YAML = (".yaml", ".yml")
_NO_CLASSES = ("_instanceids", "_color", "_polygons", "_instances")  # Cityscapes' other files
_MARKED = 0.3  # share of the images in one folder that must have a mask beside them


@dataclass(frozen=True)
class Folders:
    """Images and masks that belong together, by path below these folders; the split, when the folders tell it."""

    images: Path
    masks: Path
    split: str | None = None


@dataclass(frozen=True)
class Layout:
    """All pairs of folders, split by stem (`ImageSets`), and what kind of source it is, in words.

    `partial`: images without a mask are not part of it (Pascal VOC keeps those of all its tasks in one folder).
    """

    folders: tuple[Folders, ...]
    why: str
    splits: Mapping[str, str] = field(default_factory=dict)
    partial: bool = False
    config: Path | None = None


def layout_of(path: Path, bounds: Bounds) -> Layout | None:
    """How images and masks lie below `path`; None when none of the known ways fits."""
    if path.is_file():
        return _from_yaml(path, bounds) if path.suffix.lower() in YAML else None
    if not path.is_dir():
        return None
    config = next(
        (one for file in tree.listing(path).files if file.suffix.lower() in YAML if (one := _from_yaml(file, bounds))),
        None,
    )
    return config or _side_by_side(path) or _per_split(path) or _in_one_folder(path)


def is_mask(path: Path) -> bool:
    """Whether a file may be a mask, by its name."""
    name = path.name.lower()
    return name.endswith(_ENDINGS) and not name.rpartition(".")[0].endswith(_NO_CLASSES)


def no_classes(path: Path) -> bool:
    """Whether a file shows what the mask beside it says in numbers, as Cityscapes' `_color.png`."""
    return path.name.lower().rpartition(".")[0].endswith(_NO_CLASSES)


def _side_by_side(path: Path) -> Layout | None:
    found = list(_folder_pairs(path))
    if not found:
        return None
    first = found[0]
    voc = first.masks.name.lower().startswith("segmentationclass")
    why = f"images in {first.images.name} and masks in {first.masks.name}"
    return Layout(tuple(found), why, _voc_splits(path) if voc else {}, partial=voc)


def _per_split(path: Path) -> Layout | None:
    """Folders of splits, and in each of them folders of images and masks, or parts that have such."""
    found: list[Folders] = []
    for folder in tree.listing(path).folders:
        split = files.split_of(folder.name) or words.split(folder.name)
        if split is None:
            continue
        own = list(_folder_pairs(folder))
        own = own or [one for part in tree.listing(folder).folders for one in _folder_pairs(part)]
        found += [replace(one, split=split) for one in own]
    if not found:
        return None
    names = ", ".join(dict.fromkeys(str(one.images.parent.relative_to(path)) for one in found))
    return Layout(tuple(found), f"images and masks in the folders {names}")


def _folder_pairs(path: Path) -> Iterator[Folders]:
    """Folders of masks directly below `path`, each with the folder of images whose name says the same otherwise."""
    inside = tree.listing(path).folders
    masks = [one for one in inside if words.mask_rank(one.name) is not None and _holds_masks(one)]
    images = [one for one in inside if one not in masks and words.mask_rank(one.name) is None and _holds_image(one)]
    images.sort(key=lambda one: _rank(words.image_rank(one.name)))
    if not masks:
        yield from _by_content(images)
        return
    used: set[Path] = set()
    for mask in sorted(masks, key=lambda one: _rank(words.mask_rank(one.name))):
        image = _answering(mask, images, alone=len(masks) == 1)
        if image is not None and image not in used:
            used.add(image)
            yield Folders(image, mask, words.split(mask.name) or words.split(image.name))


def _by_content(folders: Sequence[Path]) -> Iterator[Folders]:
    """Two folders of other names, with files of the same names, of which one alone holds masks."""
    if len(folders) != 2:
        return
    files_ = [[one for one in tree.walk(folder) if files.is_image(one.name)] for folder in folders]
    if not len(files_[0]) == len(files_[1]) > 1 or sum(_like_a_mask(found[0]) for found in files_) != 1:
        return
    keys = [{key for one in found for key in words.mask_keys(one.stem)} for found in files_]
    names = [{one.stem.lower() for one in found} for found in files_]
    for image, mask in ((0, 1), (1, 0)):
        if names[image] <= keys[mask] and _all_like_masks(files_[mask]):
            yield Folders(folders[image], folders[mask])
            return


def _all_like_masks(found: Sequence[Path]) -> bool:
    return all(is_mask(one) for one in found) and all(map(_like_a_mask, found[:: max(1, len(found) // 3)][:3]))


def _answering(mask: Path, images: list[Path], *, alone: bool) -> Path | None:
    """The folder of images that belongs to a folder of masks."""
    rest = words.rest(mask.name)
    pictures = [one for one in images if words.image_rank(one.name) is not None]
    exact = next((one for one in pictures if words.rest(one.name) == rest), None)
    if exact:
        return exact
    named = next((one for one in images if one.name.lower() == words.behind(mask.name)), None)
    if named and (words.split(named.name) or _look_like_masks(mask)):
        return named
    split = words.split(mask.name)
    near = [one for one in pictures if words.split(one.name) == split]
    return near[0] if near and (alone or split or len(pictures) == 1) else None


def _rank(found: int | None) -> int:
    return 1000 if found is None else found


def beside(pictures: Sequence[Path]) -> list[Path]:
    """Those of some images that are masks of others in the same folder, by their names."""
    marked = [(one, key) for one in pictures if (key := words.marked(one.name.rpartition(".")[0])) and is_mask(one)]
    if not marked:
        return []
    stems = {(one.parent, key) for one in pictures for key in words.image_keys(one.stem)}
    return [one for one, key in marked if (one.parent, key) in stems]


def _in_one_folder(path: Path) -> Layout | None:
    """Images with masks beside them in the same folder, as `a.jpg` and `a_mask.png`, at the top or in any folders."""
    pictures = [one for one in files.images_below(path) if not no_classes(one)]
    masks = beside(pictures)
    if not masks or len(masks) < _MARKED * (len(pictures) - len(masks)):
        return None
    if masks[0].suffix.lower() in JPEG and not _like_a_mask(masks[0]):
        return None
    return Layout((Folders(path, path),), "masks beside images, named after them")


def _from_yaml(path: Path, bounds: Bounds) -> Layout | None:
    """A yaml with folders of images and masks for each split (Lightly)."""
    try:
        config = yaml_of(read_text(path, MOST_SMALL), path)
    except LimitError:  # a malicious file is reported, not skipped
        raise
    except FormatError:
        return None
    if not isinstance(config, dict):
        return None
    found = []
    for key, value in config.items():
        if isinstance(value, dict) and isinstance(value.get("images"), str) and isinstance(value.get("masks"), str):
            top = path.parent / str(config.get("path") or ".")
            images, masks = (bounds.place(value[one], [top]) for one in ("images", "masks"))
            if images and masks and images.is_dir() and masks.is_dir():
                found.append(Folders(images.resolve(), masks.resolve(), files.split_of(str(key))))
    why = f"the yaml {path.name} with folders of images and masks"
    return Layout(tuple(found), why, config=path) if found or bounds.named else None


def _holds_masks(folder: Path) -> bool:
    """Whether a folder holds files that may be masks; JPEG ones are looked at, since they are photos as a rule."""
    first = None
    for path in files.walk(folder):
        if is_mask(path):
            if path.suffix.lower() in SUFFIXES:
                return True
            first = first or path
    return first is not None and _like_a_mask(first)


def _like_a_mask(path: Path) -> bool:
    """Whether areas of an image have few values or colours."""
    found = scan(path)
    if found.error or 0 < len(found.values) + len(found.colours) <= 2:
        return not found.error
    seen = levels([path], by_colour=found.made == "colour", lossy=True)
    return seen.solid or bool(seen.keys)


def _look_like_masks(folder: Path) -> bool:
    return _like_a_mask(next(path for path in files.walk(folder) if is_mask(path)))


def _holds_image(folder: Path) -> bool:
    return any(files.is_image(path.name) for path in files.walk(folder))


def _voc_splits(path: Path) -> dict[str, str]:
    """Stem to split, from `ImageSets/Segmentation`."""
    found = {}
    for file in sorted((path / "ImageSets" / "Segmentation").glob("*.txt")):
        split = files.split_of(file.stem)
        for line in read_text(file).splitlines() if split else ():
            if line.strip() and split:
                found[line.strip()] = split
    return found
