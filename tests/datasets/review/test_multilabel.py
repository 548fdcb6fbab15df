"""The Review page of many classes per image: galleries counted by hand, thresholds against scikit-learn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.evaluation.cards import Origin
from datasets.evaluation.multilabel import storing
from datasets.evaluation.multilabel.reading import Tags
from datasets.evaluation.multilabel.report import report
from datasets.evaluation.samples import Samples
from datasets.review.multilabel import GALLERIES, Look, Review

CLASSES = ("ant", "bee", "cat")
# labels of an image, then the confidence of ant, bee, cat (0: not predicted)
SCENE = [
    ((1, 0, 0), (0.9, 0.6, 0.0)),
    ((1, 1, 0), (0.8, 0.3, 0.0)),
    ((0, 1, 0), (0.95, 0.7, 0.1)),
    ((0, 0, 0), (0.2, 0.0, 0.0)),
]


def stored(path: Path, truth: Any, scores: Any, classes: tuple[str, ...] = CLASSES) -> Review:
    """The review of labels (n, k) and confidences (n, k); even samples are of test, the others of val."""
    truth, scores = np.asarray(truth, np.bool_), np.asarray(scores, np.float64)
    names = [str(row) for row in range(len(truth))]
    samples = Samples(
        names, [f"/{name}.jpg" for name in names], [("test", "val")[row % 2] for row in range(len(truth))]
    )
    labels, found = np.argwhere(truth), np.argwhere(scores > 0)
    ids = [f"l{n}.{k}" for n, k in labels], [f"p{n}.{k}" for n, k in found]
    made = Tags(samples, classes, labels, found, scores[scores > 0], *ids)
    reports = {split or "": report(made, split, Origin()).plain() for split in (None, "val", "test")}
    storing.save(
        made,
        {"card": {}, "reports": reports},
        path,
    )
    return Review(path)


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return stored(tmp_path / "t.parquet", [row[0] for row in SCENE], [row[1] for row in SCENE])


def listed(look: Look, kind: str, name: str | None = None) -> list[tuple[str, str]]:
    return [(one.sample_id, one.name) for one in look.gallery(kind, name).rows]


def test_each_class_of_each_image_is_a_hit_a_false_positive_or_missed(review: Review) -> None:
    look = review.at(None, 0.5)
    assert listed(look, "fp") == [("2", "ant"), ("0", "bee")]
    assert listed(look, "fn") == [("1", "bee")]
    assert listed(look, "tp") == [("2", "bee"), ("1", "ant"), ("0", "ant")]
    assert listed(look, "fp", "bee") == [("0", "bee")]
    assert listed(review.at("val", 0.5), "fp") == []
    counts = look.report().per_class
    assert sum(one["fp"] for one in counts.values()) == look.gallery("fp").total
    assert sum(one["fn"] for one in counts.values()) == look.gallery("fn").total


def test_a_card_knows_labels_and_confidences(review: Review) -> None:
    look = review.at(None, 0.5)
    (missed,) = look.gallery("fn").rows
    assert (missed.outcome, missed.label_id, missed.prediction_id, missed.confidence) == ("fn", "l1.1", "p1.1", 0.3)
    assert missed.labels == ("ant", "bee")
    assert missed.top == (("ant", 0.8), ("bee", 0.3))
    extra = look.gallery("fp").rows[0]
    assert (extra.outcome, extra.label_id, extra.prediction_id, extra.confidence) == ("fp", None, "p2.0", 0.95)
    hit = look.gallery("tp").rows[0]
    assert (hit.outcome, hit.label_id, hit.prediction_id) == ("tp", "l2.1", "p2.1")


def test_labels_are_doubted_class_by_class(review: Review) -> None:
    """An ant is given 0.85 where it is labelled: 0.95 is as sure. A bee is given 0.3 where it is not, as is a label."""
    look = review.at(None, 0.5)
    assert listed(look, "unlabelled") == [("2", "ant"), ("0", "bee")]
    assert listed(look, "doubtful") == [("1", "bee")]


def test_the_worst_image_has_most_wrong_classes(review: Review) -> None:
    worst = review.at(None, 0.5).worst()
    assert worst.total == 3
    assert {one.sample_id: (one.extra, one.missed) for one in worst.rows} == {
        "0": (("bee",), ()),
        "1": ((), ("bee",)),
        "2": (("ant",), ()),
    }


def test_thresholds_of_each_class_have_the_highest_f1(tmp_path: Path) -> None:
    from sklearn import metrics

    r = np.random.default_rng(8)
    truth = r.random((200, 3)) < 0.3
    scores = np.round(np.clip(0.3 * truth + r.random((200, 3)) * 0.7, 0.01, 1), 2)
    review = stored(tmp_path / "t.parquet", truth, scores)
    limits = review.best_thresholds(None)
    found = review.at(None, limits).report()
    for k, name in enumerate(CLASSES):
        _, _, tried = metrics.precision_recall_curve(truth[:, k], scores[:, k])
        best = max(metrics.f1_score(truth[:, k], scores[:, k] >= limit) for limit in tried)
        assert found.per_class[name]["f1"] == pytest.approx(best, abs=1e-12)
        assert found.card.confidence[name] == limits[k]
    at_once = scores >= limits
    assert found.metrics["f1"] == pytest.approx(metrics.f1_score(truth, at_once, average="micro"))
    assert found.metrics["macro_f1"] == pytest.approx(metrics.f1_score(truth, at_once, average="macro"))
    assert found.metrics["map"] == review.at(None, 0.5).report().metrics["map"]
    (curve,) = review.at(None, 0.5).curves(["bee"])
    assert curve.auroc == pytest.approx(metrics.roc_auc_score(truth[:, 1], scores[:, 1]))


def test_a_class_without_labels_keeps_the_usual_threshold(review: Review) -> None:
    assert review.best_thresholds(None)[2] == 0.5
    with pytest.raises(KeyError, match="doubtful"):
        review.at(None, 0.5).gallery("best")
    assert set(GALLERIES) == {"fp", "fn", "tp", "unlabelled", "doubtful"}
