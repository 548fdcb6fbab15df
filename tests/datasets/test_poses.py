from math import nan

import pytest

from datasets import poses
from datasets.records import Label

NAN = (nan, nan)


def pose(*points: tuple[float, float], **more: object) -> Label:
    return Label("person", points=(points,), attributes=more)


def test_visibility_says_what_the_points_say() -> None:
    assert poses.visibility(pose((0.1, 0.2), NAN, (0.3, 0.4), visible=[1, 0, 2])) == [1, 0, 2]
    assert poses.visibility(pose((0.1, 0.2), NAN)) == [2, 0]
    # an editor that knows nothing of it placed the second point and took the third away
    assert poses.visibility(pose((0.1, 0.2), (0.3, 0.4), NAN, visible=[1, 0, 2])) == [1, 2, 0]
    assert poses.visibility(pose((0.1, 0.2), (0.3, 0.4), visible=[1])) == [1, 2]
    assert poses.visibility(Label("person")) == []


def test_the_third_number_of_a_prediction_is_its_confidence() -> None:
    assert poses.triples(pose((0.1, 0.2), (0.3, 0.4), confidences=[0.5, 0.25])) == [0.1, 0.2, 0.5, 0.3, 0.4, 0.25]
    assert poses.triples(pose((0.1, 0.2), (0.3, 0.4), visible=[1, 2])) == [0.1, 0.2, 1, 0.3, 0.4, 2]


def test_a_box_is_the_own_one_or_goes_around_the_points() -> None:
    points = ((0.1, 0.2), NAN, (0.4, 0.6))
    assert poses.box(pose(*points)) == pytest.approx((0.1, 0.2, 0.3, 0.4))
    assert poses.box(Label("a", (0.0, 0.0, 1.0, 1.0), points=(points,))) == (0.0, 0.0, 1.0, 1.0)
    assert poses.box(pose((0.1, 0.2))) == pytest.approx((0.095, 0.195, 0.01, 0.01))
    assert poses.box(pose((0.1, 0.2), (0.1, 0.4))) == pytest.approx((0.095, 0.2, 0.01, 0.2))
    assert poses.box(pose(NAN)) is None


def test_an_area_is_what_the_label_says_or_a_part_of_the_box() -> None:
    assert poses.area(pose((0.0, 0.0), (0.5, 0.5), area=0.1)) == 0.1
    assert poses.area(pose((0.0, 0.0), (0.5, 0.5), area="large")) == pytest.approx(0.25 * 0.53)
    assert poses.area(pose(NAN)) is None


def test_a_box_keeps_its_distance_to_points_that_were_moved() -> None:
    held, before = (0.1, 0.1, 0.4, 0.4), (((0.2, 0.2), (0.4, 0.4)),)
    assert poses.followed(held, before, (((0.3, 0.2), (0.5, 0.4)),)) == pytest.approx((0.2, 0.1, 0.4, 0.4))
    assert poses.followed(held, before, (((0.2, 0.2), (0.6, 0.4)),)) == pytest.approx((0.1, 0.1, 0.6, 0.4))
    assert poses.followed(held, before, ((NAN, NAN),)) == held
