"""Counts against plain Python, figures against scikit-learn and torchmetrics."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from datasets.evaluation.segmentation.counting import contours, joint
from datasets.evaluation.segmentation.figures import contour_f1, foreground, mean, per_class, pixel_accuracy
from datasets.images.mask_limits import tolerance


def masks(seed: int, shape: tuple[int, int] = (13, 17), classes: int = 4) -> tuple[NDArray[Any], NDArray[Any]]:
    """Patches of classes, and the same with some of them moved and some pixels changed."""
    r = np.random.default_rng(seed)
    small = r.integers(0, classes, (shape[0] // 4 + 1, shape[1] // 4 + 1))
    truth = np.kron(small, np.ones((4, 4), np.uint8))[: shape[0], : shape[1]].astype(np.uint8)
    found = np.roll(truth, r.integers(-2, 3, 2), (0, 1))
    noise = r.random(shape) < 0.1
    return truth, np.where(noise, r.integers(0, classes, shape), found).astype(np.uint8)


def confusion(truth: NDArray[Any], found: NDArray[Any], classes: int) -> NDArray[Any]:
    counts = joint(truth, found)[:classes, :classes]
    return np.column_stack([counts, np.zeros(classes, np.int64)])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), classes=st.integers(1, 5))
def test_every_pair_of_values_is_counted(seed: int, classes: int) -> None:
    truth, found = masks(seed, classes=classes)
    expected = np.zeros((256, 256), np.int64)
    for a, b in zip(truth.ravel().tolist(), found.ravel().tolist(), strict=True):
        expected[a, b] += 1
    np.testing.assert_array_equal(joint(truth, found), expected)


def edges(mask: NDArray[Any], void: NDArray[Any]) -> set[tuple[int, int]]:
    height, width = mask.shape
    found = set()
    for y in range(height):
        for x in range(width):
            for v, u in ((y, x + 1), (y, x - 1), (y + 1, x), (y - 1, x)):
                inside = 0 <= v < height and 0 <= u < width
                if inside and not void[y, x] and not void[v, u] and mask[y, x] != mask[v, u]:
                    found.add((y, x))
    return found


def plain_contours(truth: NDArray[Any], found: NDArray[Any], void: NDArray[Any]) -> NDArray[Any]:
    away, counts = 0.0075 * float(np.hypot(*truth.shape)), np.zeros((256, 4), np.int64)
    for column, (one, other) in enumerate(((found, truth), (truth, found))):
        mine, theirs = edges(one, void), edges(other, void)
        for y, x in mine:
            near = any((y - v) ** 2 + (x - u) ** 2 <= away**2 and other[v, u] == one[y, x] for v, u in theirs)
            counts[one[y, x], 2 * column] += near
            counts[one[y, x], 2 * column + 1] += 1
    return counts


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.sampled_from([(13, 17), (200, 9), (3, 300)]), ignore=st.booleans())
def test_contours_are_found_within_the_tolerance(seed: int, size: tuple[int, int], ignore: bool) -> None:
    truth, found = masks(seed, size)
    ignored = np.zeros(256, np.bool_)
    ignored[3] = ignore
    np.testing.assert_array_equal(contours(truth, found, ignored), plain_contours(truth, found, ignored[truth]))


def test_the_tolerance_is_a_share_of_the_diagonal() -> None:
    assert tolerance(360, 480) == pytest.approx(4.5)


def test_contour_f1_by_hand() -> None:
    counts = np.array([[3, 4, 6, 6], [0, 5, 0, 5], [0, 0, 0, 0], [0, 0, 0, 7]])
    np.testing.assert_allclose(contour_f1(counts), [2 * 0.75 / 1.75, 0, np.nan, 0])


@pytest.mark.parametrize("seed", range(3))
def test_figures_equal_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    truth, found = masks(seed, (40, 50))
    a, b = truth.ravel(), found.ravel()
    ours, matrix = per_class(confusion(truth, found, 4)), confusion(truth, found, 4)
    np.testing.assert_allclose(ours.iou, metrics.jaccard_score(a, b, average=None), atol=1e-12)
    np.testing.assert_allclose(ours.dice, metrics.f1_score(a, b, average=None), atol=1e-12)
    np.testing.assert_allclose(ours.precision, metrics.precision_score(a, b, average=None), atol=1e-12)
    np.testing.assert_allclose(ours.recall, metrics.recall_score(a, b, average=None), atol=1e-12)
    assert pixel_accuracy(matrix) == pytest.approx(metrics.accuracy_score(a, b), abs=1e-12)


def test_mean_iou_equals_torchmetrics_with_void_and_absent_classes() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from torchmetrics.functional import jaccard_index

    truth, found = masks(5, (40, 50), classes=4)
    truth[:10] = 255
    counts = joint(truth, found)[:6, :6]  # class 4 and 5 occur on neither side
    ours = per_class(np.column_stack([counts, np.zeros(6, np.int64)]))
    reference = jaccard_index(
        torch.from_numpy(found.astype(np.int64)), torch.from_numpy(truth.astype(np.int64)), "multiclass",
        num_classes=6, ignore_index=255, average="macro",
    )  # fmt: skip
    assert mean(ours.iou) == pytest.approx(float(reference), abs=1e-6)
    assert np.isnan(ours.iou[4:]).all()


def test_what_is_predicted_as_no_class_is_a_mistake() -> None:
    ours = per_class(np.array([[6, 0, 4], [0, 10, 0]]))
    np.testing.assert_allclose(ours.iou, [0.6, 1.0])
    assert pixel_accuracy(np.array([[6, 0, 4], [0, 10, 0]])) == 0.8


def test_background_counts_only_where_it_is_mistaken() -> None:
    matrix = np.array([[50, 2], [3, 5]])
    assert foreground(matrix, background=True) == (5 / 10, 5 / 7, 5 / 8)
    assert foreground(matrix, background=False) == (55 / 60,) * 3
    assert foreground(np.array([[50, 2], [0, 0]]), background=True) is None
