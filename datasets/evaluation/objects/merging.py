"""Objects that a model merges or splits: merged and split instances, from the overlaps of masks.

After Caicedo et al., Evaluation of deep learning strategies for nucleus segmentation in fluorescence images (Cytometry
A, 2019): a prediction that overlaps two or more labels with IoU above 0.1 merges them, a label that two or more
predictions overlap like that is split. Two rules are added. An object that lies at least half inside counts however
small its IoU is, or large objects would swallow small ones unseen. And objects of one class count as far as they have
room side by side: two predictions on the same pixels are a duplicate (see `outcomes`), not two parts.
"""

from dataclasses import dataclass

import numpy as np

from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.overlaps import Overlaps, given

IOU = 0.1  # as in the paper's `get_splits_and_merges`
INSIDE = 0.5
_ROOM = 1.1  # parts may overlap each other by a tenth of the whole


@dataclass(frozen=True)
class Parts:
    """Wholes and their parts, p pairs: `whole` and `part` (p) are rows, sorted by whole, then largest part first.

    Of merged instances the whole is a prediction and its parts are labels, of split ones the other way round.
    """

    whole: Ints
    part: Ints

    @property
    def wholes(self) -> Ints:
        """Every whole once, the one with most parts first."""
        rows, counts = np.unique(self.whole, return_counts=True)
        found: Ints = rows[np.argsort(-counts, kind="stable")]
        return found

    def of(self, whole: int) -> Ints:
        """The parts of one whole, largest first."""
        rows: Ints = self.part[self.whole == whole]
        return rows


NO_PARTS = Parts(np.empty(0, np.int64), np.empty(0, np.int64))


def merged(labels: Boxes, predictions: Boxes, overlaps: Overlaps, visible: Flags) -> Parts:
    """Visible predictions (m) that cover two or more labels of their class."""
    pairs = _pairs(labels, predictions, overlaps, visible)
    return _several(pairs.prediction, pairs.label, pairs.shared / labels.area[pairs.label], pairs, predictions.area)


def split(labels: Boxes, predictions: Boxes, overlaps: Overlaps, visible: Flags) -> Parts:
    """Labels that two or more visible predictions (m) of their class cover."""
    pairs = _pairs(labels, predictions, overlaps, visible)
    inside = pairs.shared / predictions.area[pairs.prediction]
    return _several(pairs.label, pairs.prediction, inside, pairs, labels.area)


@dataclass(frozen=True)
class _Pairs:
    label: Ints
    prediction: Ints
    iou: Floats
    shared: Floats


def _pairs(labels: Boxes, predictions: Boxes, overlaps: Overlaps, visible: Flags) -> _Pairs:
    """Pairs of one class that share pixels, and how many: crowds stand for many objects and count as none."""
    found = given(overlaps, labels, predictions)
    prediction, label = np.repeat(np.arange(len(predictions)), np.diff(found.start)), found.label
    kept = visible[prediction] & ~labels.crowd[label] & (predictions.label[prediction] == labels.label[label])
    prediction, label, iou = prediction[kept], label[kept], found.iou[kept]
    shared = (predictions.area[prediction] + labels.area[label]) * iou / (1 + iou)
    return _Pairs(label, prediction, iou, shared)


def _several(whole: Ints, part: Ints, inside: Floats, pairs: _Pairs, area: Floats) -> Parts:
    """Wholes with two parts or more."""
    covered = np.flatnonzero((pairs.iou > IOU) | (inside >= INSIDE))
    covered = covered[_counted(whole[covered], len(area)) >= 2]
    order = covered[np.lexsort((-pairs.shared[covered], whole[covered]))]
    rows = order[_fitting(whole[order], pairs.shared[order], _ROOM * area)]
    rows = rows[_counted(whole[rows], len(area)) >= 2]
    return Parts(whole[rows], part[rows])


def _fitting(whole: Ints, shared: Floats, room: Floats) -> Flags:
    """Which parts, taken in this order, fit into their whole beside the earlier ones."""
    kept = np.ones(len(whole), np.bool_)
    total = np.bincount(whole, weights=shared, minlength=len(room))
    left = room.copy()
    for at in np.flatnonzero(total[whole] > room[whole]).tolist():
        kept[at] = shared[at] <= left[whole[at]]
        left[whole[at]] -= shared[at] * kept[at]
    return kept


def _counted(whole: Ints, count: int) -> Ints:
    """How many rows the whole of each row has."""
    found: Ints = np.bincount(whole, minlength=count)[whole]
    return found
