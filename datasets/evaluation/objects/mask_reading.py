"""The masks of objects: read image by image, compared, and released."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from datasets.errors import EvaluationError
from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.overlaps import Overlaps
from datasets.evaluation.objects.runs import area, box_runs, ious, runs
from datasets.evaluation.objects.table import Table
from datasets.images import masks
from datasets.records import Progress, no_progress
from datasets.speed.workers import in_order
from datasets.storage import collection, documents, fields

_SLACK = 0.1  # a mask may differ from the shape of its box by this share, or by two pixels


def with_masks(dataset: str, names: tuple[str, str], table: Table, progress: Progress = no_progress) -> Table:
    """The table with areas of masks and with the IoU between masks; an object without a mask is its box.

    `names` are label field and prediction field. Raises EvaluationError for masks that are absent, broken, or of
    another size than their image or box, and for labels that changed since the table was read.
    """
    paths, found = _paths(dataset, names), list[_Measured]()
    documents = collection.by_ids(dataset, table.sample_id, _keep(paths))
    sides = [_Rows(rows, len(table.sample_id)) for rows in (table.labels, table.predictions)]
    tasks = (_task(table, sides, row, document, paths) for row, document in enumerate(documents))
    for done, one in enumerate(in_order(_measure, tasks), 1):
        found.append(one)
        progress(done, len(table.sample_id))
    if len(found) < len(table.sample_id):
        raise EvaluationError("expected every sample again, found some gone since they were read; evaluate once more")
    labels, predictions = (
        replace(rows, area=np.concatenate([np.empty(0), *(one.area[side] for one in found)]))
        for side, rows in enumerate((table.labels, table.predictions))
    )
    return replace(table, labels=labels, predictions=predictions, overlaps=_joined(found))


@dataclass(frozen=True)
class _Task:
    """One image: what its labels and predictions are, and where their masks lie."""

    size: tuple[int, int]
    path: str
    items: tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]
    box: tuple[Floats, Floats]
    crowd: Any


@dataclass(frozen=True)
class _Measured:
    area: tuple[Floats, Floats]
    pairs: tuple[Ints, Ints, Floats]


class _Rows:
    def __init__(self, rows: Boxes, samples: int) -> None:
        self.rows, self._offset = rows, np.searchsorted(rows.image, np.arange(samples + 1)).tolist()

    def of(self, sample: int) -> slice:
        return slice(self._offset[sample], self._offset[sample + 1])


def _paths(dataset: str, names: tuple[str, str]) -> tuple[str, str]:
    document = documents.of(dataset)
    return fields.box_path(document, names[0]), fields.box_path(document, names[1])


def _keep(paths: Sequence[str]) -> dict[str, int]:
    return {f"{path}.{part}": 1 for path in paths for part in ("_id", "mask_path", "mask")}


def _items(document: Mapping[str, Any], path: str) -> Sequence[Mapping[str, Any]]:
    name, _, inner = path.partition(".")
    return (document.get(name) or {}).get(inner) or ()


def _task(table: Table, sides: Sequence[_Rows], row: int, document: Mapping[str, Any], paths: tuple[str, str]) -> _Task:
    width, height = table.size[row].tolist()
    if width <= 0 or height <= 0:
        raise EvaluationError(
            f"expected the size of {table.path[row]} to be known, found none; import the image again, or let FiftyOne "
            "compute its metadata"
        )
    places = [side.of(row) for side in sides]
    items = _items(document, paths[0]), _items(document, paths[1])
    for side, place, some in zip(sides, places, items, strict=True):
        if side.rows.id[place].tolist() != [str(item["_id"]) for item in some]:
            raise EvaluationError(f"labels of {table.path[row]} changed while they were read; evaluate once more")
    boxes = sides[0].rows.box[places[0]], sides[1].rows.box[places[1]]
    return _Task((width, height), table.path[row], items, boxes, sides[0].rows.crowd[places[0]])


def _measure(task: _Task) -> _Measured:
    labels, predictions = (list(_runs(task, side)) for side in (0, 1))
    areas = [np.array([area(one) for one in side], np.float64) for side in (labels, predictions)]
    return _Measured((areas[0], areas[1]), ious(predictions, labels, task.crowd))


def _runs(task: _Task, side: int) -> Iterator[Ints]:
    for item, box in zip(task.items[side], task.box[side], strict=True):
        if not masks.has_mask(item):
            yield box_runs(box, task.size)
            continue
        mask = masks.binary(masks.read(item))
        if mask.shape == task.size[::-1]:
            yield runs(mask, (0, 0), task.size)
            continue
        # Rounded as fiftyone.utils.iou._float_to_pixel does, so that both place the mask on the same pixels.
        x, y = round(box[0] * task.size[0]), round(box[1] * task.size[1])
        yield runs(_fitted(mask, box, task, item), (x, y), task.size)


def _fitted(mask: masks.Mask, box: Floats, task: _Task, item: Mapping[str, Any]) -> masks.Mask:
    """The mask in pixels of the image: unchanged when it has the size of its box, else resized to it."""
    wanted = box[2] * task.size[0], box[3] * task.size[1]
    height, width = mask.shape
    if abs(width - wanted[0]) < 2 and abs(height - wanted[1]) < 2:
        return mask
    scale = width / max(wanted[0], 1e-9), height / max(wanted[1], 1e-9)
    slack = max(2 * scale[0] / width, 2 * scale[1] / height, _SLACK)
    if abs(scale[0] / scale[1] - 1) > slack:
        raise EvaluationError(
            f"{task.path}: expected a mask of the image's {task.size[0]} x {task.size[1]} pixels, or of the shape of "
            f"its box ({wanted[0]:.0f} x {wanted[1]:.0f}), found {width} x {height} in label {item['_id']}"
            f"{' (' + str(item['mask_path']) + ')' if item.get('mask_path') else ''}; make it again from this image"
        )
    return np.asarray(
        cv2.resize(mask, (max(round(wanted[0]), 1), max(round(wanted[1]), 1)), interpolation=cv2.INTER_NEAREST)
    )


def _joined(found: Sequence[_Measured]) -> Overlaps:
    counts = [len(one.pairs[0]) for one in found]
    columns = [np.concatenate([one.pairs[i] for one in found]) for i in range(3)]
    return Overlaps(np.repeat(np.arange(len(found)), counts), columns[0], columns[1], columns[2])
