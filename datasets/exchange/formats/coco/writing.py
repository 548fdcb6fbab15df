"""Writing COCO json: images, annotations and categories per split, predictions as results too."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Draft, Findings
from datasets.exchange.formats.coco.poses import described, pose, pose_results
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.shapes import coco_result, coco_segmentation
from datasets.records import Finding, ImageRecord, Label, Progress, no_progress

Made = Callable[[Label, tuple[int, int], str, Findings], dict[str, Any]]
RESULT_KEYS = ("image_id", "category_id", "bbox", "score")


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """`annotations/instances_<split>.json` per split, images in `images/<split>`; without split `instances.json`.

    Labels with a confidence are also written as COCO results, `annotations/results_<split>.json`. Masks are polygons of
    pixel corners, or runs where these cannot be exact, so that reading them gives the same pixels. Poses go to
    `person_keypoints_<split>.json`, with the skeleton in each category.
    """
    posed = draft.kind is not None and draft.kind.posed
    (folder / "annotations").mkdir()
    findings = Findings()
    names = files.file_names(draft.records)
    numbers = {name: number for number, name in enumerate(draft.classes, 1)}
    ids = itertools.count(1)
    for split in dict.fromkeys(record.split for record in draft.records) or {None: None}:
        parts = [
            (n, r, name) for n, (r, name) in enumerate(zip(draft.records, names, strict=True), 1) if r.split == split
        ]
        images = []
        for number, record, name in parts:
            images.append(_image(number, record, _placed(draft, record, name, folder)))
            progress(number, len(draft.records))
        made = pose if posed else _outlined
        annotations = [{"id": next(ids), **entry} for entry in _annotations(parts, numbers, made, findings)]
        more = described(draft.skeleton) if posed else {}
        categories = [{"id": number, "name": name, "supercategory": "", **more} for name, number in numbers.items()]
        document = {"images": images, "annotations": annotations, "categories": categories}
        ending = f"_{split}.json" if split else ".json"
        files.write_json(folder / "annotations" / f"{'person_keypoints' if posed else 'instances'}{ending}", document)
        results = pose_results(annotations) if posed else _results(annotations, images)
        if results:
            files.write_json(folder / "annotations" / f"results{ending}", results)
    return findings.all()


def _placed(draft: Draft, record: ImageRecord, name: str, folder: Path) -> str:
    if draft.media == "none":
        return str(record.path)
    files.place(record.path, folder / "images" / (record.split or "") / name, draft.media)
    return name


def _image(number: int, record: ImageRecord, name: str) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": record.width, "height": record.height}


def _results(annotations: Sequence[dict[str, Any]], images: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Predictions as COCO results: with masks when all have one, else with boxes; pycocotools takes one of the two."""
    scored = [entry for entry in annotations if "score" in entry]
    if not scored or not all("segmentation" in entry for entry in scored):
        return [{key: entry[key] for key in RESULT_KEYS} for entry in scored]
    sizes = {image["id"]: (image["width"], image["height"]) for image in images}
    return [
        {
            **{key: entry[key] for key in RESULT_KEYS if key != "bbox"},
            "segmentation": coco_result(entry["segmentation"], sizes[entry["image_id"]]),
        }
        for entry in scored
    ]


def _annotations(
    parts: Iterable[tuple[int, ImageRecord, str]], numbers: dict[str, int], made: Made, findings: Findings
) -> Iterator[dict[str, Any]]:
    for number, record, _ in parts:
        size = record.width or 1, record.height or 1
        for label in record.objects:
            own = made(label, size, f"{record.path}: {label.label}", findings)
            place: dict[str, Any] = {name: own[name] for name in ("bbox", "area") if name in own}
            known: dict[str, Any] = {"image_id": number, "category_id": numbers[label.label]}
            entry: dict[str, Any] = {**known, **place, "iscrowd": int(label.crowd), **own}
            yield entry if label.confidence is None else {**entry, "score": label.confidence}


def _outlined(label: Label, size: tuple[int, int], where: str, findings: Findings) -> dict[str, Any]:
    x, y, width, height = label.box or (0.0, 0.0, 1.0, 1.0)
    bbox = [x * size[0], y * size[1], width * size[0], height * size[1]]
    entry = {"bbox": bbox, "area": bbox[2] * bbox[3], **coco_segmentation(label, size, where, findings)}
    return {**entry, "attributes": dict(label.attributes)} if label.attributes else entry
