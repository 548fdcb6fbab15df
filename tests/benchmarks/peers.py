"""The documented way of the others, and whether they find what we find."""

import copy as copying
from typing import Any

import numpy as np

from datasets.evaluation.engines import Evaluation
from datasets.evaluation.objects.boxes import boxes
from datasets.evaluation.objects.figures import Summary, summarize
from datasets.evaluation.objects.table import Table
from datasets.storage import collection, columns, vendor
from tests.benchmarks.scene import CLASSES, SIZE, Scene


def ingest(made: Scene, name: str) -> str:
    """`add_samples` with the same content that our import writes."""
    fo = vendor.fiftyone()
    dataset = fo.Dataset(name, overwrite=True)
    samples = []
    for row, (of_row, names) in enumerate(zip(made.box.tolist(), made.label.tolist(), strict=True)):
        meta = fo.ImageMetadata(
            size_bytes=100_000, mime_type="image/jpeg", width=SIZE[0], height=SIZE[1], num_channels=3
        )
        objects = [fo.Detection(label=CLASSES[k], bounding_box=box) for box, k in zip(of_row, names, strict=True)]
        sample = fo.Sample(made.path(row), metadata=meta, split="val", ground_truth=fo.Detections(detections=objects))
        samples.append(sample)
    dataset.add_samples(samples, progress=False)
    return name


def copy(name: str, to: str) -> str:
    """The same dataset again, with the same ids."""
    fo = vendor.fiftyone()
    if fo.dataset_exists(to):
        fo.delete_dataset(to)
    collection.load(name).clone(to)
    return to


def write_loop(made: Scene, name: str, field: str) -> str:
    """The loop of FiftyOne's documentation: iter_samples with autosave."""
    fo = vendor.fiftyone()
    dataset = fo.load_dataset(name)
    for row, sample in enumerate(dataset.iter_samples(autosave=True)):
        sample[field] = _detections(fo, made, row)
    return name


def write_values(made: Scene, name: str, field: str) -> str:
    """FiftyOne's bulk way: set_values of label objects."""
    fo = vendor.fiftyone()
    fo.load_dataset(name).set_values(field, [_detections(fo, made, row) for row in range(len(made))])
    return name


def read(name: str, *fields: str) -> dict[str, Any]:
    """`values` of every path, then arrays."""
    fo = vendor.fiftyone()
    parts = [f"{field}.detections.{part}" for field in fields for part in ("id", "label", "bounding_box", "confidence")]
    values = dict(zip(parts, fo.load_dataset(name).values(parts), strict=True))
    made: dict[str, Any] = {}
    for field in fields:
        of = {
            part: [one for row in values[f"{field}.detections.{part}"] for one in row]
            for part in ("id", "label", "bounding_box", "confidence")
        }
        made[field] = (
            np.array(of["id"]),
            np.array(of["label"]),
            np.array(of["bounding_box"], np.float64),
            np.array(of["confidence"], np.float64),
        )
    return made


def evaluate(name: str, truth: str, found: str) -> Any:
    fo = vendor.fiftyone()
    dataset = fo.load_dataset(name)
    return dataset.evaluate_detections(found, gt_field=truth, eval_key="theirs", compute_mAP=True, progress=False)


def same_samples(ours: str, theirs: str) -> bool:
    """Every document, without ids, times and random numbers."""
    return list(map(_stripped, collection.stream(ours))) == list(map(_stripped, collection.stream(theirs)))


def same_boxes(ours: str, theirs: str, field: str) -> bool:
    keep = {field: 1}
    return all(
        _stripped(a) == _stripped(b)
        for a, b in zip(collection.stream(ours, None, keep), collection.stream(theirs, None, keep), strict=True)
    )


def same_columns(ours: columns.Columns, theirs: dict[str, Any]) -> bool:
    names = np.array(ours.names)
    return all(
        np.array_equal(columns.texts_of(side.id).astype(str), ids)
        and np.array_equal(names[side.label], labels)
        and np.array_equal(side.box, box)
        and np.array_equal(side.confidence, confidence, equal_nan=True)
        for side, (ids, labels, box, confidence) in zip(ours.labels.values(), theirs.values(), strict=True)
    )


def same_evaluation(ours: Evaluation, name: str, theirs: Any, other: str, fields: tuple[str, str]) -> bool:
    """mAP to 1e-9, and every field that either wrote on labels, predictions and samples."""
    fo = vendor.fiftyone()
    for field in fields:
        for end in ("", "_id", "_iou"):
            a = fo.load_dataset(name).values(f"{field}.detections.eval_{ours.run}{end}")
            b = fo.load_dataset(other).values(f"{field}.detections.theirs{end}")
            if a != b:
                return False
    keys = ["tp", "fp", "fn"]
    a = fo.load_dataset(name).values([f"eval_{ours.run}_{key}" for key in keys])
    b = fo.load_dataset(other).values([f"theirs_{key}" for key in keys])
    return a == b and abs(ours.report().metrics["map"] - theirs.mAP()) < 1e-9


def in_pixels(rows: Table) -> Table:
    """The table with boxes in pixels, as COCO's libraries take them."""
    scale = np.array([*SIZE, *SIZE])
    sides = {
        name: boxes(side.image, side.label, side.box * scale, confidence=side.confidence, ids=side.id)
        for name, side in (("labels", rows.labels), ("predictions", rows.predictions))
    }
    return Table(**{**vars(rows), **sides})


def our_stats(rows: Table) -> list[float]:
    """The twelve figures of `COCOeval.stats`."""
    found: Summary = summarize(rows.labels, rows.predictions, len(rows.classes))
    areas = found.area.values()
    return [found.map, found.map50, found.map75, *(pair[0] for pair in areas), *found.recall_at.values(),
            *(pair[1] for pair in areas)]  # fmt: skip


def as_coco(rows: Table) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    truth = [
        {"id": k + 1, "image_id": i, "category_id": c, "bbox": b, "area": b[2] * b[3], "iscrowd": 0}
        for k, (i, c, b) in enumerate(_rows(rows.labels))
    ]
    images = [{"id": i, "width": SIZE[0], "height": SIZE[1]} for i in range(len(rows.sample_id))]
    categories = [{"id": k, "name": name} for k, name in enumerate(rows.classes)]
    scores = rows.predictions.confidence.tolist()
    found = [
        {"image_id": i, "category_id": c, "bbox": b, "score": s}
        for (i, c, b), s in zip(_rows(rows.predictions), scores, strict=True)
    ]
    return {"info": {}, "images": images, "annotations": truth, "categories": categories}, found


def pycocotools(truth: dict[str, Any], found: list[dict[str, Any]]) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    return _stats(COCO, COCOeval, truth, found)


def faster_coco_eval(truth: dict[str, Any], found: list[dict[str, Any]]) -> Any:
    from faster_coco_eval import COCO, COCOeval_faster

    return _stats(COCO, COCOeval_faster, truth, found)


def _stats(coco: Any, evaluator: Any, truth: dict[str, Any], found: list[dict[str, Any]]) -> Any:
    index = coco()
    index.dataset = copying.copy(truth)
    index.createIndex()
    run = evaluator(index, index.loadRes([dict(one) for one in found]), "bbox")
    run.evaluate()
    run.accumulate()
    run.summarize()
    return np.asarray(run.stats[:12])


def _rows(side: Any) -> Any:
    return zip(side.image.tolist(), side.label.tolist(), side.box.tolist(), strict=True)


def _detections(fo: Any, made: Scene, row: int) -> Any:
    rows = zip(made.found[row].tolist(), made.guess[row].tolist(), made.confidence[row].tolist(), strict=True)
    return fo.Detections(
        detections=[fo.Detection(label=CLASSES[k], bounding_box=box, confidence=sure) for box, k, sure in rows]
    )


_OWN = {"_id", "id", "_rand", "_dataset_id", "created_at", "last_modified_at"}


def _stripped(value: Any) -> Any:
    """Without what is made anew each time, and without None, which both take for absent."""
    if isinstance(value, dict):
        kept = {key: _stripped(one) for key, one in value.items() if key not in _OWN and one is not None}
        return {key: one for key, one in kept.items() if one != {}}
    return [_stripped(one) for one in value] if isinstance(value, list) else value
