"""The confusion matrix of detection, with background."""

from dataclasses import dataclass

import numpy as np

from datasets.evaluation.arrays import Flags, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.matching import Matches


@dataclass(frozen=True)
class Pairs:
    """Every label with the prediction on it, every label without, every prediction without: p pairs.

    `true` and `predicted` (p) class indexes, `classes` for background; `label` and `prediction` (p) rows, -1 for none.
    """

    true: Ints
    predicted: Ints
    label: Ints
    prediction: Ints


def pairs(labels: Boxes, predictions: Boxes, matches: Matches, visible: Flags, classes: int) -> Pairs:
    """Pairs by class-agnostic matches (their first threshold) of visible predictions; crowds are ignored."""
    found = matches.label[0]
    hits = np.flatnonzero(visible & (found >= 0) & ~matches.ignored[0])
    alone = np.flatnonzero(visible & (found < 0))
    missed = ~labels.crowd
    missed[found[hits]] = False
    rest = np.flatnonzero(missed)
    nobody, nothing = np.full(len(alone), -1, np.int64), np.full(len(rest), -1, np.int64)
    return Pairs(
        true=np.concatenate([labels.label[found[hits]], np.full(len(alone), classes), labels.label[rest]]),
        predicted=np.concatenate([predictions.label[hits], predictions.label[alone], np.full(len(rest), classes)]),
        label=np.concatenate([found[hits], nobody, rest]),
        prediction=np.concatenate([hits, alone, nothing]),
    )


def confusion(found: Pairs, classes: int) -> Ints:
    """Counts (classes + 1, classes + 1): rows true, columns predicted; the last row and column are background."""
    side = classes + 1
    return np.bincount(found.true * side + found.predicted, minlength=side * side).reshape(side, side).astype(np.int64)
