"""Masks and maps of mistakes as pictures, by dataset, sample and field alone."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bson import ObjectId
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api.routes import routes
from app.components.palette import colouring, rgb
from datasets.storage import collection, documents, store
from datasets.workspace import Workspace

NAMES = {"0": "background", "1": "road", "2": "car"}


@pytest.fixture
def client(database: Workspace, tmp_path: Path) -> Iterator[TestClient]:
    truth = np.zeros((60, 80), np.uint8)
    truth[30:], truth[35:50, 20:40] = 1, 2
    found = np.roll(truth, 4, 1)
    store.create("scenes", {"truth": "segmentation", "pred_a": "segmentation"})
    documents.update("scenes", {"default_mask_targets": NAMES})
    fields = {}
    for name, mask in (("truth", truth), ("pred_a", found)):
        Image.fromarray(mask).save(tmp_path / f"{name}.png")
        fields[name] = {"_id": ObjectId(), "_cls": "Segmentation", "mask_path": str(tmp_path / f"{name}.png")}
    size = collection.image_metadata(80, 60, 1, "image/jpeg", 3)
    collection.insert("scenes", [collection.sample_document(str(tmp_path / "a.jpg"), size, **fields)])
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as made:
        yield made


def first() -> str:
    return str(next(collection.stream("scenes"))["_id"])


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def test_classes_are_painted_as_the_browser_colours_them(client: TestClient) -> None:
    answer = client.get(f"/api/overlay/scenes/{first()}/truth")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    picture, colours = pixels(answer.content), colouring(NAMES.values())
    assert tuple(picture[40, 30]) == (*rgb(colours["car"]), 255)
    assert tuple(picture[55, 5]) == (*rgb(colours["road"]), 255)
    assert picture[5, 5, 3] == 0


def test_a_picture_comes_in_the_side_asked_for(client: TestClient) -> None:
    small = client.get(f"/api/overlay/scenes/{first()}/truth?side=128&style=contour&only=car").content
    assert pixels(small).shape == (60, 80, 4)
    answer = client.get(f"/api/overlay/scenes/{first()}/truth?side=100")
    assert (answer.status_code, answer.json()["expected"]) == (400, "side as one of 128, 256, 512, 1024, 2048")
    for query in ("style=dotted", "by=size", "least=much"):
        assert client.get(f"/api/overlay/scenes/{first()}/truth?{query}").status_code == 400


def test_the_map_of_mistakes_is_red_and_blue(client: TestClient) -> None:
    picture = pixels(client.get(f"/api/errors/scenes/{first()}/truth/pred_a?only=car").content)
    red, blue = picture[40, 41, :3].astype(int), picture[40, 21, :3].astype(int)
    assert red[0] > red[2] + 100
    assert blue[2] > blue[0] + 100
    assert client.get(f"/api/errors/scenes/{first()}/truth/pred_a?only=dog").status_code == 400


def test_the_browser_asks_again_and_is_told_that_nothing_changed(client: TestClient, tmp_path: Path) -> None:
    address = f"/api/overlay/scenes/{first()}/truth"
    answer = client.get(address)
    assert answer.headers["cache-control"] == "private, no-cache"
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    Image.fromarray(np.ones((60, 80), np.uint8)).save(tmp_path / "truth.png")
    changed = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert changed.status_code == 200
    assert "immutable" in client.get(f"{address}?v=1").headers["cache-control"]


@pytest.mark.parametrize(
    "address", ["overlay/scenes/{}/nothing", "overlay/none/{}/truth", "errors/scenes/{}/truth/tags"]
)
def test_only_masks_of_known_samples_and_fields_are_served(client: TestClient, address: str) -> None:
    for identity in (first(), "0" * 24, "..%2f..%2fetc%2fpasswd"):
        assert client.get(f"/api/{address.format(identity)}").status_code in (400, 404)
    assert client.get(f"/api/overlay/scenes/{'0' * 24}/truth").status_code in (400, 404)


def test_the_mask_of_one_label_is_a_stencil(client: TestClient) -> None:
    document = next(collection.stream("scenes"))
    address = f"/api/mask/scenes/{document['_id']}/truth"
    picture = pixels(client.get(f"{address}/{document['truth']['_id']}").content)
    assert (picture[..., 3] > 0).sum() == 30 * 80
    assert picture[55, 5].tolist() == [255] * 4
    assert client.get(f"{address}/{'0' * 24}").status_code == 404


def test_a_row_tells_when_its_masks_change(client: TestClient, tmp_path: Path) -> None:
    def masks() -> dict[str, str]:
        row = client.get("/api/page", params={"spec": '{"dataset": "scenes"}'}).json()["rows"][0]
        assert row["labels"]["truth"][0]["mask"] is True
        found: dict[str, str] = row["masks"]
        return found

    before = masks()
    assert set(before) == {"truth", "pred_a"}
    collection.update("scenes", [(first(), {"truth._id": ObjectId()})])
    assert masks()["truth"] != before["truth"]
    assert masks()["pred_a"] == before["pred_a"]
