"""The outcome of every label and prediction at one confidence and one IoU threshold, and the type of each mistake."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.matching import Matches, ranking

HIDDEN, TP, FP, FN, IGNORED = range(5)

# Bolya et al., TIDE (2020), section 3: wrong class, badly placed, both, a duplicate, nothing there, and
# for labels: missed. "" is no mistake.
ERRORS = ("", "cls", "loc", "both", "dupe", "bkg", "miss")
NONE, CLS, LOC, BOTH, DUPE, BKG, MISS = range(7)
BACKGROUND_IOU = 0.1  # TIDE's t_b: below it a prediction is on nothing


@dataclass(frozen=True)
class Outcomes:
    """For n labels and m predictions: an outcome, a partner (row on the other side, -1 for none) and an error code.

    The partner of a hit is its match; that of a false positive the label it overlaps most, if that explains the
    mistake; that of a missed label the prediction that explains it. `iou` (m) is the overlap with the partner.
    """

    labels: NDArray[np.int8]
    predictions: NDArray[np.int8]
    label_partner: Ints
    partner: Ints
    iou: Floats
    label_error: NDArray[np.int8]
    error: NDArray[np.int8]


def shown(predictions: Boxes, confidence: float) -> Flags:
    """Predictions at or above this confidence; one without confidence is always shown."""
    visible: Flags = np.isnan(predictions.confidence) | (predictions.confidence >= confidence)
    return visible


def outcomes(
    labels: Boxes, predictions: Boxes, matches: Matches, near: tuple[Ints, Floats], *, confidence: float, iou: float
) -> Outcomes:
    """Outcomes at `confidence`, from classwise matches whose first threshold is `iou`, and from `nearest`.

    Less confident predictions never change the match of a more confident one, so one matching serves every confidence.
    """
    visible, found, ignored = shown(predictions, confidence), matches.label[0], matches.ignored[0]
    hit = visible & (found >= 0) & ~ignored
    state = np.select([~visible, ignored, hit], [HIDDEN, IGNORED, TP], FP).astype(np.int8)
    partner, value, error = np.where(hit, found, -1), np.where(hit, matches.iou[0], np.nan), np.zeros(len(hit), np.int8)
    wrong = np.flatnonzero(state == FP)
    wrong = wrong[np.argsort(ranking(predictions)[wrong], kind="stable")]  # on one label the most confident is last
    error[wrong], partner[wrong], value[wrong] = _mistakes(near[0][:, wrong], near[1][:, wrong], iou)
    label_state = np.where(labels.crowd, IGNORED, FN).astype(np.int8)
    label_state[found[hit]] = TP
    label_partner = np.full(len(labels), -1, np.int64)
    label_partner[found[hit]] = np.flatnonzero(hit)
    label_error = np.where(label_state == FN, MISS, NONE).astype(np.int8)
    for code in (LOC, CLS):  # a label with a badly placed box or a wrong class on it is not simply missed
        rows = wrong[error[wrong] == code]
        rows = rows[label_state[partner[rows]] == FN]
        label_error[partner[rows]], label_partner[partner[rows]] = code, rows
    return Outcomes(label_state, state, label_partner, partner, value, label_error, error)


def _mistakes(near: Ints, overlap: Floats, iou: float) -> tuple[NDArray[np.int8], Ints, Floats]:
    """Error, partner and overlap of false positives.

    A box that sits on an object of another class is a wrong class even when it also brushes one of its own class; TIDE
    asks in the opposite order.
    """
    own, other = overlap
    cases = [own >= iou, other >= iou, own >= BACKGROUND_IOU, other >= BACKGROUND_IOU]
    error = np.select(cases, [DUPE, CLS, LOC, BOTH], BKG).astype(np.int8)
    of_own = np.isin(error, (DUPE, LOC))
    partner = np.where(error == BKG, -1, np.where(of_own, near[0], near[1]))
    return error, partner, np.where(error == BKG, np.nan, np.where(of_own, own, other))
