import numpy as np
import pytest

from pipelines.augment import Augment, Step
from pipelines.errors import ConfigError

IMAGE = np.arange(40 * 60 * 3, dtype=np.uint32).reshape(40, 60, 3).astype(np.uint8)
CORNERS = np.array([[0.1, 0.2, 0.3, 0.6]])
CLASSES = np.array([4])


def test_a_mirror_moves_image_and_boxes_alike() -> None:
    image, corners, classes = Augment([Step("flip_horizontal", 1.0)])(IMAGE, CORNERS, CLASSES, seed=1)
    assert np.array_equal(image, IMAGE[:, ::-1])
    assert corners == pytest.approx(np.array([[0.7, 0.2, 0.9, 0.6]]))
    assert classes.tolist() == [4]


def test_the_seed_decides_alone() -> None:
    steps = [Step("affine", 0.9, {"rotate": 20, "scale": 0.4, "translate": 0.2}), Step("colour", 0.9, {"hue": 0.3})]
    one, other = Augment(steps), Augment(steps)
    one(IMAGE, CORNERS, CLASSES, seed=9)
    first, second = one(IMAGE, CORNERS, CLASSES, seed=5), other(IMAGE, CORNERS, CLASSES, seed=5)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert not np.array_equal(first[0], one(IMAGE, CORNERS, CLASSES, seed=6)[0])


def test_an_image_without_boxes_stays_one() -> None:
    _, corners, classes = Augment([Step("flip_vertical", 1.0)])(IMAGE, np.zeros((0, 4)), np.zeros(0, dtype=int), seed=1)
    assert corners.shape == (0, 4)
    assert classes.shape == (0,)


def test_an_unknown_step_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"flip_horizontal.*found 'blur'"):
        Augment([Step("blur", 1.0)])
