"""Labels over HTTP, behind the guard: versions, conflicts, masks, undo, and what is refused."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app.access.launch import Launch
from app.access.seal import seal
from app.api import labels
from app.api.routes import routes
from app.guard import TOKEN_HEADER, Guard
from datasets.records import Label
from datasets.storage import collection, layout, store
from datasets.storage.labels import to_document
from datasets.workspace import Workspace

HERE = "http://127.0.0.1:8501"
LAUNCH = Launch()
BOX = [0.1, 0.1, 0.5, 0.5]
METADATA = collection.image_metadata(40, 30, 1, "image/png", 3)


@pytest.fixture(scope="module")
def client(server: Workspace) -> Iterator[TestClient]:
    """A browser that opened the printed address and was given its token to write."""
    store.create("pets", {"boxes": "detections", "mask": "segmentation", "points": "keypoints"}, ["cat", "dog"])
    app = Starlette(routes=routes(), middleware=[Middleware(Guard, host="127.0.0.1", launch=LAUNCH)])
    with TestClient(app, base_url=HERE) as made:
        made.get(f"/?token={LAUNCH.token}")
        reader = seal().reader(made.cookies["foveal_8501"])
        made.headers[TOKEN_HEADER] = seal().issue("write", str(reader))
        yield made
    store.delete("pets")


@pytest.fixture
def sample(client: TestClient) -> str:
    boxes = to_document("detections", [Label("cat", (0.1, 0.1, 0.5, 0.5)), Label("dog", (0.5, 0.5, 0.25, 0.25))])
    return collection.insert("pets", [collection.sample_document("/nowhere/1.png", METADATA, boxes=boxes)])[0]


@pytest.fixture
def here(sample: str) -> str:
    return f"/api/labels/pets/{sample}/boxes"


def operation(here: str, number: int, action: str, label_id: str = "", **label: Any) -> dict[str, Any]:
    return {"id": f"{here.split('/')[4]}-{number}", "action": action, "label_id": label_id, "label": label}


def post(client: TestClient, address: str, etag: str, *operations: Any) -> Any:
    return client.post(address, json={"operations": operations}, headers={"If-Match": etag})


def names(client: TestClient, address: str) -> list[str]:
    return [one["label"] for one in client.get(address).json()["labels"]]


def test_labels_are_read_with_their_version(client: TestClient, here: str) -> None:
    answer = client.get(here)
    cat, dog = answer.json()["labels"]
    assert cat == {"id": cat["id"], "label": "cat", "box": BOX, "crowd": False, "mask": False, "tags": [],
                   "attributes": {}}  # fmt: skip
    assert answer.headers["etag"] == f'"{answer.json()["etag"]}"' and dog["label"] == "dog"
    again = client.get(here, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_change_is_made_once_and_undone(client: TestClient, here: str, sample: str) -> None:
    answer = client.get(here)
    cat, dog = (one["id"] for one in answer.json()["labels"])
    sent = [operation(here, 1, "change", cat, label="cow"), operation(here, 2, "delete", dog)]
    first = post(client, here, answer.headers["etag"], *sent)
    assert first.status_code == 200 and names(client, here) == ["cow"]
    again = post(client, here, answer.headers["etag"], *sent)
    assert again.json() == {**first.json(), "repeated": [one["id"] for one in sent]}
    (entry,) = client.get(f"/api/journal/pets/{sample}/boxes").json()["entries"]
    assert (
        entry["id"] == first.json()["entry"] and entry["who"].startswith("reader ") and entry["who"] != "reader unknown"
    )
    assert [one["action"] for one in entry["changes"]] == ["change", "delete"]
    undone = client.post(f"/api/undo/pets/{entry['id']}")
    assert undone.json()["etag"] == answer.json()["etag"] and names(client, here) == ["cat", "dog"]


def test_a_stale_write_gets_both_versions(client: TestClient, here: str) -> None:
    old = client.get(here)
    cat, dog = old.json()["labels"]
    theirs = post(client, here, "*", operation(here, 1, "change", cat["id"], label="cow"))
    mine = operation(here, 2, "change", cat["id"], label="ant")
    for answer in (
        post(client, here, old.headers["etag"], mine),
        client.put(here, json={"labels": [{**cat, "label": "ant"}, dog]}, headers={"If-Match": old.headers["etag"]}),
    ):
        told = answer.json()
        assert answer.status_code == 412 and {"error", "expected", "found", "action"} <= told.keys()
        assert [one["label"] for one in told["ours"]] == ["ant", "dog"]
        assert [one["label"] for one in told["stored"]["labels"]] == ["cow", "dog"]
        assert told["stored"]["etag"] == theirs.json()["etag"] == answer.headers["etag"].strip('"')
    assert names(client, here) == ["cow", "dog"]
    assert post(client, here, answer.headers["etag"], mine).status_code == 200
    stale = client.post(f"/api/undo/pets/{theirs.json()['entry']}")
    assert (stale.status_code, [one["label"] for one in stale.json()["ours"]]) == (412, ["cow"])


def test_what_was_read_can_be_put_back(client: TestClient, here: str, sample: str) -> None:
    where = {"_id": layout.object_id(sample)}
    collection.update_where("pets", where, {"$set": {"boxes.detections.$[].vector": b"\x01"}})
    answer = client.get(here)
    same = client.put(here, json={"labels": answer.json()["labels"]}, headers={"If-Match": answer.headers["etag"]})
    assert same.json() == {"etag": answer.json()["etag"], "entry": None, "repeated": []}
    cat = answer.json()["labels"][0]
    body = {"labels": [{**cat, "label": "cow"}, {"label": "hen", "box": [0, 0, 0.5, 0.5], "attributes": {"age": 3}}]}
    assert client.put(here, json=body, headers={"If-Match": answer.headers["etag"]}).status_code == 200
    cow, hen = next(collection.by_ids("pets", [sample]))["boxes"]["detections"]
    assert (cow["label"], cow["vector"], hen["label"], hen["age"]) == ("cow", b"\x01", "hen", 3)


def test_masks_come_as_images(client: TestClient, here: str, sample: str) -> None:
    cat = client.get(here).json()["labels"][0]["id"]
    assert post(client, here, "*", operation(here, 1, "change", cat, mask=encoded(20, 15))).status_code == 200
    assert client.get(here).json()["labels"][0]["mask"] is True
    wrong = post(client, here, "*", operation(here, 2, "change", cat, mask=encoded(21, 30)))
    assert (wrong.status_code, "20 x 15" in wrong.json()["expected"]) == (400, True)
    whole = f"/api/labels/pets/{sample}/mask"
    assert post(client, whole, "*", operation(here, 3, "add", mask=encoded(40, 30))).status_code == 200
    (mask,) = client.get(whole).json()["labels"]
    assert mask["mask"] is True and "label" not in mask
    post(client, here, "*", operation(here, 4, "change", cat, mask=None))
    assert client.get(here).json()["labels"][0]["mask"] is False


def test_an_unseen_keypoint_is_null(client: TestClient, here: str, sample: str) -> None:
    address, points = f"/api/labels/pets/{sample}/points", [[[0.5, 0.5], [None, None]]]
    assert post(client, address, "*", operation(here, 1, "add", label="hand", points=points)).status_code == 200
    answer = client.get(address)
    assert answer.json()["labels"][0]["points"] == points
    same = client.put(address, json={"labels": answer.json()["labels"]}, headers={"If-Match": "*"})
    assert same.json()["entry"] is None


@pytest.mark.parametrize(
    "address", ["pets/{}/nothing", "pets/{}/split", "pets/" + "f" * 24 + "/boxes", "unheard/{}/boxes"]
)
def test_what_is_not_there_is_404(client: TestClient, sample: str, address: str) -> None:
    address = f"/api/labels/{address.format(sample)}"
    for answer in (client.get(address), post(client, address, "*", operation(address, 1, "delete", "f" * 24))):
        assert answer.status_code == 404 and set(answer.json()) == {"error", "expected", "found", "action"}
        assert answer.json()["found"]
    assert client.post("/api/undo/pets/" + "f" * 24).status_code == 404


def test_a_write_must_name_its_version_and_be_allowed(client: TestClient, here: str) -> None:
    body = {"operations": [operation(here, 1, "delete", client.get(here).json()["labels"][0]["id"])]}
    assert client.post(here, json=body).status_code == 428
    assert client.put(here, json={"labels": []}).status_code == 428
    headers = {"If-Match": "*", TOKEN_HEADER: "none"}
    for method, address in (("POST", here), ("PUT", here), ("POST", "/api/undo/pets/" + "f" * 24)):
        assert client.request(method, address, json=body, headers=headers).status_code == 403
    assert names(client, here) == ["cat", "dog"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"\xff", b"[" * 5000, b'{"operations": []}', b'{"operations": [{"id": "x"}]}',
        *(json.dumps({"operations": [{"id": "op-00", "action": "add", **more}]}).encode() for more in (
            {}, {"label": {"label": "a"}}, {"label": {"label": "a", "box": [0, 0, 0, 0]}},
            {"label": {"label": "a\nb", "box": BOX}}, {"label": {"label": "a\0", "box": BOX}},
            {"label": {"label": "\ud800", "box": BOX}}, {"label": {"label": "a", "box": [0, 0, 1e308, 1]}},
            {"label": {"label": "a", "box": [0, 0, float("nan"), 1]}}, {"label": {"label": "a", "box": [5, 0, 1, 1]}},
            {"label": {"label": "a", "box": BOX, "mask_path": "/etc/passwd"}},
            {"label": {"label": "a", "box": BOX, "mask": "AAAA"}}, {"label": {"label": "a", "box": BOX, "mask": "%"}},
            {"label": {"label": "a", "box": BOX, "attributes": {"mask_path": "/etc/passwd"}}},
            {"label": {"label": "a", "box": BOX, "attributes": {"a.b": 1}}},
            {"label": {"label": "a", "box": BOX, "attributes": {"$set": 1}}},
            {"label": {"label": "a", "box": BOX, "attributes": {"n": 2**70}}},
            {"label": {"label": "a", "box": BOX, "attributes": {"n": {"deep": 1}}}},
            {"label": {"label": "a", "box": BOX, "confidence": 2}},
            {"label": {"label": "a", "box": BOX}, "label_id": "x"},
            {"label": {"label": "a", "box": BOX, "points": [[[0, 0]]] * 2, "support": [2, 1]}},
        )),
    ],
)  # fmt: skip
def test_odd_bodies_are_refused_in_words(client: TestClient, here: str, body: bytes) -> None:
    for method in ("POST", "PUT"):
        answer = client.request(method, here, content=body, headers={"If-Match": "*"})
        assert answer.status_code == 400, answer.text
        assert set(answer.json()) == {"error", "expected", "found", "action"} and answer.json()["expected"]
    assert names(client, here) == ["cat", "dog"]


def test_a_body_has_a_limit(client: TestClient, here: str) -> None:
    answer = client.put(here, content=b" " * (labels.LARGEST + 1), headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["expected"]) == (413, "a body of at most 8 MB")


def encoded(width: int, height: int) -> str:
    with io.BytesIO() as stream:
        Image.fromarray(np.full((height, width), 255, np.uint8)).save(stream, format="PNG")
        return base64.b64encode(stream.getvalue()).decode()
