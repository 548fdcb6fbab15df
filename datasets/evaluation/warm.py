"""`python -m datasets.evaluation.warm`: compile the engine once, so that the first evaluation need not wait for it."""

import numpy as np

from datasets.evaluation.boxes import boxes
from datasets.evaluation.part import Part
from datasets.evaluation.report import report
from datasets.evaluation.table import Table


def warm() -> None:
    """Run every compiled function on one box: about ten seconds the first time, a fraction of a second later."""
    box = [[0.0, 0.0, 1.0, 1.0]]
    labels, predictions = boxes([0], [0], box), boxes([0], [0], box, confidence=[1.0])
    part = Part(Table([""], [""], [""], np.ones((1, 2), np.int64), ("a",), labels, predictions))
    report(part, {})
    part.pairs(0.5, 0.5)


if __name__ == "__main__":
    warm()
