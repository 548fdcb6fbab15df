"""`/api/history` and `/api/restore`: who changed what, and labels put back."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from datasets.storage import collection, store
from datasets.workspace import Workspace
from tests.app.api.test_queue import browser

BOX = [0.25, 0.25, 0.5, 0.5]
KEY = "a" * 24
SPEC = {"dataset": "kept"}


@pytest.fixture(scope="module")
def client(server: Workspace) -> Iterator[TestClient]:
    store.create("kept", {"boxes": "detections"})
    made = browser()
    made.post("/api/person", json={"name": "Anna"})
    yield made
    store.delete("kept")


@pytest.fixture
def sample(client: TestClient) -> Iterator[str]:
    (found,) = collection.insert("kept", [collection.sample_document("/nowhere/1.png")])
    for number, label in enumerate(({"label": "cat", "box": BOX}, {"label": "cow"})):
        operation = {
            "id": f"{found}-{number}",
            "action": "change" if number else "add",
            "label_id": KEY,
            "label": label,
        }
        client.post(f"/api/labels/kept/{found}/boxes", json={"operations": [operation]}, headers={"If-Match": "*"})
    yield found
    collection.remove("kept", [found])


def entries(client: TestClient, sample: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/history/kept/{sample}/boxes").json()["entries"]
    return found


def labels(client: TestClient, sample: str) -> list[str]:
    return [one["label"] for one in client.get(f"/api/labels/kept/{sample}/boxes").json()["labels"]]


def test_history_holds_each_label_before_and_after(client: TestClient, sample: str) -> None:
    second, first = entries(client, sample)
    (change,) = second["changes"]
    assert (second["who"], second["number"], change["label_id"], change["parts"]) == ("Anna", 2, KEY, ["label"])
    assert (change["before"]["label"], change["after"]["label"], change["after"]["box"]) == ("cat", "cow", BOX)
    assert first["changes"][0]["before"] is None and first["made"].endswith("Z")
    whole = client.get("/api/history/kept/boxes?most=1").json()["entries"]
    assert [(one["id"], one["name"], one["change"], one["add"]) for one in whole] == [(second["id"], "1.png", 1, 0)]
    older = client.get("/api/history/kept/boxes", params={"before": second["made"]}).json()["entries"]
    assert [one["id"] for one in older][:1] in ([first["id"]], [])


def test_an_image_is_restored_and_the_restore_undone(client: TestClient, sample: str) -> None:
    address, first = f"/api/restore/kept/{sample}/boxes", entries(client, sample)[1]
    shown = client.post(address, json={"after": first["id"], "preview": True}).json()
    assert (shown["changed"], shown["labels"][0]["label"], labels(client, sample)) == (1, "cat", ["cow"])
    assert client.post(address, json={"after": first["id"]}).status_code == 428
    stale = client.post(address, json={"after": first["id"]}, headers={"If-Match": "0" * 32})
    assert stale.status_code == 412 and stale.json()["ours"][0]["label"] == "cat"
    saved = client.post(address, json={"after": first["id"], "labels": [KEY]}, headers={"If-Match": shown["etag"]})
    assert saved.status_code == 200 and labels(client, sample) == ["cat"]
    client.post(f"/api/undo/kept/{saved.json()['entry']}")
    assert labels(client, sample) == ["cow"]


def test_a_view_is_restored_and_the_restore_undone(client: TestClient, sample: str) -> None:
    wanted = {"spec": SPEC, "to": entries(client, sample)[1]["made"], "id": f"r-{sample}"}
    shown = client.post("/api/restore/kept/boxes", json=wanted).json()
    assert (shown["samples"], shown["changed"], shown["rows"][0]["name"]) == (1, 1, "1.png")
    done = client.post("/api/restore/kept/boxes", json={**wanted, "seen": shown["seen"]}).json()
    assert done == {"done": 1, "left": 0, "skipped": []} and labels(client, sample) == ["cat"]
    assert client.post(f"/api/unrestore/kept/r-{sample}").json()["done"] == 1
    assert labels(client, sample) == ["cow"]


def test_what_cannot_be_is_refused_with_a_reason(client: TestClient, sample: str) -> None:
    address = f"/api/restore/kept/{sample}/boxes"
    match = {"If-Match": "*"}
    for answer, status in (
        (client.post(address, json={}, headers=match), 400),
        (client.post(address, json={"after": "x", "to": "2026-01-01T00:00:00Z"}, headers=match), 400),
        (client.post(address, json={"after": "0" * 24}, headers=match), 404),
        (client.post(address, json={"to": "yesterday"}, headers=match), 400),
        (client.post("/api/restore/kept/boxes", json={"spec": {"dataset": "x"}, "to": "2026-01-01T00:00Z"}), 400),
        (
            client.post(
                "/api/restore/kept/boxes", json={"spec": SPEC, "to": "2026-01-01T00:00Z", "seen": "2026-01-01T00:00Z"}
            ),
            400,
        ),
        (client.post("/api/unrestore/kept/a%20b"), 400),
        (client.get("/api/history/kept/boxes?before=soon"), 400),
        (client.get("/api/history/kept/boxes?most=0"), 400),
        (client.get(f"/api/history/kept/{'0' * 24}/boxes"), 404),
        (client.get(f"/api/history/kept/{sample}/boxes/{'0' * 24}/{KEY}/mask"), 404),
    ):
        assert answer.status_code == status and answer.json()["error"], answer.text
