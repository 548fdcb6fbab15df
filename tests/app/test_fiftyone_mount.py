"""FiftyOne behind its door: which files it may hand out, and that it is loaded late."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pillow_heif
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from app import fiftyone_mount
from datasets.showing import media as known_media
from datasets.workspace import Workspace
from tests.helpers import make_image

ROOT = Path(__file__).parents[2]


async def media(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.query_params["filepath"])


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """FiftyOne's place taken by an app that would hand out anything, as FiftyOne does."""
    stand_in = Starlette(routes=[Route("/media", media), Route("/other", media)])
    monkeypatch.setattr(fiftyone_mount, "_loaded", [stand_in])
    monkeypatch.setattr(known_media, "knows", lambda path: path == "/known/a.jpg")
    return TestClient(Starlette(routes=[Mount("/fo", app=fiftyone_mount.fiftyone)]), base_url="http://127.0.0.1:8501")


def test_files_of_datasets_pass(client: TestClient) -> None:
    answer = client.get("/fo/other", params={"filepath": "/known/a.jpg"})
    assert (answer.status_code, answer.text) == (200, "/known/a.jpg")


@pytest.mark.parametrize("place", ["/fo/media", "/fo/media/", "/fo//media"])
def test_media_are_served_by_their_content_in_place_of_fiftyone(
    place: str, client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = make_image(tmp_path / "a.png").rename(tmp_path / "a.html")
    monkeypatch.setattr(known_media, "knows", lambda _: True)
    answer = client.get(place, params={"filepath": str(path)})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == path.read_bytes() and "sandbox" in answer.headers["content-security-policy"]
    part = client.get(place, params={"filepath": str(path)}, headers={"Range": "bytes=0-7"})
    assert (part.status_code, part.content) == (206, path.read_bytes()[:8])
    path.write_text("<script>alert(1)</script>")
    assert client.get(place, params={"filepath": str(path)}).status_code == 404


def test_photos_that_browsers_do_not_show_come_as_jpeg(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workspace: Workspace
) -> None:
    monkeypatch.setattr(known_media, "knows", lambda _: True)
    pillow_heif.register_heif_opener()  # to write one
    for name in ("a.heic", "a.ppm", "a.tga", "a.jp2"):
        path = make_image(tmp_path / name)
        answer = client.get("/fo/media", params={"filepath": str(path)})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), name
        assert answer.content[:3] == b"\xff\xd8\xff"
    kept = make_image(tmp_path / "mask.tif", mode="I;16")
    assert client.get("/fo/media", params={"filepath": str(kept)}).content == kept.read_bytes()


@pytest.mark.parametrize(
    "query", ["filepath=/etc/passwd", "filepath=/known/a.jpg&filepath=/etc/passwd", "filepath=../x"]
)
def test_other_files_do_not(client: TestClient, query: str) -> None:
    answer = client.get(f"/fo/media?{query}")
    assert answer.status_code == 403
    assert answer.json()["error"] == "unknown file"


def test_what_is_selected_in_fiftyone_is_told_by_id() -> None:
    chosen = [{"id": "b" * 24, "type": "default"}, {"id": "a" * 24, "type": "default"}]  # as FiftyOne 1.22 keeps it
    state = SimpleNamespace(dataset=SimpleNamespace(name="street"), selected_samples=chosen)
    assert fiftyone_mount._ids(state, "street") == ["b" * 24, "a" * 24]
    assert fiftyone_mount._ids(state, "digits") == []
    assert fiftyone_mount._ids(SimpleNamespace(dataset=None, selected_samples=[]), "street") == []


def test_the_frame_of_the_pages_needs_neither_fiftyone_nor_torch() -> None:
    modules = "app.server, app.navigation, app.views.datasets, app.views.browse, app.views.import_, app.views.fiftyone"
    code = f"import {modules}, sys; print([n for n in ('fiftyone', 'torch', 'ultralytics', 'cv2') if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip().splitlines()[-1] == "[]"
