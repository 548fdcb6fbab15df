"""Smart tools over HTTP: masks and paths for prompts, and what is refused."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api.routes import routes
from datasets.editing import values
from datasets.storage import collection, store
from datasets.workspace import Workspace

NAME = "segmented"
CLICK = {"x": 0.3, "y": 0.5, "inside": True}


@pytest.fixture
def client(database: Workspace) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as made:
        yield made


@pytest.fixture
def sample(database: Workspace, tmp_path: Path) -> str:
    """A red disc on green, stored lying on its side: 60 x 90 in the file, shown as 90 x 60 by its EXIF orientation."""
    image = Image.new("RGB", (90, 60), (40, 120, 40))
    ImageDraw.Draw(image).ellipse((10, 15, 44, 45), fill=(200, 40, 40))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.rotate(90, expand=True).save(tmp_path / "a.png", exif=exif)
    store.create(NAME, {"ground_truth": "detections"}, ["disc"])
    return collection.insert(NAME, [collection.sample_document(str(tmp_path / "a.png"))])[0]


def ask(client: TestClient, sample: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/api/segment/{NAME}/{sample}", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("prompt", [{"points": [CLICK]}, {"box": [0.05, 0.2, 0.5, 0.6]}], ids=["click", "box"])
def test_a_prompt_becomes_a_mask_that_can_be_saved(client: TestClient, sample: str, prompt: dict[str, Any]) -> None:
    found = ask(client, sample, tool="grabcut", **prompt)
    x, y, wide, high = found["box"]
    assert [x, y, wide, high] == pytest.approx([10 / 90, 15 / 60, 35 / 90, 31 / 60], abs=0.05)
    png = base64.b64decode(found["mask"])
    mask = np.asarray(Image.open(io.BytesIO(png)))
    assert set(np.unique(mask)) == {0, 255} and mask.shape == (round(high * 60), round(wide * 90))
    assert Path(values.drawn(png, found["box"], (90, 60))).is_file()
    assert found["milliseconds"] > 0 and found["path"] is None


def test_two_clicks_become_a_path(client: TestClient, sample: str) -> None:
    found = ask(client, sample, tool="scissors", points=[CLICK, {"x": 0.8, "y": 0.6}])
    assert found["path"][0] == pytest.approx([0.3, 0.5]) and found["path"][-1] == pytest.approx([0.8, 0.6])
    assert found["mask"] is None and found["box"] is None


def test_every_tool_is_told(client: TestClient) -> None:
    found = {one["name"]: one for one in client.get("/api/segment/tools").json()["tools"]}
    assert found["grabcut"]["ready"] and found["scissors"]["gives"] == "path"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"tool": "grabcut"}, "a click or a box"),
        ({"tool": "magic", "points": [CLICK]}, "scissors"),
        ({"tool": "scissors", "points": [CLICK]}, "two points"),
        ({"tool": "grabcut", "points": [{"x": 9, "y": 0}]}, "less than or equal"),
        ({"tool": "grabcut", "points": [CLICK] * 201}, "at most 200"),
        ({"tool": "grabcut", "box": [0, 0, 1]}, "box"),
    ],
)
def test_bad_prompts_are_refused_in_words(client: TestClient, sample: str, body: dict[str, Any], words: str) -> None:
    assert words in str(ask(client, sample, 400, **body))


def test_only_samples_of_datasets_are_opened(client: TestClient, sample: str) -> None:
    assert ask(client, "f" * 24, 404, tool="grabcut", points=[CLICK])["error"] == "no such sample"
    assert client.post(f"/api/segment/other/{sample}", json={"tool": "grabcut", "points": [CLICK]}).status_code == 404


def test_a_lost_image_is_told(client: TestClient, sample: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").unlink()
    assert "expected an image file" in ask(client, sample, 400, tool="grabcut", points=[CLICK])["error"]


def test_images_are_prepared_by_the_ids_of_samples(
    client: TestClient, sample: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.interactive import tools

    asked: list[Any] = []
    monkeypatch.setattr(tools, "prepare", lambda asker, images: asked.extend(images) or len(images))
    answer = client.post(f"/api/segment/{NAME}/prepare", json={"samples": [sample, "f" * 24]})
    assert (answer.json(), asked) == ({"waiting": 1}, [tmp_path / "a.png"])
    assert client.post(f"/api/segment/{NAME}/prepare", json={"samples": [sample] * 21}).status_code == 400


def test_without_weights_the_answer_names_file_and_folder(client: TestClient, sample: str) -> None:
    found = ask(client, sample, 400, tool="sam", points=[CLICK])
    assert "mobile_sam.pt" in found["action"] and "weights of the SAM family" in found["expected"]
