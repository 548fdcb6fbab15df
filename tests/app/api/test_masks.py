"""All masks of a field in one answer, as the labeler reads them."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bson import ObjectId
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api.routes import routes
from datasets.images import masks
from datasets.storage import collection, store
from datasets.workspace import Workspace

WHOLE = np.arange(60, dtype=np.uint8).reshape(6, 10)
INSIDE = np.array([[1, 0, 0, 0, 0, 0, 0, 0, 1], [0, 1, 0, 0, 0, 0, 0, 1, 0]], np.uint8)


@pytest.fixture
def client(database: Workspace, tmp_path: Path) -> Iterator[TestClient]:
    store.create("cells", {"truth": "detections", "parts": "segmentation"})
    Image.fromarray(WHOLE).save(tmp_path / "whole.png")
    objects = [
        {"_id": ObjectId(), "_cls": "Detection", "label": "cell", "bounding_box": [0, 0, 0.9, 0.3], **mask}
        for mask in ({"mask": masks.pack(INSIDE)}, {"mask_path": str(tmp_path / "gone.png")}, {})
    ]
    whole = {"_id": ObjectId(), "_cls": "Segmentation", "mask_path": str(tmp_path / "whole.png")}
    size = collection.image_metadata(10, 6, 1, "image/jpeg", 3)
    values = {"truth": {"_cls": "Detections", "detections": objects}, "parts": whole}
    collection.insert("cells", [collection.sample_document(str(tmp_path / "a.jpg"), size, **values)])
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as made:
        yield made


def address(field: str) -> str:
    return f"/api/masks/cells/{next(collection.stream('cells'))['_id']}/{field}"


def read(content: bytes) -> list[tuple[str, np.ndarray]]:
    """The masks of such a file, as its docstring says."""
    long = int.from_bytes(content[:4], "little")
    at, found = 4 + long, []
    for one in json.loads(content[4 : 4 + long]):
        width = -(-one["width"] // 8) if one["bits"] else one["width"]
        pixels = np.frombuffer(content, np.uint8, width * one["height"], at).reshape(one["height"], width)
        at += pixels.size
        found.append((one["id"], np.unpackbits(pixels, axis=1)[:, : one["width"]] if one["bits"] else pixels))
    assert at == len(content)
    return found


def test_objects_with_masks_come_as_bits_and_unreadable_ones_are_left_out(client: TestClient) -> None:
    answer = client.get(address("truth"))
    ((label, mask),) = read(answer.content)
    assert label == str(next(collection.stream("cells"))["truth"]["detections"][0]["_id"])
    assert (mask == INSIDE).all()


def test_a_whole_mask_comes_as_values(client: TestClient) -> None:
    ((_, mask),) = read(client.get(address("parts")).content)
    assert (mask == WHOLE).all()


def test_values_that_a_byte_cannot_hold_are_refused(client: TestClient, tmp_path: Path) -> None:
    Image.fromarray(WHOLE.astype(np.uint16) + 250).save(tmp_path / "whole.png")
    answer = client.get(address("parts"))
    assert (answer.status_code, answer.json()["expected"]) == (400, "values of classes up to 255")


def test_the_browser_asks_again_until_a_mask_changes(client: TestClient) -> None:
    etag = client.get(address("truth")).headers["etag"]
    again = client.get(address("truth"), headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    sample = next(collection.stream("cells"))
    collection.update("cells", [(str(sample["_id"]), {"truth.detections": sample["truth"]["detections"][1:]})])
    changed = client.get(address("truth"), headers={"If-None-Match": etag})
    assert (changed.status_code, read(changed.content)) == (200, [])


def test_what_is_not_there_is_refused(client: TestClient) -> None:
    assert client.get(address("nothing")).status_code in (400, 404)
    assert client.get(f"/api/masks/cells/{'0' * 24}/truth").status_code in (400, 404)
    plain = client.get(address("truth"), headers={"Accept-Encoding": "identity"})
    assert plain.status_code == 406
