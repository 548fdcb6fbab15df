"""What Review shows of semantic masks, against scikit-learn on the masks themselves."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, jaccard_score

from datasets.errors import EvaluationError
from datasets.evaluation import engines
from datasets.evaluation.segmentation.reading import Pixels
from datasets.review.segments import OTHER, SegmentReview
from datasets.storage import store
from datasets.workspace import Workspace
from tests.datasets.evaluation.segmentation.test_figures import masks
from tests.datasets.evaluation.segmentation.test_storing import NAME, SIZE, TARGETS, evaluate, fill

NAMES = list(TARGETS.values())


def of_image(i: int) -> tuple[NDArray[Any], NDArray[Any]]:
    truth, found = masks(i, SIZE)
    return truth.ravel(), found.ravel()


def number(path: str) -> int:
    return int(Path(path).stem)


@pytest.fixture
def review(database: Workspace, tmp_path: Path) -> SegmentReview:
    fill(tmp_path, targets=TARGETS)
    evaluate()
    return SegmentReview.open(NAME, "r1")


def test_images_are_sorted_by_their_mean_iou(review: SegmentReview) -> None:
    expected = {i: jaccard_score(*of_image(i), average="macro") for i in range(8)}
    found = review.at().images()
    assert [number(row.path) for row in found.rows] == sorted(expected, key=expected.__getitem__)
    assert found.total == 8
    for row in found.rows:
        truth, predicted = of_image(number(row.path))
        assert row.iou == pytest.approx(expected[number(row.path)], abs=1e-12)
        assert row.accuracy == pytest.approx((truth == predicted).mean(), abs=1e-12)
    best = review.at().images(best=True)
    assert [row.sample_id for row in best.rows] == [row.sample_id for row in found.rows[::-1]]


def test_images_are_sorted_by_the_iou_of_a_class(review: SegmentReview) -> None:
    expected = {i: jaccard_score(*of_image(i), average=None, labels=range(4))[2] for i in range(1, 8, 2)}
    found = review.at("val").images("dog", size=3)
    assert found.total == 4
    assert [number(row.path) for row in found.rows] == sorted(expected, key=expected.__getitem__)[:3]
    for row in found.rows:
        assert row.class_iou == pytest.approx(expected[number(row.path)], abs=1e-12)
    rest = review.at("val").images("dog", page=1, size=3)
    assert len(rest.rows) == 1
    with pytest.raises(KeyError, match="expected a class of background, cat"):
        review.at().images("bird")


def test_the_confusion_and_its_pairs_count_pixels(review: SegmentReview) -> None:
    truth, predicted = (np.concatenate(side) for side in zip(*(of_image(i) for i in range(8)), strict=True))
    expected = confusion_matrix(truth, predicted)
    look = review.at()
    np.testing.assert_array_equal(look.confusion[:, :4], expected)
    np.testing.assert_allclose(look.shares().sum(axis=1), 1)
    np.fill_diagonal(expected, 0)
    pairs = look.confused()
    assert len(pairs) == 12
    assert [pair.pixels for pair in pairs] == sorted((expected[expected > 0]).tolist(), reverse=True)
    first = pairs[0]
    t, p = NAMES.index(first.true), NAMES.index(first.predicted)
    assert first.pixels == expected[t, p]
    assert first.share == pytest.approx(expected[t, p] / (truth == t).sum())
    behind = look.behind(first.true, first.predicted)
    assert behind.total == first.images
    sums = [((of_image(number(row.path))[0] == t) & (of_image(number(row.path))[1] == p)).sum() for row in behind.rows]
    assert [row.pixels for row in behind.rows] == sums == sorted(sums, reverse=True)


def test_predictions_outside_the_classes_are_a_pair_of_their_own(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, targets={k: name for k, name in TARGETS.items() if k < 3})
    evaluate()
    look = SegmentReview.open(NAME, "r1").at()
    others = [pair for pair in look.confused(30) if pair.predicted == OTHER]
    assert others
    assert sum(pair.pixels for pair in others) == look.confusion[:, -1].sum()
    assert look.behind(others[0].true, OTHER).total == others[0].images


def test_the_classes_of_an_image_have_their_shares(review: SegmentReview) -> None:
    look = review.at()
    worst = look.images().rows[0]
    truth, predicted = of_image(number(worst.path))
    (found,) = look.of_images([worst.sample_id]).values()
    assert {one.name for one in found} == {NAMES[value] for value in np.union1d(truth, predicted)}
    for one in found:
        code = NAMES.index(one.name)
        assert one.iou == pytest.approx(jaccard_score(truth == code, predicted == code))
        assert (one.labelled, one.predicted) == pytest.approx(((truth == code).mean(), (predicted == code).mean()))
    assert np.mean([one.iou for one in found]) == pytest.approx(worst.iou)


def test_the_stored_report_is_the_report(review: SegmentReview) -> None:
    assert review.at("val").report() == engines.load(NAME, "r1").report("val")
    assert review.splits == ["val", "test"]
    assert review.values == TARGETS


def test_a_run_that_was_not_scored_is_said(database: Workspace) -> None:
    store.create(NAME)
    with pytest.raises(EvaluationError, match="evaluate this run first"):
        SegmentReview.open(NAME, "r9")


def test_what_is_loaded_is_what_was_saved(review: SegmentReview) -> None:
    pixels: Pixels = review._pixels
    assert pixels.pairs.shape[1] == 4
    assert pixels.contour.shape[1] == 6
    assert pixels.pairs[:, 3].sum() == 8 * SIZE[0] * SIZE[1]
