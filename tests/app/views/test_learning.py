"""The pages Train, Jobs, Models and Review, run by Streamlit's own test harness on real datasets and run folders."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from app.components.patches import GivenVerdict
from app.views import _reviewed, _verdicts
from app.views.boards import _object_galleries as galleries
from app.views.boards._galleries import Scene
from datasets.editing import verdicts
from datasets.evaluation import engines
from datasets.exchange import importing
from datasets.handover import manifest, predictions
from datasets.records import Label
from datasets.review.objects import Review
from datasets.storage import collection, store
from datasets.tables import PREDICTIONS, write_table
from datasets.views import pages
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.jobs import ledger, queue
from pipelines.runs import reports
from pipelines.runs.checkpoints import save
from pipelines.runs.events import EventWriter
from pipelines.runs.reports import RunReport
from pipelines.runs.run import Run
from tests.helpers import make_class_folders, make_coco

SCRIPT = """
import streamlit as st
from app import navigation
from app.components import page
from datasets.errors import DatasetsError
from pipelines.errors import PipelineError
st.navigation(navigation.sections())
try:
    next(view for view in navigation.VIEWS if view.name == "{}").run()
except (DatasetsError, PipelineError) as error:
    page.problem(error)
"""


def opened(name: str, **query: str) -> AppTest:
    test = AppTest.from_string(SCRIPT.format(name), default_timeout=60)
    test.query_params.update(query)
    test.run()
    assert not test.exception, test.exception
    return test


def text(test: AppTest) -> str:
    shown = [*test.markdown, *test.caption, *test.error, *test.warning]
    return "\n".join([str(one.value) for one in shown] + [str(one.proto.body) for one in test.get("html")])


@pytest.fixture(autouse=True)
def no_runs(database: Workspace) -> None:
    with ledger.opened(database) as db:
        for job in ledger.every(db):
            ledger.remove(db, job.run)
    shutil.rmtree(database.runs, ignore_errors=True)


@pytest.fixture
def pets(database: Workspace, tmp_path: Path) -> str:
    importing.ingest(make_coco(tmp_path / "coco", 12), "pets", (0.5, 0.5, 0.0))
    return "pets"


@pytest.fixture
def done(pets: str, database: Workspace) -> Run:
    """A run that ended well: every label of val is found, but cats are called dogs, and one more box is on nothing."""
    run = begun(database, pets, "done")
    events = EventWriter(run.events)
    for epoch in (1, 2):
        metrics = {"train/loss": 2 / epoch, "val/loss": 3 / epoch, "map": 0.2 * epoch}
        events.write("epoch", epoch=epoch, epochs=2, metrics=metrics, eta=0, speed=10.0)
    weights = run.folder / "best.pt"
    weights.write_bytes(b"weights")
    save(run.checkpoint, weights, task="detection", family="yolo", config={}, classes=["cat", "dog", "bird"],
         preprocess={}, metrics={})  # fmt: skip
    predict(run, pets)
    found = engines.evaluate(pets, run.id, run.field)
    reports.write(run, RunReport.of(found.reports))
    return run


def begun(workspace: Workspace, dataset: str, state: ledger.State, **changes: object) -> Run:
    task = registry.task("detection")
    config = task.resolve("fast", changes).model_dump(mode="json")
    run = Run.create(
        workspace, kind="train", name=f"{dataset} {state}", task=task.name, preset="fast", config=config,
        view=ViewSpec(dataset=dataset),
    )  # fmt: skip
    manifest.freeze(ViewSpec(dataset=dataset), "ground_truth", run.manifest)
    with ledger.opened(workspace) as db:
        ledger.insert(db, run.id, [], name=run.request.name, kind="train", task=task.name, state=state)
    return run


def predict(run: Run, dataset: str) -> None:
    rows = []
    for row in pages.page(ViewSpec(dataset=dataset).of_splits("val"), 1, 100).rows:
        labels = [told("dog" if one.label == "cat" else one.label, one, 0.9) for one in row.labels["ground_truth"]]
        extra = [{"label": "bird", "box": [0.7, 0.7, 0.2, 0.2], "confidence": 0.6}] if not rows else []
        rows.append({"sample_id": row.id, "labels": [*labels, *extra]})
    write_table(pa.Table.from_pylist(rows, schema=PREDICTIONS), run.predictions)
    predictions.store(dataset, run.field, run.predictions, {"run": run.id, "classes": ["cat", "dog", "bird"]})


def told(name: str, label: Label, confidence: float) -> dict[str, object]:
    assert label.box is not None
    return {"label": name, "box": list(label.box), "confidence": confidence}


# Train


def test_train_without_a_dataset_points_to_import(database: Workspace) -> None:
    assert "Import a dataset" in [link.label for link in opened("train").get("page_link")]


def test_train_takes_the_first_task_that_fits_the_data(database: Workspace, tmp_path: Path) -> None:
    importing.ingest(make_class_folders(tmp_path / "colours"), "colours")
    test = opened("train", dataset="colours")
    assert "**Classification**, fast, on **colours**" in text(test)
    assert "**small_cnn** learns, from scratch" in text(test)  # images of 48 px
    collection.samples("colours").update_many({}, {"$unset": {"metadata": 1}})
    assert "learns, from scratch" not in text(opened("train", dataset="colours"))  # sizes unknown: nothing is claimed
    other = opened("train", dataset="colours", task="detection")
    said = other.info[0].value
    assert "learns from detections, and **colours** holds classification" in said
    assert "Classification can learn from these" in said


def test_train_blocks_on_errors_and_says_what_to_do(database: Workspace, tmp_path: Path) -> None:
    importing.ingest(make_coco(tmp_path / "coco"), "unsplit", (1.0, 0.0, 0.0))
    test = settled(
        opened("train", dataset="unsplit", view='{"filters":[{"field":"split","op":"any_of","values":["train"]}]}')
    )
    assert test.button(key="train").disabled
    assert "split the dataset" in text(test)


def test_train_submits_the_view_with_what_was_changed(pets: str, database: Workspace, monkeypatch) -> None:
    asked: dict[str, object] = {}

    def submit(_workspace: Workspace, **request: object) -> Run:
        asked.update(request)
        raise registry.ConfigError("enough")

    monkeypatch.setattr(queue, "submit", submit)
    view = '{"filters":[{"field":"tags","op":"none_of","values":["bad"]}]}'
    test = settled(opened("train", dataset=pets, view=view))
    test.number_input(key="option-detection-fast-epochs").set_value(3).run()
    assert not test.button(key="train").disabled
    test.button(key="train").click().run()
    assert asked["view"] == ViewSpec.model_validate_json('{"dataset":"pets",' + view[1:])
    assert asked["preset"] == "fast"
    assert asked["config"] == registry.task("detection").resolve("fast", {"epochs": 3}).model_dump(mode="json")


def test_options_that_do_not_act_for_the_model_are_hidden_and_come_back(pets: str) -> None:
    test = opened("train", dataset=pets)
    shown = {one.key for one in test.number_input}
    mosaic, clip = (f"option-detection-fast-{name}" for name in ("mosaic", "clip"))
    assert mosaic in shown and clip not in shown
    model = test.selectbox(key="option-detection-fast-model")
    model.set_value("fasterrcnn_mobilenet_v3_large_320_fpn").run()
    shown = {one.key for one in test.number_input}
    assert clip in shown and mosaic not in shown
    assert not test.exception
    assert "mosaic" not in text(test)
    test.selectbox(key="option-detection-fast-model").set_value("yolov8n").run()
    assert mosaic in {one.key for one in test.number_input}


def test_another_preset_brings_its_own_options(pets: str) -> None:
    test = opened("train", dataset=pets)
    test.button(key="take-accurate").click().run()
    epochs = registry.task("detection").resolve("accurate").model_dump()["epochs"]
    assert test.number_input(key="option-detection-accurate-epochs").value == epochs


def test_try_again_takes_over_the_options_of_a_run(pets: str, database: Workspace) -> None:
    run = begun(database, pets, "failed", epochs=7)
    test = opened("train", dataset=pets, run=run.id)
    assert test.number_input(key="option-detection-fast-epochs").value == 7


def settled(test: AppTest) -> AppTest:
    """Run again until the pre-flight, which works in the background, has an answer."""
    for _ in range(60):
        if "looking at the data" not in text(test):
            return test
        test.run()
    raise AssertionError("the pre-flight never ended")


# Jobs and one run


def test_jobs_lists_what_was_done(done: Run) -> None:
    test = opened("jobs")
    history = test.dataframe[0].value
    assert list(history["run"]) == [done.id]
    assert history["figure"][0].startswith("mAP 0.")


def test_a_failed_run_shows_cause_and_what_to_do(pets: str, database: Workspace) -> None:
    run = begun(database, pets, "failed")
    EventWriter(run.events).write("error", title="Not enough memory", cause="it was full", action="a smaller batch")
    test = opened("jobs", run=run.id)
    assert "Not enough memory" in test.error[0].value
    assert "a smaller batch" in test.error[0].value
    assert {"Resume", "Try again", "Delete"} <= {button.label for button in test.button}


def test_resume_queues_the_run_again(pets: str, database: Workspace, monkeypatch) -> None:
    resumed = []
    monkeypatch.setattr(queue, "resume", lambda _workspace, run: resumed.append(run))
    run = begun(database, pets, "cancelled")
    test = opened("jobs", run=run.id)
    next(button for button in test.button if button.label == "Resume").click().run()
    assert resumed == [run.id]


def test_a_done_run_shows_figures_model_and_the_way_to_its_errors(done: Run) -> None:
    test = opened("jobs", run=done.id)
    shown = text(test)
    assert "SHA-256" in shown and "bird" in shown
    assert any(link.label == "Review errors" for link in test.get("page_link"))


def test_an_unknown_run_is_explained(database: Workspace) -> None:
    assert "no run rnothere" in opened("jobs", run="rnothere").warning[0].value


# Models


def test_models_lists_runs_with_a_checkpoint_only(done: Run, database: Workspace, pets: str) -> None:
    begun(database, pets, "failed")
    found = opened("models").dataframe[0].value
    assert list(found["run"]) == [done.id]
    assert 0 < found["map"][0] <= 1


# Review


def test_review_shows_figures_at_the_chosen_confidence(done: Run, pets: str) -> None:
    test = opened("review", run=done.id, dataset=pets)
    wanted = Review.open(pets, done.id).at("val", 0.25, 0.5).report().metrics
    assert f"{wanted['f1']:.3f}" in text(test)
    test.slider(key="review-confidence").set_value(0.7).run()
    higher = Review.open(pets, done.id).at("val", 0.7, 0.5).report().metrics
    assert higher["fp"] < wanted["fp"]
    assert f"{higher['precision']:.3f}" in text(test)


def test_review_without_a_scored_run_points_to_training(database: Workspace) -> None:
    assert "Train a model" in [link.label for link in opened("review").get("page_link")]


def test_review_passes_over_runs_whose_dataset_is_gone(done: Run, pets: str) -> None:
    store.delete(pets)
    assert "Train a model" in [link.label for link in opened("review").get("page_link")]


def test_a_gallery_holds_the_patches_with_labels_and_predictions(done: Run, pets: str) -> None:
    look = Review.open(pets, done.id).at("val", 0.25, 0.5)
    scene = Scene(pets, ("bird", "cat", "dog"), lambda _item: None)
    wrong = galleries.patches(look, scene, "cls")
    assert wrong.total == len(wrong.cards) > 0
    assert {card.title for card in wrong.cards} == {"cat → dog"}
    card = wrong.cards[0]
    boxes = {box.id: box for box in wrong.pictures[card.sample].boxes}
    assert (boxes[card.id].side, boxes[card.id].outcome) == ("label", "fn")
    assert (boxes[card.others[0]].side, boxes[card.others[0]].outcome) == ("prediction", "fp")
    worst = galleries.worst(look, scene).cards
    assert worst[0].id == max(worst, key=lambda card: int(card.note.split()[0]) + int(card.note.split()[3])).id


def test_a_verdict_relabels_at_once_and_can_be_taken_back(done: Run, pets: str, database: Workspace) -> None:
    chosen = _reviewed.scored(database)[0]
    look = Review.open(pets, done.id).at("val", 0.25, 0.5)
    desk = _verdicts.Desk.of(chosen, ("bird", "cat", "dog"))
    card = galleries.patches(look, Scene(pets, (), desk.of_item), "cls").cards[0]

    def stored() -> str:
        labels = pages.sample(pets, card.sample).labels["ground_truth"]
        return next(one.label for one in labels if one.id == card.id)

    desk.give(GivenVerdict(card.id, card.sample, card.side, "relabel", "dog"))
    assert stored() == "dog"
    assert _verdicts.Desk.of(chosen, ()).of_item(card.id) == {"verdict": "relabel", "label": "dog"}
    desk.give(GivenVerdict(card.id, card.sample, card.side, "undo"))
    assert stored() == "cat"
    assert verdicts.given(pets) == []
