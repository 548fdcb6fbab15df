"""The formats that Foveal reads and writes. A new one is a module in this folder, one word here and one in `names`."""

from pathlib import Path
from typing import cast

from datasets.errors import FormatError
from datasets.exchange.formats.base import Detected, Format
from datasets.exchange.formats.coco import keypoints as coco_keypoints
from datasets.exchange.formats.coco import objects as coco
from datasets.exchange.formats.cvat import images as cvat
from datasets.exchange.formats.folders import class_folders, images
from datasets.exchange.formats.labelstudio import project as labelstudio
from datasets.exchange.formats.masks import folders as mask_folders
from datasets.exchange.formats.names import NAMES
from datasets.exchange.formats.tables import labels as csv_labels
from datasets.exchange.formats.tools import (
    bdd100k,
    cityscapes_polygons,
    createml,
    kitti,
    labelme,
    supervisely,
    via,
)
from datasets.exchange.formats.voc import annotations as voc
from datasets.exchange.formats.yolo import labels as yolo

_MODULES = {
    module.NAME: module
    for module in (
        coco, coco_keypoints, yolo, voc, mask_folders, class_folders, csv_labels, cvat, labelstudio, labelme,
        createml, via, supervisely, kitti, bdd100k, cityscapes_polygons, images,
    )
}  # fmt: skip
FORMATS: dict[str, Format] = {name: cast(Format, _MODULES[name]) for name in NAMES}
CERTAIN = 0.5


def find(name: str) -> Format:
    """The format of this name. Raises FormatError that lists the known ones."""
    if name not in FORMATS:
        raise FormatError(f"expected a format of {', '.join(FORMATS)}; found {name!r}")
    return FORMATS[name]


def detect(path: Path) -> Detected:
    """The format that claims `path` most strongly; a dataset in the only labelled subfolder is found too.

    Raises FormatError when the path is absent or nothing claims it.
    """
    if not path.exists():
        raise FormatError(f"{path}: expected a file or folder, found nothing there; check the path")
    score, best = _best(path)
    if score >= CERTAIN:
        return best
    inner = _inner(path)
    if len(inner) == 1:
        found = inner[0]
        return Detected(found.format, found.path, f"{found.why} in the folder {found.path.name}")
    if len(inner) > 1:
        listed = ", ".join(found.path.name for found in inner)
        raise FormatError(f"{path}: expected one dataset, found several: {listed}; name the one to import")
    if score > 0:
        return best
    raise FormatError(f"{path}: expected a source in one of {', '.join(FORMATS)}; found nothing that looks like one")


def locate(path: Path, name: str) -> Path:
    """The root of a format that a person has chosen: `path`, or the only subfolder that it claims."""
    module = find(name)
    if not path.exists():
        raise FormatError(f"{path}: expected a file or folder, found nothing there; check the path")
    if module.sniff(path).score > 0 or path.is_file():
        return path
    claimed = [folder for folder in _folders(path) if module.sniff(folder).score > 0]
    return claimed[0] if len(claimed) == 1 else path


def _best(path: Path) -> tuple[float, Detected]:
    sniffed = {name: module.sniff(path) for name, module in FORMATS.items()}
    name = max(sniffed, key=lambda key: sniffed[key].score)
    return sniffed[name].score, Detected(name, path, sniffed[name].why)


def _inner(path: Path) -> list[Detected]:
    found = [_best(folder) for folder in _folders(path)]
    return [best for score, best in found if score > CERTAIN + 0.15]


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    return [folder for folder in sorted(path.iterdir()) if folder.is_dir() and not folder.name.startswith(".")]
