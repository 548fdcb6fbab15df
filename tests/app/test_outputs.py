"""What a task may make, each output through the real steps of a job: freeze, check, predict, store, score.

The tasks are the smallest that keep the contract (`tests/pipelines/contract/`). The worker runs in this process.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

import pipelines
from app.api.routes import routes
from datasets.handover import predictions
from datasets.records import Label
from datasets.showing import media
from datasets.storage import collection, documents, frames, labels, store
from datasets.tables import PREDICTIONS, read_table
from datasets.views import pages
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace
from pipelines import registry, worker
from pipelines.jobs import execution, steps
from pipelines.jobs.processes import KEPT
from pipelines.jobs.steps import Context
from pipelines.runs import checkpoints
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from tests.helpers import make_image

NAME = "outputs"
TASKS = Path(__file__).parents[1] / "pipelines" / "contract"


@pytest.fixture
def place(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The tasks of the contract, registered by their folders and a word each; the worker in this process."""
    monkeypatch.setattr(pipelines, "__path__", [*pipelines.__path__, str(TASKS)])
    monkeypatch.setattr(registry, "TASKS", (*registry.TASKS, *(one.name for one in TASKS.iterdir() if one.is_dir())))
    monkeypatch.setenv(KEPT, str(os.getpid()))  # no MLflow

    def work(context: Context, part: str) -> None:
        worker.PARTS[part](context.run, context.events, context.stop)

    monkeypatch.setattr(steps, "work", work)
    yield database


def images(folder: Path, **fields: Any) -> list[str]:
    """A dataset of four images, each with a cat, and with what `fields` gives for its number."""
    truth = labels.to_document("detections", [Label("cat", (0.1, 0.1, 0.2, 0.2), attributes={"index": 7})])
    kinds = {name: kind for name, (kind, _) in fields.items()}
    store.create(NAME, {"ground_truth": "detections"}, ["cat"], kinds)
    paths = [make_image(folder / f"{i}.png", seed=i) for i in range(4)]
    about = collection.image_metadata(64, 48, 100, "image/png", 3)
    made = [
        collection.sample_document(
            str(path), about, split="val", ground_truth=truth, **{name: of(i) for name, (_, of) in fields.items()}
        )
        for i, path in enumerate(paths)
    ]
    return collection.insert(NAME, made)


def done(workspace: Workspace, tmp_path: Path, task: str, kind: str = "predict") -> Run:
    """A run of this task, whose steps were all done, and the one that stores twice."""
    (tmp_path / "weights.bin").write_bytes(b"none")
    source = Run.create(workspace, kind="adopt", name="m", task=task)
    checkpoints.save(source.checkpoint, tmp_path / "weights.bin", task=task, family=task, config={}, classes=["cat"],
                     preprocess={}, metrics={})  # fmt: skip
    run = Run.create(workspace, kind=kind, name="p", task=task, source=source.id, view=ViewSpec(dataset=NAME))
    context = Context(workspace, run, EventWriter(run.events))
    execution._go_through(context)
    assert execution.complete(run) == execution.names(run)
    steps.store(context)
    assert predictions.info(NAME, source.field)["complete"] is True
    return source


def test_an_image_of_each_sample_is_kept_and_served(place: Workspace, tmp_path: Path) -> None:
    ids = images(tmp_path / "in", caption=("string", lambda _: "/etc/hostname"))
    field = done(place, tmp_path, "blur").field
    rows = pages.page(ViewSpec(dataset=NAME)).rows
    paths = [Path(row.images[field]) for row in rows]
    assert all(path.is_relative_to(place.images) for path in paths) and len(set(paths)) == 4
    assert not [path for run in place.runs.iterdir() for path in (run / "work" / "images").glob("*.png")]
    assert collection.load(NAME).app_config.media_fields == ["filepath", field]
    assert media.knows(str(paths[0]))
    with TestClient(Starlette(routes=routes())) as client:
        answer = client.get(f"/api/media/{NAME}/{ids[1]}/{field}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.content == paths[1].read_bytes()
        assert client.get(f"/api/thumbnails/{NAME}/{ids[1]}/{field}").headers["content-type"] == "image/jpeg"
        refused = client.get(f"/api/media/{NAME}/{ids[1]}/caption")
        assert (refused.status_code, "field of images" in refused.text) == (400, True)
        assert client.get(f"/api/media/{NAME}/{'0' * 24}/{field}").status_code == 404
    predictions.remove(NAME, field)
    assert collection.load(NAME).app_config.media_fields == ["filepath"]
    assert pages.sample(NAME, ids[0]).images == {}


def test_frames_that_are_samples_get_labels_with_identity(place: Workspace, tmp_path: Path) -> None:
    ids = images(tmp_path / "in", sequence=("string", lambda _: "walk"), frame_number=("int", lambda i: i + 1))
    run = done(place, tmp_path, "follow")
    found = pages.sample(NAME, ids[2]).labels[run.field]
    assert [(one.label, one.index) for one in found] == [("cat", 7), ("cat", 8)]
    assert found[0].box == pytest.approx((0.03, 0.2, 0.2, 0.3))
    assert pages.class_counts(ViewSpec(dataset=NAME), run.field) == {"cat": 8}
    table = read_table(place.runs / predictions.info(NAME, run.field)["job"] / "predictions.parquet", PREDICTIONS)
    assert table["frame_number"].to_pylist() == [1, 2, 3, 4]
    predictions.remove(NAME, run.field)
    assert run.field not in pages.sample(NAME, ids[2]).labels


def video(path: Path, count: int = 5) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (64, 48))
    for number in range(count):
        writer.write(np.full((48, 64, 3), 40 * number, np.uint8))
    writer.release()
    return path


def test_frames_of_videos_get_labels_with_identity(place: Workspace, tmp_path: Path) -> None:
    store.create(NAME, videos=True)
    about = collection.video_metadata(64, 48, rate=10, frames=5, size=1, mime="video/mp4")
    made = [
        collection.sample_document(str(video(tmp_path / f"{n}.mp4")), about, _media_type="video", split="val")
        for n in range(2)
    ]
    first, second = collection.insert(NAME, made)
    field = done(place, tmp_path, "follow").field
    found = list(frames.read(NAME, field, [second]))
    assert [(number, [one.index for one in kept]) for _, number, kept in found] == [(n, [7, 8]) for n in range(1, 6)]
    sure = [kept[0].confidence for _, _, kept in found]  # as bright as its frame: each was decoded
    assert sure == pytest.approx([40 * n / 255 for n in range(5)], abs=0.03)
    assert collection.load(NAME)[first].frames[3][field].detections[1].index == 8
    row = pages.page(ViewSpec(dataset=NAME)).rows[0]
    assert (row.video, row.width, row.height) == (True, 64, 48)
    with TestClient(Starlette(routes=routes())) as client:
        for kind in ("media", "thumbnails"):
            assert client.get(f"/api/{kind}/{NAME}/{first}").headers["content-type"] == "image/jpeg"
    predictions.remove(NAME, field)
    assert frames.fields(NAME) == {}


def test_new_samples_say_what_they_were_made_from(place: Workspace, tmp_path: Path) -> None:
    images(tmp_path / "in")
    source = done(place, tmp_path, "dream", "make")
    made = ViewSpec(dataset=NAME, filters=(Filter(field="run", op="any_of", values=(source.id,)),))
    rows = pages.page(made).rows
    assert [(row.values["seed"], row.tags, row.width) for row in rows] == [(n, ("generated",), 16) for n in range(3)]
    assert all(Path(row.path).is_relative_to(place.images) for row in rows)
    sample = collection.load(NAME)[rows[2].id]
    assert (sample.seed, sample.params) == (2, {"truncation": 0.7})
    assert sample.latent == pytest.approx(np.random.default_rng(2).normal(size=4), abs=1e-6)
    assert store.summary(NAME).count == 7
    with Image.open(rows[0].path) as image:
        assert image.size == (16, 12)
    predictions.remove(NAME, source.field)
    assert store.summary(NAME).count == 4
    assert documents.of(NAME)["name"] == NAME
