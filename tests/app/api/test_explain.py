"""Maps of heat over HTTP: what a model looks at, by ids alone."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api import explain
from app.api.routes import routes
from datasets.records import Label
from datasets.storage import collection, labels, store
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.classification.network.model import build, keep
from pipelines.classification.network.preprocess import Preprocess
from pipelines.runs.run import Run
from tests.helpers import make_image

NAME, CLASSES = "seen", ["ant", "bee"]


@pytest.fixture
def client(database: Workspace) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as made:
        yield made


@pytest.fixture
def sample(database: Workspace, tmp_path: Path) -> str:
    store.create(NAME, {"ground_truth": "classification"}, CLASSES)
    path = make_image(tmp_path / "a.png", (48, 32))
    truth = labels.to_document("classification", [Label("ant")])
    return collection.insert(NAME, [collection.sample_document(str(path), ground_truth=truth)])[0]


@pytest.fixture
def run(database: Workspace) -> Run:
    """A run whose model has random weights, and looks at the whole image."""
    torch.manual_seed(0)
    made = Run.create(database, kind="train", name="tiny", task="classification", view=ViewSpec(dataset=NAME))
    preprocess = Preprocess(32)
    state = build("small_cnn", len(CLASSES), preprocess).state_dict()
    keep(made.checkpoint, state, {"model": "small_cnn"}, CLASSES, "classification", preprocess, {})
    return made


def test_a_map_lies_over_the_image_and_is_kept(client: TestClient, sample: str, run: Run, database: Workspace) -> None:
    query = {"run": run.id, "label": "bee"}
    answer = client.get(f"/api/explain/{NAME}/{sample}", params=query)
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(answer.content)) as found:
        assert (found.mode, found.size) in (("RGBA", (48, 32)), ("RGBA", (1, 1)))
    kept = list((database.thumbnails / "heat").glob("*.png"))
    assert [one.read_bytes() for one in kept] == [answer.content]
    kept[0].write_bytes(b"kept")
    assert client.get(f"/api/explain/{NAME}/{sample}", params=query).content == b"kept"


def test_what_cannot_be_explained_is_told(client: TestClient, sample: str, run: Run, database: Workspace) -> None:
    other = Run.create(database, kind="train", name="boxes", task="detection", view=ViewSpec(dataset=NAME))
    other.checkpoint.symlink_to(run.checkpoint)

    def asked(sample: str, run: str, label: str) -> tuple[int, str]:
        answer = client.get(f"/api/explain/{NAME}/{sample}", params={"run": run, "label": label})
        return answer.status_code, answer.json()["error"]

    status, error = asked(sample, run.id, "wasp")
    assert status == 400
    assert "one of ant, bee" in error
    assert asked(sample, other.id, "bee") == (404, "no map of heat")
    assert asked(sample, "../../etc", "bee")[0] == 404
    assert asked("0" * 24, run.id, "bee")[0] in (400, 404)


def test_a_map_is_clear_where_nothing_speaks_for_the_class() -> None:
    heat = np.zeros((40, 1000), np.float32)
    heat[:, 500:] = 1
    picture = explain.painted(heat)
    assert picture.shape == (20, 512, 4)
    assert picture[:, :250, 3].max() == 0
    assert picture[0, -1].tolist() == [*explain.HIGH, 255]
    assert explain.painted(np.zeros((9, 9), np.float32)).shape == (1, 1, 4)
