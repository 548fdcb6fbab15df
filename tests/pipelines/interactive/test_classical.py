"""GrabCut and scissors on drawn images: what they find, how exactly, and how little the size of the image counts."""

import time

import cv2
import numpy as np
import pytest

from pipelines.interactive import grabcut, scissors, tidy, windows
from pipelines.interactive.prompts import Point, Prompt, Segmented, cropped

WIDE, HIGH = 200, 120
CENTRE, AXES = (90, 60), (40, 25)


def drawn(scale: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A red ellipse on noisy green ground, and its mask."""
    random = np.random.default_rng(51)
    image = np.full((HIGH * scale, WIDE * scale, 3), (60, 120, 60), np.uint8)
    mask = np.zeros(image.shape[:2], np.uint8)
    for target, value in ((image, (40, 40, 200)), (mask, 1)):
        cv2.ellipse(
            target, tuple(scale * one for one in CENTRE), tuple(scale * one for one in AXES), 0, 0, 360, value, -1
        )
    noise = random.integers(-12, 13, image.shape, np.int16)
    return np.clip(image + noise, 0, 255).astype(np.uint8), mask


def iou(found: Segmented, mask: np.ndarray) -> float:
    high, wide = mask.shape
    assert found.mask is not None and found.box is not None
    left, top = round(found.box[0] * wide), round(found.box[1] * high)
    assert found.mask.shape == (round(found.box[3] * high), round(found.box[2] * wide))
    whole = np.zeros_like(mask)
    whole[top : top + found.mask.shape[0], left : left + found.mask.shape[1]] = found.mask
    return float((whole & mask).sum() / (whole | mask).sum())


BOX = Prompt(box=(45 / WIDE, 30 / HIGH, 90 / WIDE, 60 / HIGH))
CLICK = Prompt((Point(90 / WIDE, 60 / HIGH),))


@pytest.mark.parametrize("prompt", [BOX, CLICK], ids=["box", "click"])
def test_grabcut_finds_what_differs_in_colour(prompt: Prompt) -> None:
    image, mask = drawn()
    assert iou(grabcut.segment(image, prompt), mask) > 0.95


@pytest.mark.parametrize("prompt", [BOX, CLICK], ids=["box", "click"])
def test_a_large_image_takes_hardly_longer(prompt: Prompt) -> None:
    image, mask = drawn(20)  # 4000 x 2400
    began = time.process_time()
    found = grabcut.segment(image, prompt)
    assert iou(found, mask) > 0.95
    assert time.process_time() - began < 1.5


def test_a_click_outside_removes_what_it_hits() -> None:
    image, mask = drawn()
    cv2.rectangle(image, (140, 40), (190, 80), (40, 40, 200), -1)  # touches nothing, but has the same colour
    cv2.rectangle(image, (120, 55), (150, 65), (40, 40, 200), -1)  # joins both
    both = Prompt((Point(90 / WIDE, 60 / HIGH),))
    less = Prompt((*both.points, Point(170 / WIDE, 60 / HIGH, False), Point(145 / WIDE, 60 / HIGH, False)))
    assert iou(grabcut.segment(image, less), mask) > 0.99 > iou(grabcut.segment(image, both), mask)


def test_answers_repeat() -> None:
    image, _ = drawn()
    one, other = grabcut.segment(image, BOX), grabcut.segment(image, BOX)
    assert one.box == other.box and one.mask is not None and (one.mask == other.mask).all()


@pytest.mark.parametrize("box", [(0.5, 0.5, 0.0, 0.0), (-1, -1, 0.5, 0.5), (0.999, 0.999, 0.5, 0.5), (-1, -1, 3, 3)])
def test_strange_boxes_are_answered(box: tuple[float, float, float, float]) -> None:
    image, _ = drawn()
    assert isinstance(grabcut.segment(image, Prompt(box=box)), Segmented)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 1), (1, 50)])
def test_tiny_images_are_answered(size: tuple[int, int]) -> None:
    image = np.zeros((*size, 3), np.uint8)
    assert isinstance(grabcut.segment(image, CLICK), Segmented)
    assert isinstance(grabcut.segment(image, Prompt(box=(0, 0, 1, 1))), Segmented)
    path = scissors.segment(image, Prompt((Point(0.1, 0.1), Point(0.9, 0.9)))).path
    assert path is not None and path[0] == pytest.approx((0.1, 0.1)) and path[-1] == pytest.approx((0.9, 0.9))


@pytest.mark.parametrize("scale", [1, 20])
def test_scissors_follow_the_edge(scale: int) -> None:
    image, _ = drawn(scale)
    around = [(50, 60), (90, 35), (130, 60), (90, 85), (50, 60)]
    began = time.process_time()
    found = scissors.segment(image, Prompt(tuple(Point(x / WIDE, y / HIGH) for x, y in around))).path
    assert time.process_time() - began < 3
    assert found is not None
    assert (found[0], found[-1]) == (pytest.approx((50 / WIDE, 0.5)), pytest.approx((50 / WIDE, 0.5)))
    off = [abs(np.hypot((x * WIDE - 90) / 40, (y * HIGH - 60) / 25) - 1) for x, y in found]
    assert max(off) < 0.1 and 10 < len(found) < 200


def test_a_path_needs_two_points() -> None:
    with pytest.raises(ValueError, match="two points or more"):
        scissors.segment(drawn()[0], CLICK)


def test_a_question_asks_something() -> None:
    with pytest.raises(ValueError, match="a click or a box"):
        Prompt()


def test_a_mask_is_cut_to_its_box() -> None:
    mask = np.zeros((10, 12), np.uint8)
    mask[3:5, 4:9] = 255
    found = cropped(mask, (20, 30), (100, 50))
    assert found.box == pytest.approx((0.24, 0.66, 0.05, 0.04))
    assert found.mask is not None and found.mask.shape == (2, 5) and found.mask.min() == 1
    assert cropped(mask * 0, (0, 0), (100, 50)) == Segmented()


def test_a_window_leads_in_and_out() -> None:
    image = np.zeros((400, 1000, 3), np.uint8)
    window = windows.around(image, (100, 50, 700, 350), 100, 200)
    assert (window.left, window.top, window.right, window.bottom) == (0, 0, 801, 400)
    assert max(window.shape) == 200
    points = np.array([[100.0, 50.0], [700.0, 350.0]])
    assert window.outward(window.inward(points)) == pytest.approx(points, abs=1 / window.scale)


def test_small_islands_and_holes_go_large_ones_stay() -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[10:60, 10:60] = 1
    mask[20:22, 20:22] = 0  # a small hole
    mask[30:50, 30:50] = 0  # a large one
    mask[80:82, 80:82] = 1  # a speck
    mask[70:90, 10:30] = 1  # another part
    found = tidy.clean(mask)
    assert (found[21, 21], found[40, 40], found[81, 81], found[80, 20]) == (1, 0, 0, 1)
    assert (tidy.clean(np.zeros((4, 4), np.uint8)) == 0).all() and (tidy.clean(np.ones((4, 4), np.uint8)) == 1).all()
