"""`/api/agreement` and `/api/consensus`."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from datasets.records import Label
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.workspace import Workspace
from tests.app.api.test_queue import browser

SPEC = {"dataset": "voices"}
PEOPLE = ["anna", "boris"]


@pytest.fixture(scope="module")
def client(server: Workspace) -> Iterator[TestClient]:
    store.create("voices", {**dict.fromkeys(PEOPLE, "classification"), "points": "keypoints"})
    names = (("cat", "cat"), ("dog", "dog"), ("cat", "dog"))
    made = [collection.sample_document(f"/nowhere/{n}.png",
                                       **{field: to_document("classification", [Label(name)])
                                          for field, name in zip(PEOPLE, pair, strict=True)})
            for n, pair in enumerate(names)]  # fmt: skip
    collection.insert("voices", made)
    yield browser()
    store.delete("voices")


def test_people_are_compared_and_the_report_is_kept(client: TestClient) -> None:
    answer = client.post("/api/agreement/voices", json={"spec": SPEC, "fields": PEOPLE})
    found = answer.json()
    assert (answer.status_code, found["state"]) == (200, "done")
    assert found["result"]["kappa"] == pytest.approx(0.4) and found["result"]["disagreement"] == "disagreement"
    kept = client.get("/api/agreement/voices").json()
    assert kept["reports"] == [found["result"]] and kept["works"][0]["state"] == "done"


def test_the_consensus_becomes_a_field(client: TestClient) -> None:
    answer = client.post("/api/consensus/voices", json={"spec": SPEC, "fields": PEOPLE, "into": "both"})
    assert answer.json()["result"] == {"samples": 3, "labels": 2, "undecided": 1, "kept": []}
    assert store.summary("voices").class_counts["both"] == {"cat": 1, "dog": 1}


@pytest.mark.parametrize(("path", "wrong"), [
    ("agreement", {"fields": ["anna"]}),
    ("agreement", {"fields": ["anna", "points"]}),
    ("agreement", {"fields": ["anna", "nobody"]}),
    ("agreement", {"fields": PEOPLE, "threshold": 0}),
    ("agreement", {"fields": PEOPLE, "into": "a b"}),
    ("agreement", {"fields": PEOPLE, "into": "filepath"}),
    ("agreement", {"fields": PEOPLE, "spec": {"dataset": "pets"}}),
    ("consensus", {"fields": PEOPLE, "into": "anna"}),
    ("consensus", {"fields": PEOPLE, "into": "both", "rule": "loudest"}),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_a_reason(client: TestClient, path: str, wrong: dict[str, object]) -> None:
    answer = client.post(f"/api/{path}/voices", json={"spec": SPEC, **wrong})
    assert answer.status_code == 400 and answer.json()["error"], answer.text
