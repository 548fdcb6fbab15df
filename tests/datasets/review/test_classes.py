"""The Review page of classes: galleries on a scene counted by hand, curves and charts against scikit-learn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.evaluation.cards import Origin
from datasets.evaluation.classification import storing
from datasets.evaluation.classification.figures import calibration_error, ranks
from datasets.evaluation.classification.reading import Choices
from datasets.evaluation.classification.report import report
from datasets.evaluation.samples import Samples
from datasets.review.classes import GALLERIES, Look, Review

CLASSES = ("ant", "bee", "cat")
# label, then the probabilities of ant, bee, cat; images are named by their row
SCENE = [
    (0, (0.90, 0.08, 0.02)),
    (0, (0.60, 0.30, 0.10)),
    (0, (0.05, 0.93, 0.02)),  # surely a bee: the label may be wrong
    (1, (0.10, 0.80, 0.10)),
    (1, (0.50, 0.45, 0.05)),  # wrong, and unsure
    (1, (0.10, 0.70, 0.20)),
    (2, (0.30, 0.30, 0.40)),
    (2, (0.20, 0.20, 0.60)),
]


def stored(path: Path, truth: Any, scores: Any, *, scored: bool = True, classes: tuple[str, ...] = CLASSES) -> Review:
    """The review of these labels (n) and probabilities (n, k); even samples are of test, the others of val."""
    truth, scores = np.asarray(truth), np.asarray(scores, np.float32)
    names = [str(row) for row in range(len(truth))]
    samples = Samples(
        names, [f"/{name}.jpg" for name in names], [("test", "val")[row % 2] for row in range(len(truth))]
    )
    more: dict[str, Any] = {}
    if scored:
        own = scores[np.arange(len(truth)), truth]
        more = {"model": classes, "rank": ranks(truth, scores), "probability": own, "scores": scores}
    ids = [f"l{name}" for name in names], [f"p{name}" for name in names]
    made = Choices(samples, classes, truth, scores.argmax(axis=1), scores.max(axis=1).astype(np.float64), *ids, **more)
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


def ids(look: Look, kind: str) -> list[str]:
    return [one.sample_id for one in look.gallery(kind).rows]


def test_mistakes_come_surest_first_and_hits_least_sure_first(review: Review) -> None:
    assert ids(review.at(), "wrong") == ["2", "4"]
    assert ids(review.at(), "unsure") == ["6", "1", "7", "5", "3", "0"]
    assert ids(review.at(), "unanswered") == []
    assert ids(review.at("val"), "unsure") == ["1", "7", "5", "3"]


def test_below_the_threshold_nothing_is_answered(review: Review) -> None:
    look = review.at(None, 0.55)
    assert ids(look, "wrong") == ["2"]
    assert ids(look, "unanswered") == ["6", "4"]
    assert look.report().metrics["answered"] == 6 / 8
    assert look.confusion() == ((2, 1, 0, 0), (0, 2, 0, 1), (0, 0, 1, 1))


def test_a_label_is_doubted_when_another_class_is_as_sure_as_usual(review: Review) -> None:
    """Bees are given 0.65 on average: 0.93 doubts the label of an ant, 0.5 for an ant (usually 0.52) does not."""
    assert ids(review.at(), "doubtful") == ["2"]


def test_every_cell_of_the_matrix_opens_its_images(review: Review) -> None:
    look = review.at(None, 0.55)
    for true, row in zip(CLASSES, look.confusion(), strict=True):
        for predicted, count in zip((*CLASSES, None), row, strict=True):
            assert look.cell(true, predicted).total == count
    (cell,) = look.cell("ant", "bee").rows
    assert (cell.sample_id, cell.label, cell.predicted, cell.right) == ("2", "ant", "bee", False)
    assert (cell.label_id, cell.prediction_id) == ("l2", "p2")
    assert cell.confidence == pytest.approx(0.93)
    assert cell.own == pytest.approx(0.05)
    assert [name for name, _ in cell.top] == ["bee", "ant", "cat"]
    assert [share for _, share in cell.top] == pytest.approx([0.93, 0.05, 0.02])


def test_a_class_shows_its_mistakes_first(review: Review) -> None:
    look = review.at()
    assert [one.sample_id for one in look.of_class("ant", "label").rows] == ["2", "1", "0"]
    assert [one.sample_id for one in look.of_class("ant", "prediction").rows] == ["4", "1", "0"]
    page = look.of_class("ant", "label", page=1, size=2)
    assert (page.total, [one.sample_id for one in page.rows]) == (3, ["0"])


def test_curves_and_charts_equal_scikit_learn(tmp_path: Path) -> None:
    from sklearn import metrics

    r = np.random.default_rng(4)
    truth = r.integers(0, 6, 300)
    raised = np.exp(r.normal(0, 1, (300, 6)) + 1.5 * np.eye(6)[truth])
    scores = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
    names = tuple(f"c{k}" for k in range(6))
    look = stored(tmp_path / "t.parquet", truth, scores, classes=names).at("test")
    t, p = truth[::2], scores[::2]
    for k, found in enumerate(look.curves(names)):
        fallout, recall, _ = metrics.roc_curve(t == k, p[:, k], drop_intermediate=False)
        np.testing.assert_allclose(found.roc.recall, recall, atol=1e-9)
        np.testing.assert_allclose(found.roc.fallout, fallout, atol=1e-9)
        assert found.auroc == pytest.approx(metrics.roc_auc_score(t == k, p[:, k]), abs=1e-9)
        assert found.average_precision == pytest.approx(metrics.average_precision_score(t == k, p[:, k]), abs=1e-9)
        assert look.report().per_class[f"c{k}"]["auroc"] == found.auroc
    sure, right = p.max(axis=1).astype(np.float64), p.argmax(axis=1) == t
    bins, sides = look.reliability(), look.histogram(20)
    error = np.nansum(np.abs(bins.accuracy - bins.confidence) * bins.count) / bins.count.sum()
    assert error == pytest.approx(calibration_error(sure, right)) == look.report().metrics["ece"]
    np.testing.assert_array_equal(sides.right, np.histogram(sure[right], 20, (0, 1))[0])
    np.testing.assert_array_equal(sides.wrong, np.histogram(sure[~right], 20, (0, 1))[0])
    covered = look.coverage()
    for share, accuracy in list(zip(covered.answered, covered.accuracy, strict=True))[::25]:
        limit = np.sort(sure)[::-1][round(share * len(sure)) - 1]
        assert accuracy == pytest.approx(right[sure >= limit].mean())
    assert covered.accuracy[-1] == look.report().metrics["accuracy"]


def test_without_all_probabilities_what_needs_them_is_empty(tmp_path: Path) -> None:
    truth, scores = [row[0] for row in SCENE], [row[1] for row in SCENE]
    review = stored(tmp_path / "t.parquet", truth, scores, scored=False)
    look = review.at()
    assert not review.has_scores
    assert look.curves(CLASSES) == []
    assert {kind: look.gallery(kind).total for kind in GALLERIES} == {
        "wrong": 2, "unsure": 6, "doubtful": 0, "unanswered": 0,
    }  # fmt: skip
    assert look.gallery("wrong").rows[0].top == ()
    assert look.gallery("wrong").rows[0].own is None


def test_an_unknown_gallery_is_told(review: Review) -> None:
    with pytest.raises(KeyError, match="doubtful"):
        review.at().gallery("best")
