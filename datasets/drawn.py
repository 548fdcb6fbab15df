"""Whole samples as the Review page draws them: every label and every shown prediction, with what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.boxes import Boxes
from datasets.evaluation.outcomes import FN, FP, HIDDEN, TP
from datasets.review import Look

_NAMES = {TP: "tp", FP: "fp", FN: "fn"}


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box (x, y, width, height; relative) with its class and outcome: tp, fp, fn or ignored."""

    id: str
    side: Literal["label", "prediction"]
    label: str
    box: tuple[float, ...]
    outcome: str
    confidence: float | None


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
    table = part.table
    wanted = set(sample_ids)
    rows = [row for row, id_ in enumerate(table.sample_id) if id_ in wanted]
    labels, predictions = _by_image(part.labels, found.labels), _by_image(part.predictions, found.predictions)
    drawn = {}
    for row in rows:
        boxes = [_box(part.labels, at, "label", found.labels, table.classes) for at in labels.of(row)]
        seen = sorted(predictions.of(row), key=lambda at: -np.nan_to_num(part.predictions.confidence[at], nan=2.0))
        boxes += [_box(part.predictions, at, "prediction", found.predictions, table.classes) for at in seen]
        width, height = map(int, table.size[row])
        drawn[table.sample_id[row]] = DrawnSample(table.sample_id[row], table.path[row], width, height, tuple(boxes))
    return drawn


@dataclass(frozen=True)
class _Index:
    rows: NDArray[np.int64]
    images: NDArray[np.int64]

    def of(self, image: int) -> list[int]:
        low, high = np.searchsorted(self.images, (image, image + 1))
        return [int(at) for at in self.rows[low:high]]


def _by_image(boxes: Boxes, state: NDArray[np.int8]) -> _Index:
    rows = np.flatnonzero(state != HIDDEN)
    rows = rows[np.argsort(boxes.image[rows], kind="stable")]
    return _Index(rows, boxes.image[rows])


def _box(
    boxes: Boxes, row: int, side: Literal["label", "prediction"], state: NDArray[np.int8], classes: tuple[str, ...]
) -> DrawnBox:
    confidence = float(boxes.confidence[row])
    return DrawnBox(
        id=str(boxes.id[row]),
        side=side,
        label=classes[boxes.label[row]],
        box=tuple(boxes.box[row].tolist()),
        outcome=_NAMES.get(int(state[row]), "ignored"),
        confidence=None if side == "label" or np.isnan(confidence) else round(confidence, 4),
    )
