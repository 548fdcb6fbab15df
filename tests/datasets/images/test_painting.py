"""Masks as pictures: colours, outlines, objects and maps of mistakes, on masks small enough to draw by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from datasets.images import painting
from datasets.images.painting import CONFUSED, EDGE, FALSE_NEGATIVE, FALSE_POSITIVE, HIT, VOID

RED, GREEN = (255, 0, 0), (0, 255, 0)


def test_values_without_a_colour_are_transparent() -> None:
    mask = np.array([[0, 1], [255, 2]], np.uint8)
    picture = painting.classes(mask, {1: RED, 2: GREEN})
    np.testing.assert_array_equal(picture, [[[0, 0, 0, 0], [*RED, 255]], [[0, 0, 0, 0], [*GREEN, 255]]])


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, (6, 7), elements=st.integers(0, 3)))
def test_outlines_are_the_pixels_beside_another_value(mask: np.ndarray) -> None:
    padded = np.pad(mask, 1, mode="edge")
    shifted = [padded[1:-1, :-2], padded[1:-1, 2:], padded[:-2, 1:-1], padded[2:, 1:-1]]
    expected = np.any([side != mask for side in shifted], axis=0)
    np.testing.assert_array_equal(painting.outlines(mask), expected)
    assert (painting.outlines(mask, 2) >= expected).all()


def test_contours_leave_the_inside_free() -> None:
    mask = np.zeros((7, 7), np.uint8)
    mask[1:6, 1:6] = 1
    drawn = painting.classes(mask, {1: RED}, contour=True)[..., 3] > 0
    expected = mask.astype(bool)
    expected[2:5, 2:5] = False
    np.testing.assert_array_equal(drawn, expected)


@pytest.mark.parametrize(("side", "size"), [(None, (40, 20)), (100, (40, 20)), (20, (20, 10)), (1, (1, 1))])
def test_a_picture_is_at_most_as_large_as_asked(side: int | None, size: tuple[int, int]) -> None:
    mask = np.arange(800, dtype=np.uint8).reshape(20, 40)
    small = painting.shrunk(mask, side)
    assert (small.shape[1], small.shape[0]) == size
    assert set(np.unique(small)) <= set(np.unique(mask))


def test_objects_lie_in_their_boxes_small_ones_on_top() -> None:
    whole, crop = np.zeros((10, 20), np.uint8), np.full((4, 5), 255, np.uint8)
    whole[:, :12] = 1
    boxes = [(0.5, 0.4, 0.25, 0.4), (0, 0, 1, 1), (0.9, 0.8, 0.25, 0.4)]
    mask = painting.numbered([crop, whole, crop], boxes, (20, 10))
    expected = np.zeros((10, 20), np.int32)
    expected[:, :12] = 2
    expected[4:8, 10:15] = 1
    expected[8:, 18:] = 3  # what lies outside is cut off
    np.testing.assert_array_equal(mask, expected)
    halved = painting.numbered([crop, whole, crop], boxes, (10, 5))
    assert halved[2:4, 5:7].tolist() == [[1, 1], [1, 1]]


def test_objects_touching_each_other_are_told_apart() -> None:
    mask = np.ones((6, 10), np.int32)
    mask[:, 5:] = 2
    picture = painting.objects(mask, [RED, GREEN])
    np.testing.assert_array_equal(picture[3, 4:6], [[*RED, 255], [*GREEN, 255]])
    assert 0 < picture[3, 1, 3] < 255
    outline = painting.objects(mask, [RED, GREEN], contour=True)
    assert (outline[3, 1, 3], outline[3, 4, 3]) == (0, 255)
    assert not painting.objects(np.zeros((3, 3), np.int32), [])[..., 3].any()


def test_mistakes_over_one_class() -> None:
    truth, found = np.array([[1, 1, 2, 9, 9]], np.uint8), np.array([[1, 2, 1, 1, 9]], np.uint8)
    code = painting.mistakes_of(truth, found, [1, 2], 1)
    assert code.tolist() == [[HIT, FALSE_NEGATIVE, FALSE_POSITIVE, VOID, VOID]]


def test_mistakes_over_all_classes_are_told_by_kind() -> None:
    truth = np.zeros((40, 60), np.uint8)
    truth[:, 20:40], truth[:, 40:] = 1, 2
    found = truth.copy()
    found[30:, 5:10] = 1  # on background
    found[:5, 25:30] = 0  # background instead of class 1
    found[5:10, 25:30] = 2  # the wrong class, far from it
    found[:, 40] = 1  # one pixel off: 40 x 60 tolerates half a pixel
    truth[39, 59] = 7
    code = painting.mistakes(truth, found, [0, 1, 2], background=0)
    assert (code[35, 7], code[2, 27], code[7, 27]) == (FALSE_POSITIVE, FALSE_NEGATIVE, CONFUSED)
    assert (code[20, 40], code[39, 59], code[20, 50]) == (CONFUSED, VOID, HIT)
    large = [np.kron(mask, np.ones((4, 4), np.uint8)) for mask in (truth, found)]
    assert painting.mistakes(*large, [0, 1, 2])[80, 160] == EDGE  # 2.2 pixels are tolerated now


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_wrong_is_wrong_in_the_confusion_matrix(seed: int) -> None:
    r = np.random.default_rng(seed)
    truth, found = (r.integers(0, 5, (12, 15)).astype(np.uint8) for _ in range(2))
    code = painting.mistakes(truth, found, [0, 1, 2], background=0)
    counted = truth < 3
    np.testing.assert_array_equal(code == VOID, ~counted)
    np.testing.assert_array_equal(code == HIT, counted & (truth == found))
    of_one = painting.mistakes_of(truth, found, [0, 1, 2], 1)
    assert (of_one == HIT).sum() == ((truth == 1) & (found == 1)).sum()
    assert (of_one == FALSE_POSITIVE).sum() == (counted & (truth != 1) & (found == 1)).sum()


def test_a_map_of_mistakes_shows_hits_only_when_asked() -> None:
    code = np.array([[VOID, HIT, EDGE, FALSE_POSITIVE, FALSE_NEGATIVE, CONFUSED]], np.uint8)
    assert (painting.error_map(code)[0, :, 3] > 0).tolist() == [False, False, True, True, True, True]
    shown = painting.error_map(code, hits=True)
    assert 0 < shown[0, 1, 3] < shown[0, 3, 3]
    assert shown[0, 3, 0] > 200 > shown[0, 3, 2]  # red
    assert shown[0, 4, 2] > 200 > shown[0, 4, 0]  # blue
