"""The Review page on key points: what is compared, in which words, and what is drawn."""

from pathlib import Path

import numpy as np
import pytest

from datasets.evaluation.keypoints.similarity import Measured, similarities
from datasets.evaluation.objects import table
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.table import Table
from datasets.kinds import KEYPOINTS
from datasets.review import drawn
from datasets.review.objects import Review
from datasets.skeleton import Skeleton

SKELETON = Skeleton(("head", "tail"), ((0, 1),))


def poses(image: list[int], points: list[list[list[float]]], confidence: list[float] | None = None) -> Boxes:
    made = np.empty(len(points), object)
    for row, one in enumerate(points):
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
