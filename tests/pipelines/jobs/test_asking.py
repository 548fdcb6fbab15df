"""What is asked for, checked before a job is made of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datasets.errors import DatasetNotFound, FieldError, ViewError
from datasets.exchange import importing
from datasets.storage import store
from datasets.viewspec import ViewSpec
from datasets.workspace import ROOT, Workspace
from pipelines.errors import CheckpointError, ConfigError, DataError, PipelineError, RunNotFound, WeightsMissing
from pipelines.jobs import asking, ledger, queue
from pipelines.runs.run import Run
from tests.helpers import make_coco
from tests.pipelines.jobs.conftest import end_all

PETS = ViewSpec(dataset="pets")


@pytest.fixture
def place(database: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace with the dataset `pets`: boxes in train and val."""
    monkeypatch.setenv("FOVEAL_DEVICES", "cpu")
    monkeypatch.setenv("FOVEAL_IDLE", "3")
    monkeypatch.delenv("FOVEAL_WEIGHTS", raising=False)
    with ledger.opened(database) as db:
        for job in ledger.every(db):
            ledger.remove(db, job.run)
    importing.ingest(make_coco(tmp_path / "coco", 6), "pets")
    yield database
    end_all(database)


def train(place: Workspace, **request: Any) -> Run:
    asked = {"kind": "train", "name": "n", "task": "detection", "preset": "fast", "view": PETS, **request}
    return asking.submit(place, **asked)


@pytest.mark.parametrize(
    ("request_", "kind", "words"),
    [
        ({"view": ViewSpec(dataset="gone")}, DatasetNotFound, "'gone'; known datasets: pets"),
        ({"view": ViewSpec(dataset="pets", saved="gone")}, ViewError, "gone"),
        ({"view": PETS.of_splits("vall")}, ViewError, r"\(train, val\), found 'vall'; name one of these"),
        ({"view": PETS.of_splits("train", "tset")}, ViewError, "found 'tset'"),
        ({"view": PETS.of_splits("train")}, DataError, r"split val of dataset 'pets', found none \(train: 4\); split"),
        ({"label_field": "gone"}, FieldError, r"found 'gone'; its label fields: ground_truth \(detections\)"),
        ({"task": "segmentation"}, FieldError, "segmentation, found 'ground_truth' with detections; choose another"),
        ({"task": "instances"}, FieldError, "detections with masks for the task instances"),
        ({"changes": {"weights": "gone.pt"}}, WeightsMissing, "gone.pt"),
        ({"changes": {"weights": "/gone/w.pt"}}, WeightsMissing, "/gone/w.pt; check the path"),
        ({"changes": {"weights": "pretrained"}}, WeightsMissing, "put the file into"),
        ({"changes": {"learning_rate": float("nan")}}, ConfigError, "learning_rate"),
    ],
)
def test_what_cannot_be_trained_makes_no_job(
    place: Workspace, request_: dict[str, Any], kind: type[PipelineError], words: str
) -> None:
    before = len(Run.all(place))
    with pytest.raises(kind, match=words):
        train(place, **request_)
    assert queue.jobs(place) == [] and len(Run.all(place)) == before


@pytest.mark.parametrize(
    ("request_", "kind", "words"),
    [
        ({"view": PETS.of_splits("nosuch")}, ViewError, r"\(train, val\), found 'nosuch'"),
        ({"label_field": "gone"}, FieldError, "found 'gone'"),
        ({"changes": {"confidence": 2}}, ConfigError, "'confidence': .*less than 1, found 2"),
        ({"changes": {"confidence": float("nan")}}, ConfigError, "'confidence'"),
        ({"source": "rgone"}, RunNotFound, "rgone"),
        ({}, CheckpointError, "expected a trained model of run"),
    ],
)
def test_what_cannot_be_predicted_makes_no_job(
    place: Workspace, request_: dict[str, Any], kind: type[PipelineError], words: str
) -> None:
    failed = Run.create(place, kind="train", name="failed", task="detection", view=PETS)
    with ledger.opened(place) as db:
        ledger.insert(db, failed.id, [], name="failed", kind="train", task="detection", state="failed")
    asked = {"kind": "predict", "name": "n", "task": "detection", "view": PETS, "source": failed.id, **request_}
    with pytest.raises(kind, match=words):
        asking.submit(place, **asked)
    assert [job.run for job in queue.jobs(place)] == [failed.id]


def test_a_view_without_samples_is_no_view_to_work_on(place: Workspace) -> None:
    store.create("empty", {"ground_truth": "detections"})
    with pytest.raises(ViewError, match="expected samples in dataset 'empty', found none"):
        train(place, view=ViewSpec(dataset="empty"))


def test_what_can_be_done_is_queued_as_it_was_asked_for(place: Workspace, tmp_path: Path) -> None:
    weights = tmp_path / "own.pt"
    weights.touch()
    run = train(place, changes={"weights": str(weights), "image_size": 64})
    assert queue.job(place, run.id).state in ("queued", "running")
    assert (run.request.config["weights"], run.request.config["image_size"]) == (str(weights), 64)
    queue.cancel(place, run.id)
    asked = train(place, changes={"weights": "pretrained", "allow_download": True})  # a person allowed the download
    queue.cancel(place, asked.id)


def test_every_verb_and_page_asks_here() -> None:
    called = [path for path in (ROOT / "app").rglob("*.py") if "queue.submit(" in path.read_text(encoding="utf-8")]
    assert called == []
