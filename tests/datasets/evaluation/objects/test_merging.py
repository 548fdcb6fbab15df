"""Merged and split instances, against the paper's own rule on masks and by hand where ours differs."""

import numpy as np
import pytest
from numpy.typing import NDArray

from datasets.evaluation.objects.boxes import Boxes, boxes
from datasets.evaluation.objects.merging import merged, split
from datasets.evaluation.objects.overlaps import Overlaps
from datasets.evaluation.objects.runs import ious, runs

SIZE = (48, 40)
Mask = NDArray[np.uint8]


def box(x: int, y: int, w: int, h: int) -> Mask:
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[y : y + h, x : x + w] = 1
    return mask


def measured(truth: list[Mask], found: list[Mask], crowd: list[bool] | None = None) -> tuple[Boxes, Boxes, Overlaps]:
    sides = [[runs(mask, (0, 0), SIZE) for mask in side] for side in (truth, found)]
    flags = np.array(crowd or [False] * len(truth), np.bool_)
    prediction, label, iou = ious(sides[1], sides[0], flags)
    rows = [
        boxes([0] * len(side), [0] * len(side), np.ones((len(side), 4)), area=[int(m.sum()) for m in side],
              crowd=flags if side is truth else None)
        for side in (truth, found)
    ]  # fmt: skip
    return rows[0], rows[1], Overlaps(np.zeros(len(iou), np.int64), prediction, label, iou)


def found(truth: list[Mask], predicted: list[Mask], **more: list[bool]) -> tuple[dict[int, list[int]], ...]:
    labels, predictions, overlaps = measured(truth, predicted, **more)
    visible = np.ones(len(predicted), np.bool_)
    both = merged(labels, predictions, overlaps, visible), split(labels, predictions, overlaps, visible)
    return tuple({int(one): side.of(one).tolist() for one in side.wholes} for side in both)


def test_one_prediction_over_two_labels_merges_them() -> None:
    truth, predicted = [box(2, 2, 8, 8), box(11, 2, 8, 8), box(30, 30, 5, 5)], [box(2, 2, 17, 8), box(30, 30, 5, 5)]
    assert found(truth, predicted) == ({0: [0, 1]}, {})
    assert found(predicted, truth) == ({}, {0: [0, 1]})


def test_a_small_object_swallowed_by_a_large_one_counts() -> None:
    assert found([box(2, 2, 20, 20), box(23, 10, 3, 3)], [box(2, 2, 24, 20)]) == ({0: [0, 1]}, {})


def test_a_second_hit_on_the_same_pixels_is_no_part() -> None:
    assert found([box(2, 2, 20, 20)], [box(2, 2, 20, 19), box(3, 2, 19, 20)]) == ({}, {})
    assert found([box(2, 2, 20, 20)], [box(2, 2, 20, 9), box(2, 12, 20, 10), box(2, 2, 20, 8)]) == ({}, {0: [1, 0]})


def test_neighbours_that_touch_a_little_do_not_count() -> None:
    assert found([box(2, 2, 10, 10), box(12, 2, 10, 10)], [box(2, 2, 11, 10), box(13, 2, 9, 10)]) == ({}, {})


def test_crowds_hidden_predictions_and_other_classes_do_not_count() -> None:
    truth, predicted = [box(2, 2, 8, 8), box(11, 2, 8, 8)], [box(2, 2, 17, 8)]
    assert found(truth, predicted, crowd=[False, True]) == ({}, {})
    labels, predictions, overlaps = measured(truth, predicted)
    assert not len(merged(labels, predictions, overlaps, np.zeros(1, np.bool_)).wholes)
    other = boxes([0, 0], [0, 1], np.ones((2, 4)), area=labels.area)
    assert not len(merged(other, predictions, overlaps, np.ones(1, np.bool_)).wholes)


@pytest.mark.parametrize("seed", range(12))
def test_what_the_rule_of_the_paper_finds_is_found_and_small_parts_besides(seed: int) -> None:
    """As in `get_splits_and_merges`: IoU above 0.1, on objects that do not overlap one another."""
    r = np.random.default_rng(seed)
    ids = [np.zeros(SIZE[::-1], np.int64) for _ in range(2)]
    for side in ids:
        for number in range(1, 9):
            x, y, w, h = (int(v) for v in (*r.integers(0, 30, 2), *r.integers(6, 16, 2)))
            side[y : y + h, x : x + w] = number
    truth, predicted = ([(side == n).astype(np.uint8) for n in np.unique(side) if n] for side in ids)
    iou = np.array([[(a & b).sum() / (a | b).sum() for b in predicted] for a in truth])
    inside = np.array([[(a & b).sum() / min(a.sum(), b.sum()) for b in predicted] for a in truth])
    matches = iou > 0.1
    expected = set(np.flatnonzero(matches.sum(axis=0) > 1)), set(np.flatnonzero(matches.sum(axis=1) > 1))
    ours = found(truth, predicted)
    assert expected[0] <= set(ours[0])
    assert expected[1] <= set(ours[1])
    strict = (iou > 0.1) | (inside >= 0.5)
    assert set(ours[0]) <= set(np.flatnonzero(strict.sum(axis=0) > 1))
    assert set(ours[1]) <= set(np.flatnonzero(strict.sum(axis=1) > 1))
