"""Whole samples as the Review page draws them: every label and every shown prediction, with its outcome."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.outcomes import FN, FP, HIDDEN, TP
from datasets.review.objects import Look

Side = Literal["label", "prediction"]
_NAMES = {TP: "tp", FP: "fp", FN: "fn"}


class DrawnBox(NamedTuple):
    """A box (x, y, width, height; relative) with its class and outcome: tp, fp, fn or ignored. A light tuple.

    `points` are key points in it: x, y and a third number for each (see `tables.LABEL`), None for no place.
    """

    id: str
    side: Side
    label: str
    box: tuple[float, float, float, float]
    outcome: str
    confidence: float | None
    points: tuple[float | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """One sample with its boxes; sizes are pixels as shown."""

    sample_id: str
    path: str
    width: int
    height: int
    boxes: tuple[DrawnBox, ...]


def samples(look: Look, sample_ids: Iterable[str]) -> dict[str, DrawnSample]:
    """These samples with their boxes at the thresholds of the look; labels first, then predictions, best first."""
    part, found = look._part, look._found  # same room: a Look is the outcomes of a part
    table, wanted = part.table, set(sample_ids)
    rows = np.array([row for row, id_ in enumerate(table.sample_id) if id_ in wanted], np.int64)
    by_row: dict[int, list[DrawnBox]] = defaultdict(list)
    for row, box in _boxes(part.labels, "label", found.labels, rows, table.classes):
        by_row[row].append(box)
    for row, box in _boxes(part.predictions, "prediction", found.predictions, rows, table.classes):
        by_row[row].append(box)
    sizes = table.size.tolist()
    return {
        table.sample_id[row]: DrawnSample(
            table.sample_id[row], table.path[row], sizes[row][0], sizes[row][1], tuple(by_row[row])
        )
        for row in rows.tolist()
    }


def _boxes(
    boxes: Boxes, side: Side, state: NDArray[np.int8], rows: NDArray[np.int64], classes: tuple[str, ...]
) -> Iterator[tuple[int, DrawnBox]]:
    kept = np.flatnonzero(np.isin(boxes.image, rows) & (state != HIDDEN))
    confidence = boxes.confidence[kept]
    order = np.argsort(-np.nan_to_num(confidence, nan=2.0), kind="stable") if side == "prediction" else slice(None)
    kept, confidence = kept[order], confidence[order]
    columns = (
        boxes.image[kept].tolist(),
        boxes.id[kept].tolist(),
        boxes.label[kept].tolist(),
        boxes.box[kept].round(5).tolist(),
        state[kept].tolist(),
        confidence.round(4).tolist(),
        [None] * len(kept) if boxes.points is None else map(_flat, boxes.points[kept]),
    )
    for row, id_, label, (x, y, width, height), outcome, sure, points in zip(*columns, strict=True):
        shown, named = None if side == "label" or isnan(sure) else sure, _NAMES.get(outcome, "ignored")
        yield row, DrawnBox(str(id_), side, classes[label], (x, y, width, height), named, shown, points)


def _flat(points: NDArray[Any]) -> tuple[float | None, ...]:
    return tuple(None if isnan(value) else round(value, 4) for value in points.reshape(-1).tolist())
