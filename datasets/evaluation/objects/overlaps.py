"""IoU that was measured beforehand, for objects that are more than boxes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from datasets.errors import EvaluationError
from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.objects.boxes import Boxes


@dataclass(frozen=True)
class Overlaps:
    """p pairs that overlap; all other pairs do not.

    `image` (p) row of the sample; `prediction` and `label` (p) their places among those of the sample; `iou` (p), with
    a crowd over the area of the prediction alone.
    """

    image: Ints
    prediction: Ints
    label: Ints
    iou: Floats

    def __len__(self) -> int:
        return len(self.image)


class ByPrediction(NamedTuple):
    """Overlaps by prediction: those of prediction p are `start[p]` to `start[p + 1]`. `use` False: plain boxes."""

    use: bool
    start: Ints
    label: Ints
    iou: Floats


def given(overlaps: Overlaps | None, labels: Boxes, predictions: Boxes) -> ByPrediction:
    """Overlaps with rows of these labels and predictions; pairs of images that are not among them are left out."""
    if overlaps is None:
        return ByPrediction(False, np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0))
    prediction, of_prediction = _rows(predictions, overlaps.image, overlaps.prediction)
    label, of_label = _rows(labels, overlaps.image, overlaps.label)
    if np.any(of_prediction != of_label):
        raise EvaluationError("expected overlaps of these labels and predictions, found more of them than objects")
    kept = np.flatnonzero(of_prediction)
    order = kept[np.lexsort((label[kept], prediction[kept]))]
    start = np.searchsorted(prediction[order], np.arange(len(predictions) + 1)).astype(np.int64)
    return ByPrediction(True, start, label[order], overlaps.iou[order])


def _rows(rows: Boxes, image: Ints, place: Ints) -> tuple[Ints, Ints]:
    first, last = np.searchsorted(rows.image, image), np.searchsorted(rows.image, image, side="right")
    return first + place, (first + place < last).astype(np.int64)
