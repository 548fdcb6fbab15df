"""Proposals over HTTP: counted, taken over once, and what is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api.routes import routes
from datasets.editing import labels
from datasets.records import Label
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.workspace import Workspace

NAME = "offered"
HERE = f"/api/proposals/{NAME}/boxes"


@pytest.fixture
def client(database: Workspace) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as made:
        yield made


@pytest.fixture
def samples(client: TestClient) -> list[str]:
    store.create(NAME, {"boxes": "detections", "pred_r1": "detections", "mask": "segmentation"})
    sure = to_document("detections", [Label("cat", (0.1, 0.1, 0.3, 0.3), 0.9), Label("dog", (0.5, 0.5, 0.3, 0.3), 0.6)])
    return collection.insert(NAME, [collection.sample_document(f"/nowhere/{n}.png", pred_r1=sure) for n in range(3)])


def test_proposals_are_counted_then_taken_over_once(client: TestClient, samples: list[str]) -> None:
    body: dict[str, Any] = {"source": "pred_r1", "spec": {"dataset": NAME}, "threshold": 0.7}
    counted = client.post(HERE, json={**body, "preview": True}).json()
    assert (counted["taken"], counted["samples"], counted["fates"]["weak"]) == (3, 3, 3)
    assert not labels.read(NAME, samples[0], "boxes").labels
    assert client.post(HERE, json={**body, "request": "one-1"}).json() == counted
    again = client.post(HERE, json={**body, "request": "one-1"}).json()
    assert (again["taken"], again["fates"]["taken before"]) == (0, 3)
    assert [one.label for one in labels.read(NAME, samples[0], "boxes").labels] == ["cat"]


def test_samples_and_classes_may_be_named(client: TestClient, samples: list[str]) -> None:
    body = {"source": "pred_r1", "ids": samples[:1], "classes": ["dog"], "request": "one-2"}
    assert client.post(HERE, json=body).json()["fates"] | {} == {
        "taken": 1, "other class": 1, "weak": 0, "covered": 0, "taken before": 0, "no room": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"preview": True}, "either spec or ids"),
        ({"ids": []}, "such as a UUID"),
        ({"spec": {"dataset": "other"}, "preview": True}, "two datasets"),
        ({"ids": [], "threshold": 1.5}, "less than or equal"),
        ({"ids": [], "preview": True, "source": "mask"}, "another field of the kind"),
        ({"ids": [], "preview": True, "source": "none"}, "none"),
    ],
)
def test_what_does_not_fit_is_refused(client: TestClient, samples: list[str], body: dict[str, Any], words: str) -> None:
    answer = client.post(HERE, json={"source": "pred_r1", **body})
    assert answer.status_code in (400, 404)
    assert words in answer.text
