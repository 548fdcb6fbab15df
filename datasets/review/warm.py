"""`python -m datasets.review.warm`: compile the engine once, so that the first evaluation need not wait for it."""

import numpy as np

from datasets.evaluation.cards import Origin
from datasets.evaluation.objects.boxes import boxes
from datasets.evaluation.objects.part import Part
from datasets.evaluation.objects.report import report
from datasets.evaluation.objects.runs import ious, runs
from datasets.evaluation.objects.table import Table
from datasets.evaluation.segmentation.counting import contours, joint
from datasets.storage import columns


def warm() -> None:
    """Run every compiled function once: twenty seconds the first time, a fraction of a second later."""
    columns.warm()
    box = [[0.0, 0.0, 1.0, 1.0]]
    labels, predictions = boxes([0], [0], box), boxes([0], [0], box, confidence=[1.0])
    part = Part(Table([""], [""], [""], np.ones((1, 2), np.int64), ("a",), labels, predictions))
    report(part, Origin())
    part.pairs(0.5, 0.5)
    mask = np.eye(2, dtype=np.uint8)
    found = [runs(mask, (0, 0), (2, 2))]
    ious(found, found, np.zeros(1, np.bool_))
    joint(mask, mask)
    contours(mask, mask, np.zeros(256, np.bool_))


if __name__ == "__main__":
    warm()
