"""How far people agree about one sample, and what most of them say, for each kind of field."""

import numpy as np
import pytest

from datasets import kinds
from datasets.errors import FieldError
from datasets.images import masks
from datasets.labeling import agreement_consensus, agreement_samples, agreement_shapes
from datasets.labeling.agreement import Drawn
from datasets.labeling.agreement_consensus import Voted
from datasets.labeling.agreement_samples import Compared, Given
from datasets.records import Label
from datasets.workspace import Workspace

SIZE = (100, 100)


def box(name: str, x: float, y: float, side: float = 0.2, **more: object) -> Label:
    return Label(name, (x, y, side, side), id="0" * 24, attributes=more)


def compare(kind: str, *each: Given, classes: tuple[str, ...] = ()) -> Compared:
    return agreement_samples.compare(kinds.kind(kind), each, SIZE, classes, 0.5)


def voted(kind: str, *each: Given, rule: agreement_consensus.Rule = "median") -> Voted:
    return agreement_consensus.voted(kinds.kind(kind), Drawn("s", SIZE, each), rule=rule)


def test_objects_agree_by_place_and_class() -> None:
    first = [box("cat", 0, 0), box("dog", 0.5, 0.5)]
    second = [box("dog", 0.5, 0.5), box("cat", 0.05, 0)]
    seen = compare("detections", first, second).pairs[0, 1]
    assert seen.ious == pytest.approx((0.6, 1)) and seen.objects == 4
    assert seen.measure == pytest.approx(2 * 1.6 / 4) and seen.met == {("cat", "cat"): 1, ("dog", "dog"): 1}


def test_another_class_and_a_missing_object_count_as_apart() -> None:
    found = compare("detections", [box("cat", 0, 0), box("cat", 0.7, 0.7)], [box("cow", 0, 0)])
    assert found.pairs[0, 1].measure == 0 and found.disagreement == 1
    assert found.pairs[0, 1].met == {("cat", "cow"): 1} and found.ratings == [("cat", "cow")]


def test_an_image_without_objects_agrees_with_another_and_nobody_with_none() -> None:
    assert compare("detections", [], []).disagreement == 0
    assert compare("detections", [box("cat", 0, 0)], None).disagreement is None
    assert compare("detections", [box("cat", 0, 0)], [], None).disagreement == 1


def test_objects_of_one_class_are_joined_first() -> None:
    """The cow overlaps the cat better, but there is a cat."""
    first, second = [box("cat", 0, 0)], [box("cow", 0.01, 0), box("cat", 0.03, 0)]
    each = [first, second]
    found = agreement_shapes.groups(each, agreement_shapes.overlaps(each, None), 0.5)
    assert sorted(found, key=str) == [(0, 1), (None, 0)]


def test_a_group_holds_one_object_of_each_person() -> None:
    each = [[box("a", 0, 0), box("a", 0.02, 0)], [box("a", 0.01, 0)], [box("a", 0, 0), box("a", 0.02, 0)]]
    found = agreement_shapes.groups(each, agreement_shapes.overlaps(each, None), 0.5)
    assert len(found) == 2 and sum(at is not None for one in found for at in one) == 5


def test_masks_and_polygons_are_compared_by_pixel(workspace: Workspace) -> None:
    half, whole = np.zeros((20, 20), np.uint8), np.full((20, 20), 255, np.uint8)
    half[:10] = 255
    place = (0.1, 0.1, 0.2, 0.2)
    first = [Label("cat", place, id="1", mask_path=masks.write(half))]
    assert compare("detections", first, [Label("cat", place, id="2", mask_path=masks.write(whole))]).disagreement == 0.5
    assert compare("detections", first, [Label("cat", place, id="2")]).disagreement == 0.5  # a plain box is filled
    corners = [(0.1, 0.1), (0.3, 0.1), (0.3, 0.3), (0.1, 0.3)]
    square, flat = (Label("cat", points=(tuple(one),)) for one in (corners, [*corners[:2], (0.3, 0.2), (0.1, 0.2)]))
    assert compare("polylines", [square], [flat]).disagreement == pytest.approx(0.5)
    assert compare("polylines", [square], [Label("cat", points=(((0.1, 0.1), (0.3, 0.3)),))]).disagreement == 1
    with pytest.raises(FieldError, match="size of the image"):
        agreement_shapes.overlaps([[square], [flat]], None)


def test_classes_agree_or_not() -> None:
    cat, dog = [Label("cat")], [Label("dog")]
    found = compare("classification", cat, cat, dog)
    assert found.disagreement == pytest.approx(2 / 3) and found.ratings == [("cat", "cat", "dog")]
    assert compare("classification", cat, (), dog).pairs.keys() == {(0, 2)}


def test_sets_of_classes_agree_by_jaccard_and_each_class_is_a_rating() -> None:
    found = compare("classifications", [Label("a"), Label("b")], [Label("b")], classes=("a", "b", "c"))
    assert found.disagreement == 0.5
    assert found.ratings == [("there", "absent"), ("there", "there"), ("absent", "absent")]
    assert found.pairs[0, 1].met == {("there", "absent"): 1, ("there", "there"): 1, ("absent", "absent"): 1}
    assert compare("classifications", [], [], classes=("a",)).disagreement == 0


def test_whole_masks_agree_by_the_mean_iou_of_their_classes(workspace: Workspace) -> None:
    values = np.zeros((2, 4), np.uint8)
    values[:, 2:] = 1
    other = values.copy()
    other[0, 2] = 300 % 256
    first, second = ([Label("", mask_path=masks.write(one))] for one in (values, other))
    seen = compare("segmentation", first, second).pairs[0, 1]
    assert seen.measure == pytest.approx((4 / 4 + 3 / 4 + 0) / 3)
    assert seen.met == {("0", "0"): 4, ("1", "1"): 3, ("1", "44"): 1}
    with pytest.raises(FieldError, match="masks of one size"):
        compare("segmentation", first, [Label("", mask_path=masks.write(values[:1]))])


def test_key_points_cannot_be_compared() -> None:
    with pytest.raises(FieldError, match="expected fields of classes, boxes, masks or polygons"):
        compare("keypoints", [], [])


def test_most_people_decide_about_objects() -> None:
    first = [box("cat", 0, 0, colour="red"), box("dog", 0.6, 0.6)]
    second = [box("cat", 0.02, 0, colour="red")]
    third = [box("cow", 0.03, 0, colour="blue")]
    found = voted("detections", first, second, third)
    (one,) = found.labels
    assert (one.label, one.attributes, found.undecided) == ("cat", {"colour": "red", "votes": 3}, 1)
    assert one.box == pytest.approx((0.02, 0, 0.2, 0.2))
    (mean,) = voted("detections", first, second, third, rule="mean").labels
    assert mean.box == pytest.approx((0.05 / 3, 0, 0.2, 0.2))
    assert voted("detections", first, second).undecided == 1  # one of two is no majority


def test_masks_are_voted_on_pixel_by_pixel(workspace: Workspace) -> None:
    each = []
    for wide in (10, 12, 20):
        mask = np.zeros((20, 20), np.uint8)
        mask[:, :wide] = 1
        each.append([Label("cat", (0.1, 0.1, 0.2, 0.2), id=str(wide), mask_path=masks.write(mask))])
    (one,) = voted("detections", *each).labels
    assert one.box == pytest.approx((0.1, 0.1, 0.12, 0.2)) and agreement_shapes.pixels(one).shape == (20, 12)
    assert agreement_shapes.pixels(one).all() and one.attributes == {"votes": 3}


def test_of_polygons_the_most_central_is_taken() -> None:
    squares = [[Label("cat", points=(((0, 0), (side, 0), (side, side), (0, side)),))] for side in (0.2, 0.22, 0.28)]
    (one,) = voted("polylines", *squares).labels
    assert one.points == squares[1][0].points


def test_ties_of_classes_are_left_to_a_person() -> None:
    cat, dog = [Label("cat")], [Label("dog")]
    assert voted("classification", cat, dog) == Voted((), 1)
    assert [one.label for one in voted("classification", cat, dog, cat).labels] == ["cat"]
    found = voted("classifications", [Label("a"), Label("b")], [Label("b")], [Label("c")])
    assert [one.label for one in found.labels] == ["b"] and found.undecided == 2


def test_pixels_of_whole_masks_go_to_most_and_then_to_the_first(workspace: Workspace) -> None:
    rows = [[1, 1, 1, 9], [1, 2, 2, 8], [1, 2, 3, 7]]
    each = [[Label("", mask_path=masks.write(np.array([row], np.uint8)))] for row in rows]
    (one,) = voted("segmentation", *each).labels
    assert agreement_shapes.pixels(one).tolist() == [[1, 2, 1, 9]]
