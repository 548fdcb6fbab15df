"""Where images and their semantic masks lie: two folders side by side, a folder of masks per split, or file by file.

Known: `images` and `masks` (with splits inside or above), mmsegmentation's `img_dir` and `ann_dir`, Pascal VOC's
`JPEGImages` and `SegmentationClass`, Cityscapes' `leftImg8bit` and `gtFine`, CamVid's `train` and `trainannot`,
Roboflow's `a.jpg` and `a_mask.png`, and a yaml that names the folders of each split. An image and its mask share a
name, apart from suffixes such as `_mask`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from datasets.errors import FormatError, LimitError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import MOST_SMALL, read_text, yaml_of

IMAGES = ("images", "image", "imgs", "img", "img_dir", "jpegimages", "leftimg8bit", "rgb", "inputs", "input", "data")
MASKS = ("masks", "mask", "labels", "label", "annotations", "annotation", "ann_dir", "segmentationclass",
         "segmentationclassraw", "segmentationclasspng", "gtfine", "gtcoarse", "gt", "segmentation", "semantic",
         "semantic_masks", "segmentations", "seg", "targets", "groundtruth", "ground_truth", "labelids")  # fmt: skip
BESIDE = ("annot", "_annot", "_labels", "_masks", "_mask", "_label", "_gt")
SUFFIXES = {".png", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".webp"}
_MASK_ENDINGS = ("_gtfine_labelids", "_gtfine_labeltrainids", "_gtcoarse_labelids", "_labelids", "_labeltrainids",
                 "_mask", "-mask", "_masks", "_label", "_labels", "_seg", "_segmentation", "_gt", "_annot", "_l",
                 "_lab")  # fmt: skip
_IMAGE_ENDINGS = ("_leftimg8bit", "_image", "_img", "_sat")
_NO_CLASSES = ("_instanceids", "_color", "_polygons", "_instances")  # Cityscapes' other files


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


@dataclass(frozen=True)
class Pair:
    """An image with its mask, or one of them without the other."""

    image: Path | None
    mask: Path | None
    split: str | None
    tags: tuple[str, ...] = ()


def layout_of(path: Path, bounds: Bounds) -> Layout | None:
    """How images and masks lie below `path`; None when none of the known ways fits."""
    if path.is_file():
        return _from_yaml(path, bounds) if path.suffix.lower() in (".yaml", ".yml") else None
    if not path.is_dir():
        return None
    config = next((one for file in sorted(path.glob("*.y*ml")) if (one := _from_yaml(file, bounds))), None)
    return config or _side_by_side(path) or _per_split(path) or _beside(path) or _in_one_folder(path)


def pairs(layout: Layout, findings: Findings) -> list[Pair]:
    """Images with their masks, in the order of the images; masks without an image follow."""
    found: list[Pair] = []
    for one in layout.folders:
        found += _paired(one, layout, findings)
    return found


def _paired(one: Folders, layout: Layout, findings: Findings) -> Iterator[Pair]:
    beside = one.images == one.masks
    found = [path for path in files.walk(one.masks, findings) if _is_mask(path)]
    masks = {_key(path, one.masks, _MASK_ENDINGS): path for path in found if not beside or path.stem.endswith("_mask")}
    taken = set(masks.values()) if beside else set()
    images = [path for path in files.images_below(one.images, findings) if path not in taken]
    places = _places(masks)
    for image in images:
        keys = _key(image, one.images, _IMAGE_ENDINGS), _key(image, one.images, ())
        match = next((key for key in keys if key in masks), None) or places.get(Path(keys[0]).name)
        mask = masks.pop(match, None) if match else None
        listed = layout.splits.get(image.stem)
        if mask or listed or not layout.partial:
            split = one.split or listed or _inner_split(image, one.images)
            yield Pair(image, mask, split)
    for mask in masks.values():
        yield Pair(None, mask, None)


def _places(masks: Mapping[str, Path]) -> dict[str, str]:
    """Keys of masks by their name alone, where no two share one: their folders may differ from those of the images."""
    names = Counter(Path(key).name for key in masks)
    return {Path(key).name: key for key in masks if names[Path(key).name] == 1}


def _key(path: Path, folder: Path, endings: tuple[str, ...]) -> str:
    """Path below the folder without its ending, in lower case."""
    relative = path.relative_to(folder)
    stem = relative.stem.lower()
    stem = next((stem.removesuffix(one) for one in endings if stem.endswith(one) and stem != one), stem)
    return str(relative.parent / stem).lower()


def _is_mask(path: Path) -> bool:
    """Whether this may be a mask; of an image and its `_mask` in one folder, only the latter is."""
    return path.suffix.lower() in SUFFIXES and not path.stem.lower().endswith(_NO_CLASSES)


def _inner_split(path: Path, folder: Path) -> str | None:
    parts = path.relative_to(folder).parts
    return files.split_of(parts[0]) if len(parts) > 1 else None


def _side_by_side(path: Path) -> Layout | None:
    found = _folder_pair(path)
    if found is None:
        return None
    images, masks = found
    voc = masks.name.lower().startswith("segmentationclass")
    why = f"images in {images.name} and masks in {masks.name}"
    return Layout((Folders(images, masks),), why, _voc_splits(path) if voc else {}, partial=voc)


def _per_split(path: Path) -> Layout | None:
    found = [(split, pair) for split, folder in _splits(path) if (pair := _folder_pair(folder))]
    if not found:
        return None
    names = ", ".join(pair[0].parent.name for _, pair in found)
    why = f"images and masks in the folders {names}"
    return Layout(tuple(Folders(images, masks, split) for split, (images, masks) in found), why)


def _beside(path: Path) -> Layout | None:
    """A folder of masks beside a folder of images and named after it: `train` and `trainannot`, `train_labels`."""
    by_name = {folder.name.lower(): folder for folder in _inside(path)}
    found = [
        Folders(folder, by_name[name + ending], files.split_of(name))
        for name, folder in by_name.items()
        for ending in BESIDE
        if name + ending in by_name and _holds_masks(by_name[name + ending])
    ]
    if not found:
        return None
    first = found[0]
    return Layout(tuple(found), f"images in {first.images.name} and masks in {first.masks.name}")


def _in_one_folder(path: Path) -> Layout | None:
    """Images with `<name>_mask.png` beside them, at the top or in folders of splits."""
    tops = [(split, folder) for split, folder in [*_splits(path), (None, path)] if any(folder.glob("*_mask.png"))]
    if not tops:
        return None
    return Layout(tuple(Folders(folder, folder, split) for split, folder in tops), "masks named _mask beside images")


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


def _folder_pair(path: Path) -> tuple[Path, Path] | None:
    by_name = {folder.name.lower(): folder for folder in _inside(path)}
    images = next((by_name[name] for name in IMAGES if name in by_name), None)
    masks = next((by_name[name] for name in MASKS if name in by_name and _holds_masks(by_name[name])), None)
    return (images, masks) if images and masks and _holds_image(images) else None


def _splits(path: Path) -> list[tuple[str | None, Path]]:
    return [(files.split_of(folder.name), folder) for folder in _inside(path) if files.split_of(folder.name)]


def _inside(path: Path) -> list[Path]:
    return [one for one in sorted(path.iterdir()) if one.is_dir() and not one.name.startswith(".")]


def _holds_masks(folder: Path) -> bool:
    return any(_is_mask(path) for path in files.walk(folder))


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
