"""A field of labels made over HTTP, behind the guard, and what is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app.access.launch import Launch
from app.access.seal import seal
from app.api.routes import routes
from app.guard import TOKEN_HEADER, Guard
from datasets.storage import documents, fields, store
from datasets.workspace import Workspace

LAUNCH = Launch()


@pytest.fixture(scope="module")
def client(server: Workspace) -> Iterator[TestClient]:
    """A browser that was let in and may write."""
    app = Starlette(routes=routes(), middleware=[Middleware(Guard, host="127.0.0.1", launch=LAUNCH)])
    with TestClient(app, base_url="http://127.0.0.1:8501") as made:
        made.get(f"/?token={LAUNCH.token}")
        made.headers[TOKEN_HEADER] = seal().issue("write", str(seal().reader(made.cookies["foveal_8501"])))
        yield made


@pytest.fixture
def dataset(client: TestClient) -> Iterator[str]:
    store.create("bare")
    yield "bare"
    store.delete("bare")


def make(client: TestClient, dataset: str, name: str, kind: str = "detections", **more: Any) -> Any:
    return client.post(f"/api/fields/{dataset}", json={"name": name, "kind": kind, **more})


def test_a_field_is_made_and_told(client: TestClient, dataset: str) -> None:
    answer = make(client, dataset, "ground_truth", classes=["cat", " big  dog "])
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "name": "ground_truth", "kind": "detections", "holds": "objects", "many": True, "classes": ["cat", "big dog"],
    }  # fmt: skip
    about = store.summary(dataset)
    assert (dict(about.label_fields), about.classes) == ({"ground_truth": "detections"}, ("cat", "big dog"))


def test_whole_masks_get_values_and_a_background(client: TestClient, dataset: str) -> None:
    assert make(client, dataset, "parts", "segmentation", classes=["road", "car"]).status_code == 201
    assert fields.targets(documents.of(dataset), "parts") == {0: "background", 1: "road", 2: "car"}


def test_key_points_get_their_skeleton(client: TestClient, dataset: str) -> None:
    answer = make(client, dataset, "pose", "keypoints", points=["nose", "tail"], edges=[[0, 1]])
    assert answer.status_code == 201
    from datasets.storage import collection

    skeleton = collection.load(dataset).skeletons["pose"]
    assert (skeleton.labels, skeleton.edges) == (["nose", "tail"], [[0, 1]])


@pytest.mark.parametrize(
    ("name", "kind", "more", "said"),
    [
        ("", "detections", {}, "letters"),
        ("1st", "detections", {}, "begins with a letter"),
        ("a.b", "detections", {}, "letters"),
        ("$where", "detections", {}, "letters"),
        ("x" * 65, "detections", {}, "at most 64"),
        ("split", "detections", {}, "Foveal uses itself"),
        ("pred_mine", "detections", {}, "Foveal uses itself"),
        ("eval_mine", "detections", {}, "Foveal uses itself"),
        ("new", "boxes", {}, "a kind of field"),
        ("new", "regression", {}, "can be labeled"),
        ("new", "temporaldetections", {}, "can be labeled"),
        ("new", "frames", {}, "can be labeled"),
        ("new", "detections", {"classes": ["cat", "cat"]}, "twice"),
        ("new", "detections", {"classes": [" "]}, "names of classes"),
        ("new", "segmentation", {"classes": [f"c{n}" for n in range(255)]}, "at most 254"),
        ("new", "detections", {"points": ["nose"]}, "key points alone"),
        ("new", "keypoints", {"points": ["nose"], "edges": [[0, 1]]}, "edges between points"),
        ("new", "keypoints", {"points": ["nose"], "edges": [[0]]}, "pairs of points"),
        ("new", "detections", {"more": 1}, "cannot be read"),
    ],
)
def test_what_is_refused(client: TestClient, dataset: str, name: str, kind: str, more: Any, said: str) -> None:
    answer = make(client, dataset, name, kind, **more)
    assert answer.status_code == 400 and said in answer.json()["error"], answer.text
    assert not store.summary(dataset).label_fields and not store.summary(dataset).classes


def test_a_name_that_is_taken_is_refused_whatever_its_case(client: TestClient, dataset: str) -> None:
    make(client, dataset, "boxes")
    assert "there already (detections)" in make(client, dataset, "Boxes").json()["error"]


def test_an_unknown_dataset_and_a_reader_without_token(client: TestClient, dataset: str) -> None:
    assert make(client, "nowhere", "boxes").status_code == 404
    answer = client.post(f"/api/fields/{dataset}", json={"name": "x", "kind": "detections"}, headers={TOKEN_HEADER: ""})
    assert answer.status_code == 403 and not store.summary(dataset).label_fields
