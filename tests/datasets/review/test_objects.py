"""The Review page's figures on a scene small enough to count by hand, and their speed on 100,000 boxes."""

import time
from pathlib import Path

import numpy as np
import pytest

from datasets.evaluation.objects import table
from datasets.evaluation.objects.boxes import Boxes, boxes
from datasets.evaluation.objects.table import Table
from datasets.review.objects import GALLERIES, Review

CLASSES = ("cat", "dog")


@pytest.fixture
def review(tmp_path: Path) -> Review:
    """Image a: a cat found twice, a dog called cat. Image b: a dog missed, a cat slipped, a sure ghost, a crowd.

    Labels: a0 cat, a1 dog; b2 dog, b3 cat, b4 crowd of cats. Predictions, most confident first in each image.
    """
    labels = boxes(
        [0, 0, 1, 1, 1], [0, 1, 1, 0, 0],
        [[0, 0, 0.2, 0.2], [0.5, 0.5, 0.2, 0.2], [0, 0, 0.1, 0.1], [0.3, 0.3, 0.2, 0.2], [0.6, 0.6, 0.4, 0.4]],
        crowd=[False, False, False, False, True],
    )  # fmt: skip
    predictions = boxes(
        [0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 0, 0],
        [[0, 0, 0.2, 0.16], [0, 0, 0.2, 0.15], [0.5, 0.5, 0.2, 0.2], [0.38, 0.38, 0.2, 0.2], [0.1, 0.8, 0.1, 0.1],
         [0.7, 0.7, 0.1, 0.1], [0.9, 0.1, 0.05, 0.05]],
        confidence=[0.9, 0.8, 0.7, 0.6, 0.95, 0.5, 0.1],
    )  # fmt: skip
    made = Table(
        ["a", "b"], ["/a.jpg", "/b.jpg"], ["val", "test"], np.array([[640, 480]] * 2), CLASSES, labels, predictions
    )
    table.write(made, tmp_path / "t.parquet")
    return Review(table.read(tmp_path / "t.parquet"))


def errors(review: Review, kind: str) -> list[tuple[str, str | None, str | None, str]]:
    return [(one.sample_id, one.label, one.predicted, one.error) for one in review.at().gallery(kind).rows]


def test_figures_count_over_all_objects(review: Review) -> None:
    metrics = review.at(confidence=0.25).report().metrics
    assert (metrics["tp"], metrics["fp"], metrics["fn"]) == (1, 4, 3)  # the crowd counts neither way, 0.1 is hidden
    assert metrics["precision"] == pytest.approx(1 / 5)
    assert metrics["recall"] == pytest.approx(1 / 4)
    assert review.at(confidence=0.05).report().metrics["fp"] == 5
    assert review.at("val").report().metrics["fp"] == 2
    cat = review.at().report().per_class["cat"]
    assert (cat["tp"], cat["fp"], cat["fn"], cat["labels"]) == (1, 3, 1, 2)


def test_every_mistake_has_its_kind(review: Review) -> None:
    assert errors(review, "dupe") == [("a", "cat", "cat", "dupe")]
    assert errors(review, "cls") == [("a", "dog", "cat", "cls")]
    assert errors(review, "loc") == [("b", "cat", "cat", "loc")]
    assert errors(review, "bkg") == errors(review, "missing") == [("b", None, "dog", "bkg")]
    assert errors(review, "both") == []
    assert sorted(errors(review, "fn")) == [
        ("a", "dog", "cat", "cls"),
        ("b", "cat", "cat", "loc"),
        ("b", "dog", None, "miss"),
    ]


def test_a_looser_threshold_turns_a_slip_into_a_hit(review: Review) -> None:
    loose = review.at(iou=0.2).report().metrics
    assert (loose["tp"], loose["fn"]) == (2, 2)


def test_galleries_show_the_most_confident_first_in_pages(review: Review) -> None:
    look = review.at()
    assert [one.confidence for one in look.gallery("fp").rows] == [0.95, 0.8, 0.7, 0.6]
    page = look.gallery("fp", page=1, size=3)
    assert (page.total, [one.confidence for one in page.rows]) == (4, [0.6])
    assert look.ids(look.gallery("fp").rows) == ("b", "a")
    hit = look.gallery("tp").rows[0]
    assert hit.iou == pytest.approx(0.8)
    assert hit.box == hit.predicted_box == (0, 0, 0.2, 0.16)
    assert look.gallery("low_iou").total == 0
    with pytest.raises(KeyError, match="low_iou"):
        look.gallery("best")


def test_the_confusion_matrix_has_background_and_opens_its_cells(review: Review) -> None:
    matrix = review.at().confusion()
    assert matrix.names == ("cat", "dog", "background")
    assert matrix.counts == ((1, 0, 1), (1, 0, 1), (2, 1, 0))
    for row, true in enumerate(matrix.names):
        for column, predicted in enumerate(matrix.names):
            assert review.at().cell(true, predicted).total == matrix.counts[row][column]
    cell = review.at().cell("dog", "cat").rows[0]
    assert (cell.sample_id, cell.label, cell.predicted, cell.confidence) == ("a", "dog", "cat", 0.7)
    assert review.at().cell("dog", "background").rows[0].predicted is None


def test_worst_images_come_first(review: Review) -> None:
    worst = review.at().worst()
    assert [(one.sample_id, one.tp, one.fp, one.fn) for one in worst.rows] == [("b", 0, 2, 2), ("a", 1, 2, 1)]
    assert [one.sample_id for one in review.at("val").worst().rows] == ["a"]


def test_curves_of_classes_with_labels(review: Review) -> None:
    curves = review.at("test").curves()
    assert [one.label for one in curves] == ["cat", "dog"]
    hit = review.at("val").curves()[0]
    assert (hit.label, hit.precision[0], hit.confidence[0]) == ("cat", pytest.approx(1.0), 0.9)
    assert hit.average_precision == pytest.approx(1.0)


def test_the_best_confidence_maximises_f1(review: Review) -> None:
    best = review.best_confidence()
    f1 = [review.at(confidence=c).report().metrics["f1"] for c in np.linspace(0, 1, 201)]
    assert review.at(confidence=best).report().metrics["f1"] == pytest.approx(max(f1))


def test_empty_sides_are_no_trouble(tmp_path: Path) -> None:
    none, one = boxes([], [], []), boxes([0], [0], [[0, 0, 0.5, 0.5]], confidence=[0.5])
    for labels, predictions in ((none, one), (one, none), (none, none)):
        made = Table(["a"], ["/a.jpg"], [""], np.array([[10, 10]]), CLASSES, labels, predictions)
        table.write(made, tmp_path / "t.parquet")
        look = Review(table.read(tmp_path / "t.parquet")).at()
        assert look.report().metrics["tp"] == 0
        assert sum(map(sum, look.confusion().counts)) == len(labels) + len(predictions)
        assert look.worst().total == min(1, len(labels) + len(predictions))
        assert {kind: look.gallery(kind).total for kind in GALLERIES}["fp"] == len(predictions)


def many(images: int, per_image: int, seed: int = 0) -> tuple[Boxes, Boxes]:
    r = np.random.default_rng(seed)
    count = images * per_image
    image, label = np.repeat(np.arange(images), per_image), r.integers(0, 10, count)
    box = np.hstack([r.uniform(0, 0.7, (count, 2)), r.uniform(0.05, 0.3, (count, 2))])
    moved = np.abs(box + r.normal(0, 0.012, (count, 4)))
    return boxes(image, label, box), boxes(image, label, moved, confidence=r.random(count))


def test_a_slider_costs_less_than_100_ms_for_100_000_boxes() -> None:
    labels, predictions = many(6250, 8)
    size, names = np.full((6250, 2), 640), [str(i) for i in range(6250)]
    classes = tuple(f"c{i}" for i in range(10))
    review = Review(Table(names, names, ["val"] * 6250, size, classes, labels, predictions))
    times = []
    review.at().report()
    for confidence, iou in ((0.2, 0.5), (0.4, 0.5), (0.4, 0.6), (0.6, 0.7), (0.3, 0.55)):
        start = time.process_time()
        look = review.at(confidence=confidence, iou=iou)
        look.report(), look.confusion(), look.worst(), look.gallery("fp")
        times.append(time.process_time() - start)
    assert min(times) < 0.1, times
