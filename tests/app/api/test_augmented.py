"""The route that shows augmented samples."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api.routes import routes
from datasets.exchange import importing
from datasets.showing import scenes
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests import helpers

Shots = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def shots(database: Workspace) -> Iterator[Shots]:
    with TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1:8501") as client:

        def ask(dataset: str, *steps: object, status: int = 200, **query: Any) -> list[dict[str, Any]]:
            ids = scenes.few(ViewSpec(dataset=dataset), 4)
            given = {"ids": ",".join(ids), "steps": json.dumps(steps), "side": "128", **query}
            answer = client.get(f"/api/augmented/{dataset}", params=given)
            assert answer.status_code == status, answer.text
            found: list[dict[str, Any]] = answer.json()
            return found

        yield ask


def pixels(address: str) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))), dtype=np.int16)


FLIP = {"name": "HorizontalFlip", "p": 1}


def test_boxes_and_names_follow_the_image(shots: Shots, tmp_path: Path) -> None:
    importing.ingest(helpers.make_coco(tmp_path / "coco"), "pets", None)
    before, after = shots("pets"), shots("pets", FLIP)
    assert [one["labels"] for one in before] == [one["labels"] for one in after]
    assert any(one["boxes"] for one in before)
    for plain, flipped in zip(before, after, strict=True):
        for (x0, y0, x1, y1), moved in zip(plain["boxes"], flipped["boxes"], strict=True):
            assert moved == pytest.approx([1 - x1, y0, 1 - x0, y1], abs=2e-3)
        assert np.abs(pixels(plain["image"])[:, ::-1] - pixels(flipped["image"])).mean() < 4


def test_classes_of_whole_images_are_named(shots: Shots, tmp_path: Path) -> None:
    importing.ingest(helpers.make_class_folders(tmp_path / "classes"), "shapes", None)
    found = shots("shapes", FLIP)
    assert all(len(one["labels"]) == 1 and not one["boxes"] and one["overlay"] is None for one in found)


def test_semantic_masks_are_painted_over_the_image(shots: Shots, tmp_path: Path) -> None:
    importing.ingest(helpers.make_mask_folders(tmp_path / "masks"), "scenes", None)
    before, after = shots("scenes"), shots("scenes", FLIP)
    for plain, flipped in zip(before, after, strict=True):
        assert np.array_equal(pixels(plain["overlay"])[:, ::-1], pixels(flipped["overlay"]))
    assert any((pixels(one["overlay"])[..., 3] > 0).any() for one in before)


def test_objects_with_masks_keep_tight_boxes(shots: Shots, tmp_path: Path) -> None:
    importing.ingest(helpers.make_coco_masks(tmp_path / "coco"), "things", None)
    turned = shots("things", {"name": "Affine", "p": 1, "options": {"rotate": [30, 30]}})
    for one in turned:
        assert len(one["boxes"]) == len(one["labels"])
        alpha = pixels(one["overlay"])[..., 3] > 0
        height, width = alpha.shape
        for x0, y0, x1, y1 in one["boxes"]:
            inside = alpha[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)]
            assert inside.any(axis=0).all() or inside.any(axis=1).all()


def test_the_seed_decides(shots: Shots, tmp_path: Path) -> None:
    importing.ingest(helpers.make_coco(tmp_path / "coco"), "pets", None)
    noise = {"name": "GaussNoise", "p": 1}
    assert shots("pets", noise, seed=3) == shots("pets", noise, seed=3)
    assert shots("pets", noise, seed=3) != shots("pets", noise, seed=30)


def test_wrong_requests_are_explained(shots: Shots, tmp_path: Path) -> None:
    importing.ingest(helpers.make_coco(tmp_path / "coco"), "pets", None)
    assert "step 1: expected a transform" in str(shots("pets", {"name": "Blurr"}, status=400))
    assert "side as one of" in str(shots("pets", status=400, side="77"))
    assert "no label field 'other'" in str(shots("pets", status=400, field="other"))
    assert shots("pets", ids="0" * 24) == [None]
