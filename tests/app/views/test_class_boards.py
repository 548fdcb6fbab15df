"""The boards of classes on the Review page, run by Streamlit's own test harness on scored predictions."""

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from app.components.patches import GivenVerdict
from app.views import _reviewed, _verdicts
from app.views.boards import _class_charts, _class_galleries, _galleries, _tag_galleries
from app.views.boards._galleries import Scene
from datasets.editing import verdicts
from datasets.evaluation import engines
from datasets.handover import predictions
from datasets.records import Label
from datasets.review import classes, multilabel
from datasets.storage import collection, labels, store
from datasets.tables import PREDICTIONS, write_table
from datasets.views import pages, resolve
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.runs.run import Run
from tests.app.views.test_learning import opened, text
from tests.helpers import make_image

CLASSES = ["ant", "bee", "cat"]
NAME = "insects"
N = 24


@pytest.fixture(autouse=True)
def no_runs(database: Workspace) -> None:
    shutil.rmtree(database.runs, ignore_errors=True)


def scored(database: Workspace, folder: Path, kind: str) -> Run:
    """A scored run on N images of val and test: every sixth is a bee that is called an ant."""
    run = Run.create(database, kind="train", name="tiny", task="classification", view=ViewSpec(dataset=NAME))
    store.create(NAME, {"ground_truth": kind, run.field: kind}, CLASSES)
    made = []
    for row in range(N):
        truth = [Label(CLASSES[row % 3])]
        path = make_image(folder / f"{row}.png", (20, 16), seed=row)
        document = collection.sample_document(
            str(path), split=("val", "test")[row % 2], ground_truth=labels.to_document(kind, truth)
        )
        made.append({**document, "metadata": {"_cls": "ImageMetadata", "width": 20, "height": 16}})
    ids = collection.insert(NAME, made)
    rows = [{"sample_id": id_, "labels": told(kind, row)} for row, id_ in enumerate(ids)]
    write_table(pa.Table.from_pylist(rows, schema=PREDICTIONS), run.predictions)
    predictions.store(NAME, run.field, run.predictions, {"run": run.id, "classes": CLASSES, "label_kind": kind})
    engines.evaluate(NAME, run.id, run.field)
    return run


def told(kind: str, row: int) -> list[dict[str, Any]]:
    """What is predicted for an image."""
    shares = np.array([0.1, 0.1, 0.1])
    shares[row % 3] = 0.8
    if row % 6 == 1:
        shares = np.array([0.6, 0.3, 0.1])
    if kind == "classifications":
        return [{"label": name, "confidence": share} for name, share in zip(CLASSES, shares.tolist(), strict=True)]
    best = int(shares.argmax())
    logits = np.log(shares).tolist()
    return [{"label": CLASSES[best], "confidence": float(shares[best]), "logits": logits}]


def scene() -> Scene:
    return Scene(NAME, CLASSES, lambda _item: None)


def test_the_board_shows_figures_at_the_chosen_confidence(database: Workspace, tmp_path: Path) -> None:
    run = scored(database, tmp_path, "classification")
    test = opened("review", run=run.id, dataset=NAME)
    metrics = engines.load(NAME, run.id).report("test").metrics
    assert metrics["accuracy"] < 1
    assert f"{metrics['accuracy']:.3f}" in text(test)
    assert f"{metrics['ece']:.3f}" in text(test)
    test.slider(key="review-answer").set_value(0.7).run()
    assert not test.exception, test.exception
    assert "Accuracy of answered" in text(test)
    assert engines.look(NAME, run.id, "test", confidence=0.7).metrics["accuracy_of_answered"] == 1.0
    gallery = next(one for one in test.segmented_control if one.label == "Gallery")
    gallery.set_value("unanswered").run()
    assert not test.exception, test.exception


def test_every_gallery_opens(database: Workspace, tmp_path: Path) -> None:
    run = scored(database, tmp_path, "classification")
    test = opened("review", run=run.id, dataset=NAME, split="val")
    for kind in ("wrong", "unsure", "doubtful", "class"):
        next(one for one in test.segmented_control if one.label == "Gallery").set_value(kind).run()
        assert not test.exception, test.exception


def test_a_card_tells_label_answer_and_probabilities(database: Workspace, tmp_path: Path) -> None:
    run = scored(database, tmp_path, "classification")
    look = classes.Review.open(NAME, run.id).at(None)
    shown = _class_galleries.shown(scene(), look.gallery("wrong"), lambda sample, label: f"{sample}/{label}")
    assert shown.total == N / 6
    card = shown.cards[0]
    assert (card.title, card.side, card.outcome, card.suggest) == ("bee → ant", "label", "fp", "ant")
    assert card.note.startswith("0.60 · label 0.30")
    assert [name for name, _ in card.top] == ["ant", "bee", "cat"]
    assert [heat.address for heat in card.heat] == [f"{card.sample}/ant", f"{card.sample}/bee"]
    assert (shown.pictures[card.sample].width, shown.pictures[card.sample].height) == (20, 16)


def test_a_wrong_label_is_changed_and_given_back(database: Workspace, tmp_path: Path) -> None:
    run = scored(database, tmp_path, "classification")
    (chosen,) = _reviewed.scored(database)
    assert (chosen.protocol.name, chosen.splits) == ("one class", ("val", "test"))
    look = classes.Review.open(NAME, run.id).at(None)
    card = _class_galleries.shown(scene(), look.gallery("wrong"), None).cards[0]
    desk = _verdicts.Desk.of(chosen, CLASSES)
    desk.give(GivenVerdict(card.id, card.sample, card.side, "relabel", "ant"))
    assert pages.sample(NAME, card.sample).labels["ground_truth"][0].label == "ant"
    desk.give(GivenVerdict(card.id, card.sample, card.side, "undo"))
    assert pages.sample(NAME, card.sample).labels["ground_truth"][0].label == "bee"
    assert verdicts.given(NAME) == []
    assert len(resolve.ids(_galleries.wrong(chosen, None))) == N / 6
    assert len(resolve.ids(_galleries.wrong(chosen, "val"))) == 0


def test_charts_hold_what_was_measured(database: Workspace, tmp_path: Path) -> None:
    run = scored(database, tmp_path, "classification")
    look = classes.Review.open(NAME, run.id).at(None)
    report = look.report()
    reliability, confidence, coverage = _class_charts.trust(look, report.metrics)
    assert {bar.text for bar in reliability.bars if bar.name == "accuracy"} == {"4", "20"}
    assert sum(bar.top for bar in confidence.bars if bar.name == "wrong") == pytest.approx(1)
    assert coverage.marks[0].y == report.metrics["accuracy"]
    roc, precision = _class_charts.ranking(look.curves(CLASSES), report.per_class, dict.fromkeys(CLASSES, "#000000"))
    assert roc.series[0].points[0] == (0, 0)
    assert roc.series[0].points[-1] == (1, 1)
    assert len(precision.marks) == 3


def test_a_curve_keeps_its_corners_and_few_points() -> None:
    x = np.linspace(0, 1, 20_001)
    y = np.where(x < 0.5, 0.0, 1.0)
    kept = _class_charts.points(x, y)
    assert len(kept) < 1100
    assert {(0.0, 0.0), (1.0, 1.0), (0.5, 1.0)} <= set(kept)
    assert max(second[0] - first[0] for first, second in pairwise(kept)) < 0.01


def test_the_board_of_many_classes_counts_at_one_threshold_or_at_one_for_each(
    database: Workspace, tmp_path: Path
) -> None:
    run = scored(database, tmp_path, "classifications")
    test = opened("review", run=run.id, dataset=NAME)
    metrics = engines.load(NAME, run.id).report("test").metrics
    assert f"{metrics['map']:.3f}" in text(test)
    assert f"{metrics['f1']:.3f}" in text(test)
    next(one for one in test.segmented_control if one.label == "Threshold").set_value("best F1 of each class").run()
    assert not test.exception, test.exception
    for kind in ("fp", "fn", "unlabelled", "doubtful", "tp"):
        next(one for one in test.segmented_control if one.label == "Gallery").set_value(kind).run()
        assert not test.exception, test.exception
    look = multilabel.Review.open(NAME, run.id).at(None, 0.5)
    extra = _tag_galleries.shown(scene(), look.gallery("fp"), None)
    assert {(card.title, card.side, card.outcome) for card in extra.cards} == {("ant", "prediction", "fp")}
    (chosen,) = _reviewed.scored(database)
    card = extra.cards[0]
    _verdicts.Desk.of(chosen, CLASSES).give(GivenVerdict(card.id, card.sample, card.side, "relabel", "ant"))
    assert {one.label for one in pages.sample(NAME, card.sample).labels["ground_truth"]} == {"ant", "bee"}
    missed = _tag_galleries.shown(scene(), look.gallery("fn"), None).cards
    assert {(card.title, card.side) for card in missed} == {("bee", "label")}
    worst = _tag_galleries.shown(scene(), look.worst(), None).cards
    assert {card.title.strip() for card in worst} == {"+ant −bee"}
