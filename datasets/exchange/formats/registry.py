"""The formats that Foveal reads and writes. A new one is a module in this folder, one word here and one in `names`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from datasets.errors import Cancelled, DatasetsError, FormatError
from datasets.exchange.formats.base import Detected, Findings, Format, Sniff
from datasets.exchange.formats.coco import keypoints as coco_keypoints
from datasets.exchange.formats.coco import objects as coco
from datasets.exchange.formats.coco import panoptic as coco_panoptic
from datasets.exchange.formats.common import foldernames, tree
from datasets.exchange.formats.cvat import images as cvat
from datasets.exchange.formats.folders import class_folders, images
from datasets.exchange.formats.labelstudio import project as labelstudio
from datasets.exchange.formats.masks import folders as mask_folders
from datasets.exchange.formats.masks import mvtec, object_masks
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
from datasets.exchange.formats.yolo import ndjson
from datasets.exchange.unread import unread
from datasets.records import Finding

_MODULES = {
    module.NAME: module
    for module in (
        coco, coco_keypoints, coco_panoptic, yolo, voc, mask_folders, class_folders, csv_labels, cvat, labelstudio,
        ndjson, labelme, createml, via, supervisely, kitti, bdd100k, cityscapes_polygons, object_masks, mvtec, images,
    )
}  # fmt: skip
FORMATS: dict[str, Format] = {name: cast(Format, _MODULES[name]) for name in NAMES}
CERTAIN = 0.5
STRONGER = 0.15  # a folder further down must be surer by so much than the one that was named
DEEPEST = 6  # levels of folders around a set
MOST_LOOKED_AT = 200  # folders
NEXT_BEST = 5


def find(name: str) -> Format:
    """The format of this name. Raises FormatError that lists the known ones."""
    if name not in FORMATS:
        raise FormatError(f"expected a format of {', '.join(FORMATS)}; found {name!r}")
    return FORMATS[name]


def detect(path: Path) -> Detected:
    """The format that claims `path` most strongly; a set some folders further down is found too, if it is the only one.

    Raises FormatError when the path is absent, nothing claims it, or several sets lie in it.
    """
    _check(path)
    troubles: list[DatasetsError] = []
    with tree.scanning():
        claims = _claims(path, troubles)
        weak = not claims or claims[0].score < CERTAIN
        claims = [*_further_down(path, claims, troubles), *claims] if weak else claims
    if not claims or (claims[0].score < CERTAIN and troubles):
        raise troubles[0] if troubles else FormatError(f"{path}: {_nothing(path)}")
    best, *others = claims
    return replace(best, others=tuple(others[:NEXT_BEST]), findings=_told(troubles, path))


def _nothing(path: Path) -> str:
    """That no format claims a source; where it holds pictures that are not read, what they are and the way out."""
    for one in unread(tree.walk(path) if path.is_dir() else [path]):
        return f"expected images of a kind that is read, found {one.found}; {one.action.partition('; ')[2]}"
    mark = ";" if path.is_dir() else ","
    said = f"expected a source in one of {', '.join(FORMATS)}{mark} found nothing that looks like one"
    return f"{said}; give the folder that holds the images and their labels"


def locate(path: Path, name: str) -> Path:
    """The root of a format that a person has chosen: `path`, or the only folder further down that it claims."""
    module = find(name)
    _check(path)
    with tree.scanning():
        if path.is_file() or _sniffed(name, module, path, []).score > 0:
            return path
        for level in _levels(path):
            claimed = [folder for folder in level if _sniffed(name, module, folder, []).score > 0]
            if claimed:
                return claimed[0] if len(claimed) == 1 else path
    return path


def _check(path: Path) -> None:
    if not path.exists():
        raise FormatError(f"{path}: expected a file or folder, found nothing there; check the path")


def _claims(path: Path, troubles: list[DatasetsError]) -> list[Detected]:
    """All formats that claim a file or folder, surest first."""
    sniffed = {name: _sniffed(name, module, path, troubles) for name, module in FORMATS.items()}
    found = [Detected(name, path, one.why, one.score) for name, one in sniffed.items() if one.score > 0]
    return sorted(found, key=lambda one: -one.score)


def _sniffed(name: str, module: Format, path: Path, troubles: list[DatasetsError]) -> Sniff:
    """What a format makes of a path; what goes wrong meanwhile concerns that format alone, and is told."""
    try:
        return module.sniff(path)
    except (Cancelled, MemoryError):
        raise
    except DatasetsError as error:
        if str(error) not in map(str, troubles):
            troubles.append(error)
    except Exception as error:  # whatever a stranger's file does to a parser
        found = f"found {type(error).__name__}: {error}"
        troubles.append(FormatError(f"{path}: expected a source that can be looked at as {name}, {found}"))
    return Sniff(0.0)


def _further_down(path: Path, claims: list[Detected], troubles: list[DatasetsError]) -> list[Detected]:
    """What claims the one folder further down that something claims more strongly, surest first; else nothing."""
    least = (claims[0].score if claims else 0.0) + STRONGER
    for level in _levels(path):
        found = [some for folder in level if (some := _inner(folder, troubles)) and some[0].score >= least]
        if len(found) > 1:
            listed = ", ".join(str(some[0].path.relative_to(path)) for some in found)
            raise FormatError(f"{path}: expected one dataset, found several: {listed}; name the one to import")
        if found:
            return [replace(one, why=f"{one.why} in the folder {one.path.relative_to(path)}") for one in found[0]]
    return []


def _inner(folder: Path, troubles: list[DatasetsError]) -> list[Detected]:
    """The claims on a folder inside a source. Pictures in one called as of masks are masks, not classes."""
    claims = _claims(folder, troubles)
    if foldernames.holds(folder.name) != "labels":
        return claims
    return [one for one in claims if one.format not in (images.NAME, class_folders.NAME)]


def _levels(path: Path) -> Iterator[list[Path]]:
    """The folders below `path`, level by level, that may hold a set: not those of nothing but images."""
    level, left = [path], MOST_LOOKED_AT
    for _ in range(DEEPEST):
        level = [inner for folder in level for inner in tree.listing(folder).folders][:left]
        worth = [folder for folder in level if not _plain(folder)]
        if not level:
            return
        left -= len(level)
        yield worth


def _plain(folder: Path) -> bool:
    """Whether a folder holds images alone, or nothing."""
    found = tree.listing(folder)
    return not found.folders and len(found.images) == len(found.files)


def _told(troubles: list[DatasetsError], path: Path) -> tuple[Finding, ...]:
    findings = Findings()
    for trouble in troubles:
        expected = "files that can be looked at while the format is sought"
        findings.warn("unread_file", path, expected, str(trouble), "it is left out")
    return findings.all()
