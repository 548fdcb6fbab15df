"""Tiny sets in the forms of annotation tools that Foveal only reads: boxes alone, images in a folder for each split."""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from datasets.exchange.formats.common.pixelbox import corners
from datasets.records import ImageRecord, Label


def _boxes(record: ImageRecord) -> Iterable[tuple[Label, tuple[float, ...]]]:
    size = record.width or 1, record.height or 1
    return ((label, corners(label.box or (0, 0, 1, 1), *size)) for label in record.objects)


def _json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def _ring(box: tuple[float, ...]) -> list[list[float]]:
    left, top, right, bottom = box
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def labelme(record: ImageRecord, image: Path, folder: Path) -> None:
    """A json beside each image."""
    shapes = [
        {"label": label.label, "shape_type": "rectangle", "points": [box[:2], box[2:]], "flags": {}}
        for label, box in _boxes(record)
    ]
    size = {"imageWidth": record.width, "imageHeight": record.height}
    _json(image.with_suffix(".json"), {"version": "5", "flags": {}, "shapes": shapes, "imagePath": image.name, **size})


def supervisely(record: ImageRecord, image: Path, folder: Path) -> None:
    """`ann/x.png.json` for `img/x.png`."""
    objects = [
        {"classTitle": label.label, "geometryType": "rectangle", "tags": [],
         "points": {"exterior": [box[:2], box[2:]], "interior": []}}
        for label, box in _boxes(record)
    ]  # fmt: skip
    size = {"width": record.width, "height": record.height}
    target = image.parent.parent / "ann" / f"{image.name}.json"
    _json(target, {"description": "", "tags": [], "size": size, "objects": objects})


def kitti(record: ImageRecord, image: Path, folder: Path) -> None:
    """`label_2/x.txt` for `image_2/x.png`."""
    rows = [
        f"{label.label} 0.00 0 -10 {' '.join(map(str, box))} -1 -1 -1 -1000 -1000 -1000 -10\n"
        for label, box in _boxes(record)
    ]
    target = image.parent.parent / "label_2" / f"{image.stem}.txt"
    target.parent.mkdir(exist_ok=True)
    target.write_text("".join(rows), encoding="utf-8")


def cityscapes_polygons(record: ImageRecord, image: Path, folder: Path) -> None:
    """`gtFine/<split>/town/x_gtFine_polygons.json`."""
    objects = [{"label": label.label, "polygon": _ring(box)} for label, box in _boxes(record)]
    target = folder / "gtFine" / str(record.split) / "town" / f"{image.stem[:-12]}_gtFine_polygons.json"
    _json(target, {"imgHeight": record.height, "imgWidth": record.width, "objects": objects})


def createml(records: list[ImageRecord], folder: Path) -> None:
    """One json for each split."""
    for split in {str(record.split) for record in records}:
        listed = [
            {"image": record.path.name, "annotations": [
                {"label": label.label, "coordinates": {"x": (left + right) / 2, "y": (top + bottom) / 2,
                                                       "width": right - left, "height": bottom - top}}
                for label, (left, top, right, bottom) in _boxes(record)
            ]}
            for record in records if record.split == split
        ]  # fmt: skip
        _json(folder / split / "_annotations.createml.json", listed)


def via(records: list[ImageRecord], folder: Path) -> None:
    """One json for each split."""
    for split in {str(record.split) for record in records}:
        listed = {
            record.path.name: {"filename": record.path.name, "size": -1, "file_attributes": {}, "regions": [
                {"shape_attributes": {"name": "rect", "x": left, "y": top, "width": right - left,
                                      "height": bottom - top}, "region_attributes": {"class": label.label}}
                for label, (left, top, right, bottom) in _boxes(record)
            ]}
            for record in records if record.split == split
        }  # fmt: skip
        _json(folder / split / "via_region_data.json", listed)


def bdd100k(records: list[ImageRecord], folder: Path) -> None:
    """One json for each split."""
    for split in {str(record.split) for record in records}:
        listed = [
            {"name": record.path.name, "labels": [
                {"category": label.label, "box2d": dict(zip(("x1", "y1", "x2", "y2"), box, strict=True))}
                for label, box in _boxes(record)
            ]}
            for record in records if record.split == split
        ]  # fmt: skip
        _json(folder / f"bdd100k_labels_images_{split}.json", listed)


EACH: Mapping[str, tuple[str, str, Callable[[ImageRecord, Path, Path], None]]] = {
    "labelme": ("{split}", "", labelme), "supervisely": ("{split}/img", "", supervisely),
    "kitti": ("{split}/image_2", "", kitti),
    "cityscapes_polygons": ("leftImg8bit/{split}/town", "_leftImg8bit", cityscapes_polygons),
}  # fmt: skip
WHOLE: Mapping[str, Callable[[list[ImageRecord], Path], None]] = {"createml": createml, "via": via, "bdd100k": bdd100k}
NAMES = (*EACH, *WHOLE)


def write(name: str, records: Iterable[ImageRecord], folder: Path) -> None:
    """Write records, which have splits, sizes and boxes, in one of the formats `NAMES`."""
    records = list(records)
    place, behind, each = EACH.get(name, ("{split}", "", None))
    for record in records:
        image = folder / place.format(split=record.split) / f"{record.path.stem}{behind}{record.path.suffix}"
        image.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(record.path, image)
        if each is not None:
            each(record, image, folder)
    if name in WHOLE:
        WHOLE[name](records, folder)
