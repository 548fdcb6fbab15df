"""Schemas over HTTP: versions, conflicts, one class more, and what is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api.routes import routes
from datasets.records import Label
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.workspace import Workspace


@pytest.fixture
def client(database: Workspace) -> Iterator[TestClient]:
    store.create("pets", {"boxes": "detections", "mask": "segmentation"}, ["cat", "dog"])
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as made:
        yield made


def put(client: TestClient, schema: Any, etag: str) -> Any:
    return client.put("/api/schema/pets/boxes", json=schema, headers={"If-Match": etag})


def test_a_schema_is_read_changed_and_read_again(client: TestClient) -> None:
    answer = client.get("/api/schema/pets/boxes")
    schema = answer.json()
    assert [one["name"] for one in schema["classes"]] == ["cat", "dog"]
    assert schema["rules"] == {"smallest": 0, "inside": False, "overlap": None} and schema["skeleton"] is None
    schema["classes"][0] |= {"colour": "#123456", "hotkey": "c"}
    saved = put(client, schema, answer.headers["etag"])
    assert saved.status_code == 200 and saved.json() == schema
    again = client.get("/api/schema/pets/boxes", headers={"If-None-Match": saved.headers["etag"]})
    assert again.status_code == 304


def test_a_write_on_an_old_version_shows_the_stored_one(client: TestClient) -> None:
    answer = client.get("/api/schema/pets/boxes")
    assert client.post("/api/schema/pets/boxes/classes", json={"name": "cow"}).status_code == 200
    refused = put(client, answer.json(), answer.headers["etag"])
    assert refused.status_code == 412
    assert [one["name"] for one in refused.json()["stored"]["schema"]["classes"]] == ["cat", "dog", "cow"]
    assert put(client, refused.json()["stored"]["schema"], refused.headers["etag"]).status_code == 200


def test_a_class_of_pixels_gets_its_value(client: TestClient) -> None:
    made = client.post("/api/schema/pets/mask/classes", json={"name": "road"}).json()
    assert made["classes"] == [{"name": "road", "colour": None, "hotkey": None, "value": 1, "kept": {}}]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"classes": [{"name": ""}]}, 400), ({"classes": 1}, 400), ({"classes": [{"name": "a", "value": "1"}]}, 400)],
)
def test_what_is_no_schema_is_refused(client: TestClient, body: Any, status: int) -> None:
    assert put(client, body, "*").status_code == status


def test_a_write_must_name_a_version_and_a_field_must_exist(client: TestClient) -> None:
    assert client.put("/api/schema/pets/boxes", json={}).status_code == 428
    assert client.get("/api/schema/pets/nothing").status_code == 404
    assert client.get("/api/schema/nobody/boxes").status_code == 404


def test_the_rules_of_a_sample_are_told(client: TestClient) -> None:
    assert put(client, {"classes": [{"name": "cat"}]}, "*").status_code == 200
    boxes = to_document("detections", [Label("cow", (0.1, 0.1, 0.5, 0.5))])
    (sample,) = collection.insert("pets", [collection.sample_document("/nowhere/1.png", boxes=boxes)])
    (problem,) = client.get(f"/api/rules/pets/boxes/{sample}").json()["problems"]
    assert (problem["rule"], problem["found"], problem["title"]) == (
        "class", "'cow'", "class that the schema does not hold")  # fmt: skip
    assert client.get(f"/api/rules/pets/boxes/{'0' * 24}").status_code == 404
