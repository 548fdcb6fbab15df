"""Our HTTP routes on a real dataset."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api.assets import address
from app.api.routes import routes
from datasets.exchange import importing
from datasets.showing import media
from datasets.storage import store
from datasets.workspace import Workspace
from tests.helpers import make_coco_poses

HERE = "http://127.0.0.1:8501"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five images 40 x 30 with one box each, as COCO; one of them is a TIFF."""
    root = tmp_path_factory.mktemp("source")
    names = ["a.jpg", "b.jpg", "c.png", "d.png", "e.tif"]
    for number, name in enumerate(names):
        Image.new("RGB", (40, 30), (40 * number, 90, 120)).save(root / name)
    images = [{"id": n, "file_name": name, "width": 40, "height": 30} for n, name in enumerate(names)]
    boxes = [{"id": n, "image_id": n, "category_id": 1 + n % 2, "bbox": [4, 3, 20, 15]} for n in range(5)]
    classes = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    coco = {"images": images, "annotations": boxes, "categories": classes}
    (root / "labels.json").write_text(json.dumps(coco))
    return root


@pytest.fixture
def client(database: Workspace, folder: Path) -> Iterator[TestClient]:
    importing.ingest(folder, "pets", None)
    with TestClient(Starlette(routes=routes()), base_url=HERE) as made:
        yield made


def page(client: TestClient, spec: dict[str, Any], **query: Any) -> dict[str, Any]:
    answer = client.get("/api/page", params={"spec": json.dumps({"dataset": "pets", **spec}), **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_page_has_rows_with_labels(client: TestClient) -> None:
    found = page(client, {}, page=1, size=2)
    assert (found["total"], found["page"], len(found["rows"])) == (5, 1, 2)
    row = found["rows"][0]
    assert (row["name"], row["width"], row["height"]) == ("a.jpg", 40, 30)
    (label,) = row["labels"]["ground_truth"]
    assert (label["label"], label["confidence"], label["mask"]) == ("cat", None, False)
    assert label["box"] == pytest.approx([0.1, 0.1, 0.5, 0.5])


def test_behind_the_last_page_comes_the_last_page(client: TestClient) -> None:
    found = page(client, {}, page=9, size=2)
    assert (found["page"], [row["name"] for row in found["rows"]]) == (3, ["e.tif"])


def test_filters_narrow_the_page(client: TestClient) -> None:
    dogs = {"filters": [{"field": "ground_truth.label", "op": "any_of", "values": ["dog"]}]}
    assert [row["name"] for row in page(client, dogs)["rows"]] == ["b.jpg", "d.png"]


@pytest.mark.parametrize("query", [{"spec": "{"}, {"spec": '{"dataset": "pets"}', "page": "0"}, {}])
def test_a_request_that_cannot_be_read_is_explained(client: TestClient, query: dict[str, str]) -> None:
    answer = client.get("/api/page", params=query)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "expected", "found", "action"}


def test_an_unknown_dataset_is_not_found(client: TestClient) -> None:
    answer = client.get("/api/page", params={"spec": '{"dataset": "unheard"}'})
    assert (answer.status_code, answer.json()["found"]) == (404, "unheard")


def test_a_sample_has_every_field(client: TestClient) -> None:
    row = page(client, {})["rows"][0]
    found = client.get(f"/api/samples/pets/{row['id']}").json()
    assert Path(found["path"]).name == "a.jpg"
    assert "created_at" in found["values"]


@pytest.mark.parametrize("route", ["samples/pets/{}", "thumbnails/pets/{}", "media/pets/{}"])
def test_only_ids_of_known_samples_are_served(client: TestClient, route: str) -> None:
    for identity in ("0" * 24, "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd"):
        assert client.get(f"/api/{route.format(identity)}").status_code in (400, 404)


def test_a_thumbnail_is_a_small_jpeg_that_the_browser_keeps(client: TestClient) -> None:
    row = page(client, {})["rows"][0]
    answer = client.get(f"/api/thumbnails/pets/{row['id']}", params={"side": 128, "v": row["version"]})
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert "private" in answer.headers["cache-control"]
    assert "immutable" not in client.get(f"/api/thumbnails/pets/{row['id']}").headers["cache-control"]


def test_only_some_sides_are_cut(client: TestClient) -> None:
    row = page(client, {})["rows"][0]
    assert client.get(f"/api/thumbnails/pets/{row['id']}?side=257").status_code == 400


def test_media_that_browsers_do_not_show_are_converted(client: TestClient) -> None:
    rows = page(client, {})["rows"]
    kinds = [client.get(f"/api/media/pets/{row['id']}").headers["content-type"] for row in rows]
    assert kinds == ["image/jpeg", "image/jpeg", "image/png", "image/png", "image/jpeg"]


def test_tagging_is_seen_on_the_page(client: TestClient) -> None:
    ids = [row["id"] for row in page(client, {})["rows"][:2]]
    change = {"dataset": "pets", "ids": ids, "tag": "look again"}
    assert client.post("/api/tags", json=change).json() == {"changed": 2}
    assert [row["tags"] for row in page(client, {}, size=3)["rows"]] == [["look again"], ["look again"], []]
    assert client.post("/api/tags", json={**change, "remove": True}).json() == {"changed": 2}


def test_a_tag_needs_a_name(client: TestClient) -> None:
    assert client.post("/api/tags", json={"dataset": "pets", "ids": [], "tag": ""}).status_code == 400


def test_assets_with_their_version_are_kept_for_good(client: TestClient) -> None:
    answer = client.get(address("grid.js"))
    assert "immutable" in answer.headers["cache-control"]
    again = client.get("/api/assets/grid.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "immutable" not in again.headers["cache-control"]


@pytest.mark.parametrize("name", ["..%2fserver.py", "server.py", "nothing.js", "Grid.js", ".js"])
def test_only_assets_are_served(client: TestClient, name: str) -> None:
    assert client.get(f"/api/assets/{name}").status_code == 404


def test_media_of_datasets_are_known_and_others_are_not(client: TestClient, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.jpg").touch()
    (folder / "link.jpg").symlink_to(tmp_path / "other.jpg")
    assert media.knows(str(folder / "a.jpg"))
    assert not media.knows(str(folder / "labels.json"))
    assert not media.knows(str(folder / "link.jpg"))
    assert not media.knows(str(tmp_path / "other.jpg"))
    assert not media.knows("/etc/passwd")
    store.delete("pets")
    assert not media.knows(str(folder / "a.jpg"))


def test_poses_come_with_their_points_and_how_well_they_are_seen(client: TestClient, tmp_path: Path) -> None:
    importing.ingest(make_coco_poses(tmp_path / "poses", 3), "figures", None)
    row = page(client, {"dataset": "figures"})["rows"][1]
    (label,) = row["labels"]["ground_truth"]
    assert [len(part) for part in label["points"]] == [5] and label["seen"] == label["attributes"]["visible"]
    assert [point is None for point in label["points"][0]] == [seen == 0 for seen in label["seen"]]
    assert len(label["box"]) == 4
