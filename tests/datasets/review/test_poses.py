"""The Review page on key points: what is compared, in which words, and what is drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets.evaluation.keypoints.similarity import Measured, similarities
from datasets.evaluation.objects import table
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.table import Table
from datasets.kinds import DETECTIONS, KEYPOINTS
from datasets.review import drawn, points
from datasets.review.objects import Review
from datasets.skeleton import Skeleton

SKELETON = Skeleton(("head", "tail"), ((0, 1),), (0.2, 0.2))


def poses(image: list[int], given: list[list[list[float]]], confidence: list[float] | None = None) -> Boxes:
    made = np.empty(len(given), object)
    for row, one in enumerate(given):
        made[row] = np.array(one)
    bare = np.array([not (one[:, 2] > 0).any() for one in made])
    return Boxes(
        image=np.array(image), label=np.zeros(len(image), np.int64), box=np.tile([0.1, 0.1, 0.5, 0.5], (len(image), 1)),
        area=np.full(len(image), 2500.0), crowd=bare & (confidence is None), once=bare & (confidence is None),
        confidence=np.array(confidence or [np.nan] * len(image)), id=np.arange(len(image)).astype(str).astype(object),
        points=made,
    )  # fmt: skip


@pytest.fixture
def review(tmp_path: Path) -> Review:
    """Image a: a pose found, and one without a point with two predictions on it. Image b: one missed by far."""
    nothing = [[np.nan, np.nan, 0.0], [np.nan, np.nan, 0.0]]
    labels = poses([0, 0, 1], [[[0.2, 0.2, 2], [0.5, 0.5, 1]], nothing, [[0.2, 0.2, 2], [0.3, 0.3, 2]]])
    found = [[[0.21, 0.2, 0.9], [0.5, 0.52, 0.2]], *[[[0.3, 0.3, 0.5], [0.4, 0.4, 0.5]]] * 2,
             [[0.9, 0.9, 1], [0.8, 0.9, 1]]]  # fmt: skip
    predictions = poses([0, 0, 0, 1], found, [0.9, 0.8, 0.7, 0.6])
    size = np.array([[100, 100]] * 2)
    overlaps = similarities(labels, predictions, Measured(size, np.array([0.2, 0.2])))
    about = {"skeleton": SKELETON.plain(), "similarity": "sigmas: 1/5"}
    made = Table(["a", "b"], ["/a.jpg", "/b.jpg"], ["val"] * 2, size, ("fish",), labels, predictions, overlaps, about,
                 KEYPOINTS)  # fmt: skip
    table.write(made, tmp_path / "t.parquet")
    return Review(table.read(tmp_path / "t.parquet"))


def test_one_prediction_alone_is_ignored_on_a_label_without_a_point(review: Review) -> None:
    metrics = review.at(confidence=0.5).report().metrics
    assert (metrics["tp"], metrics["fp"], metrics["fn"]) == (1, 2, 1)
    assert metrics["map50"] == pytest.approx(0.5049504950, abs=1e-6)


def test_words_and_figures_are_those_of_key_points(review: Review) -> None:
    look = review.at()
    card = look.report().card
    assert (look.measure, look.masked, look.edges) == ("OKS", False, ((0, 1),))
    assert (card.measure, card.similarity, card.max_detections["map"]) == ("OKS", "sigmas: 1/5", 20)
    assert card.protocol.startswith("COCO, key points") and card.agrees_with.startswith("pycocotools")
    assert {"ar50", "ar75", "box_map", "map_medium", "map_large"} <= set(look.report().metrics)


def test_points_are_drawn_as_they_were_stored(review: Review) -> None:
    found = drawn.samples(review.at(confidence=0.5), ["a"])["a"].boxes
    assert [(one.side, one.outcome) for one in found] == [
        ("label", "tp"), ("label", "ignored"), ("prediction", "tp"), ("prediction", "ignored"), ("prediction", "fp"),
    ]  # fmt: skip
    assert found[0].points == (0.2, 0.2, 2.0, 0.5, 0.5, 1.0)
    assert found[1].points == (None, None, 0.0) * 2
    assert found[2].points == (0.21, 0.2, 0.9, 0.5, 0.52, 0.2)


def test_each_point_says_how_well_it_is_placed(review: Review) -> None:
    head, tail = points.figures(review.at(confidence=0.5))
    assert (head.name, head.labelled, tail.name, tail.labelled) == ("head", 1, "tail", 1)
    assert head.similarity == pytest.approx(np.exp(-1 / 0.16 / 2500 / 2)) and head.placed == 1
    assert tail.similarity == pytest.approx(np.exp(-4 / 0.16 / 2500 / 2)) and tail.distance == pytest.approx(2 / 50)
    assert points.figures(review.at(confidence=0.95)) == []


def test_poses_with_left_and_right_exchanged_are_found(tmp_path: Path) -> None:
    label = [[0.2, 0.2, 2], [0.6, 0.2, 2], [0.4, 0.6, 0]]
    found = [[[0.6, 0.2, 1], [0.2, 0.2, 1], [0.4, 0.6, 1]], [[0.2, 0.2, 1], [0.6, 0.2, 1], [0.4, 0.6, 1]]]
    labels, predictions = poses([0, 1], [label, label]), poses([0, 1], found, [0.9, 0.8])
    size, skeleton = np.array([[100, 100]] * 2), Skeleton(("left_eye", "right_eye", "nose"))
    overlaps = similarities(labels, predictions, Measured(size, np.array([1.0] * 3)))
    about = {"skeleton": Skeleton(skeleton.points, (), (1.0,) * 3).plain()}
    made = Table(["a", "b"], ["/a.jpg", "/b.jpg"], ["val"] * 2, size, ("face",), labels, predictions, overlaps, about,
                 KEYPOINTS)  # fmt: skip
    table.write(made, tmp_path / "t.parquet")
    look = Review(table.read(tmp_path / "t.parquet")).at(iou=0.5)
    own = np.exp(-1600 / 4 / 2500 / 2)
    assert 1 - own < points.BETTER and points.swapped(look).total == 0
    sharp = replace(made, about={"skeleton": Skeleton(skeleton.points, (), (0.2,) * 3).plain()})
    table.write(sharp, tmp_path / "s.parquet")
    (one,) = points.swapped(Review(table.read(tmp_path / "s.parquet")).at(iou=0.5)).rows
    assert (one.sample_id, one.label, one.predicted) == ("a", "face", "face")


def test_boxes_have_no_points(review: Review, tmp_path: Path) -> None:
    whole = review._table
    labels, predictions = (replace(one, points=None, once=None) for one in (whole.labels, whole.predictions))
    bare = replace(whole, labels=labels, predictions=predictions, overlaps=None, about={}, kind=DETECTIONS)
    look = Review(bare).at()
    assert points.figures(look) == [] and points.swapped(look).total == 0
