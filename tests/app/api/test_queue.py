"""`/api/queue` and `/api/person`, through the guard, as two browsers use them."""

import json
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
from datasets.storage import collection, store
from datasets.workspace import Workspace

HERE = "http://127.0.0.1:8501"
LAUNCH = Launch()
QUEUE = "/api/queue/lined/boxes"
SPEC = {"dataset": "lined"}


def browser() -> TestClient:
    """One that opened the printed address and was given its token to write."""
    app = Starlette(routes=routes(), middleware=[Middleware(Guard, host="127.0.0.1", launch=LAUNCH)])
    made = TestClient(app, base_url=HERE)
    made.get(f"/?token={LAUNCH.token}")
    made.headers[TOKEN_HEADER] = seal().issue("write", str(seal().reader(made.cookies["foveal_8501"])))
    return made


@pytest.fixture(scope="module")
def dataset(server: Workspace) -> Iterator[None]:
    store.create("lined", {"boxes": "detections"})
    yield
    store.delete("lined")


@pytest.fixture
def samples(dataset: None) -> Iterator[list[str]]:
    found = collection.insert("lined", [collection.sample_document(f"/nowhere/{n}.png") for n in range(3)])
    yield found
    collection.remove("lined", found)


@pytest.fixture
def anna(dataset: None) -> TestClient:
    made = browser()
    assert made.post("/api/person", json={"name": "  Anna   Müller "}).json()["name"] == "Anna Müller"
    return made


def get(client: TestClient, **query: Any) -> Any:
    return client.get(QUEUE, params={"spec": json.dumps(SPEC), **query})


def following(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post(f"{QUEUE}/next", json={"spec": SPEC, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_name_is_chosen_once_and_signs_what_is_saved(anna: TestClient, samples: list[str]) -> None:
    assert anna.get("/api/person").json() == {"name": "Anna Müller", "who": "Anna Müller"}
    nobody = browser().get("/api/person").json()
    assert nobody["name"] is None and nobody["who"].startswith("reader ")
    label = {"id": "person-1", "action": "add", "label": {"label": "cat", "box": [0.1, 0.1, 0.2, 0.2]}}
    there = f"lined/{samples[0]}/boxes"
    answer = anna.post(f"/api/labels/{there}", json={"operations": [label]}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    (entry,) = anna.get(f"/api/journal/{there}").json()["entries"]
    assert entry["who"] == "Anna Müller"
    (row, *_) = get(anna).json()["rows"]
    assert (row["state"], row["by"]) == ("draft", "Anna Müller")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 61, "Reader 12", "\x00"])
def test_a_strange_name_is_refused(anna: TestClient, name: str) -> None:
    answer = anna.post("/api/person", json={"name": name})
    assert answer.status_code == 400 and "name" in answer.json()["expected"]
    assert anna.get("/api/person").json()["name"] == "Anna Müller"


def test_a_forged_name_is_nobody(dataset: None) -> None:
    client = browser()
    for forged in ("1.QW5uYQ==.abc", seal().issue("read"), seal().issue("person", name="%%%"), "."):
        client.cookies.set("foveal_8501_person", forged, domain="127.0.0.1")
        assert client.get("/api/person").json()["name"] is None


def test_a_page_of_the_queue(anna: TestClient, samples: list[str]) -> None:
    found = get(anna, page=2, size=2).json()
    assert (found["total"], found["page"], found["size"], found["counts"]["unlabeled"]) == (3, 2, 2, 3)
    assert found["rows"] == [{"id": samples[2], "name": "2.png", "width": 4, "height": 3, "version": "0",
                              "state": "unlabeled", "by": "", "comment": "", "holder": None}]  # fmt: skip
    assert get(anna, state="done").json()["total"] == 0


def test_two_people_get_two_samples_and_the_holder_is_named(anna: TestClient, samples: list[str]) -> None:
    other = browser()
    first, second = following(anna)["row"], following(other)["row"]
    assert [first["id"], second["id"]] == samples[:2]
    assert first["holder"]["who"] == "Anna Müller" and first["holder"]["mine"] is True
    assert get(other).json()["rows"][0]["holder"]["mine"] is False
    refused = other.post(f"{QUEUE}/{samples[0]}", json={"action": "done"})
    assert refused.status_code == 409 and refused.json()["holder"]["who"] == "Anna Müller"
    assert {"error", "expected", "found", "action"} <= refused.json().keys()
    done = anna.post(f"{QUEUE}/{samples[0]}", json={"action": "done", "seconds": 3.5, "clicks": 4, "labels": 2})
    assert done.json()["row"]["state"] == "done" and done.json()["row"]["holder"] is None
    assert following(anna, after=samples[0])["row"]["id"] == samples[2]
    third = following(browser())
    assert (third["row"], third["why"], len(third["held"])) == (None, "held", 2)
    assert following(anna, states=["rejected"]) == {"row": None, "why": "done", "held": []}


def test_two_tabs_of_one_browser_get_two_samples(anna: TestClient, samples: list[str]) -> None:
    ids = []
    for tab in ("t-1", "t-2", "t-1"):
        anna.headers["x-foveal-session"] = tab
        ids.append(following(anna)["row"]["id"])
    assert ids == [samples[0], samples[1], samples[0]]


def test_what_cannot_be_is_refused_with_a_reason(anna: TestClient, samples: list[str]) -> None:
    place = f"{QUEUE}/{samples[0]}"
    for answer, status in (
        (get(anna, state="lost"), 400),
        (get(anna, page="x"), 400),
        (anna.get(QUEUE, params={"spec": json.dumps({"dataset": "pets"})}), 400),
        (anna.post(f"{QUEUE}/next", json={"spec": {"dataset": "pets"}}), 400),
        (anna.post(place, json={"action": "steal"}), 400),
        (anna.post(place, json={"action": "done", "seconds": -1}), 400),
        (anna.post(place, json={"action": "accept"}), 400),
        (anna.post(place, json={"action": "lease"}, headers={"x-foveal-session": "a b"}), 400),
        (anna.post(f"{QUEUE}/{'0' * 24}", json={"action": "lease"}), 404),
        (anna.get("/api/queue/lined/nonsense", params={"spec": json.dumps(SPEC)}), 404),
        (anna.post(place, json={"action": "lease"}, headers={TOKEN_HEADER: ""}), 403),
    ):
        assert answer.status_code == status and answer.json()["error"], answer.text


def test_progress_tells_what_a_label_costs(anna: TestClient, samples: list[str]) -> None:
    anna.post(f"{QUEUE}/{samples[0]}", json={"action": "done", "seconds": 9, "clicks": 6, "labels": 3, "id": "step-1"})
    anna.post(f"{QUEUE}/{samples[0]}", json={"action": "done", "seconds": 9, "clicks": 6, "labels": 3, "id": "step-1"})
    found = anna.get("/api/progress/lined/boxes", params={"spec": json.dumps(SPEC)}).json()
    assert found["left"] == 2 and found["counts"]["done"] == 1 and found["seconds_left"] == 18
    (share,) = found["people"]
    assert (share["who"], share["done"], share["seconds_per_label"], share["clicks_per_label"]) == (
        "Anna Müller",
        1,
        3,
        2,
    )
