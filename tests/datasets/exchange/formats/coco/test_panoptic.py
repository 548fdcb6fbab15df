"""COCO panoptic: the class of each pixel, and the boxes of countable objects, as they are stored."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from datasets.exchange.importing import ingest, preview
from datasets.images import masks
from datasets.storage import collection
from datasets.workspace import Workspace
from tests.helpers import make_image

IDS = (7, 258, 65536 * 3 + 5)  # one, two and three bytes


def source(folder: Path, masks_in: str, mode: str = "RGB") -> np.ndarray[Any, Any]:
    """Two images with a sky and two people; the ids of the first are returned (48, 64)."""
    ids = np.zeros((48, 64), np.int64)
    ids[:20], ids[20:40, :20], ids[20:40, 20:50] = (200, 9, 11) if mode == "L" else IDS
    colours = np.stack([ids & 255, ids >> 8 & 255, ids >> 16 & 255], -1).astype(np.uint8)
    for n in (1, 2):
        make_image(folder / "val2017" / f"{n}.jpg", seed=n)
        path = folder / masks_in / f"{n}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(ids.astype(np.uint8) if mode == "L" else colours).save(path)
    sky, one, two = (int(value) for value in (ids[0, 0], ids[30, 5], ids[30, 40]))
    segments = [
        {"id": sky, "category_id": 187, "bbox": [0, 0, 64, 20], "iscrowd": 0, "area": 1280},
        {"id": one, "category_id": 1, "bbox": [0, 20, 20, 20], "iscrowd": 0, "area": 400},
        {"id": two, "category_id": 1, "bbox": [20, 20, 30, 20], "iscrowd": 1, "area": 600},
    ]
    document = {
        "images": [{"id": n, "file_name": f"{n}.jpg", "width": 64, "height": 48} for n in (1, 2)],
        "annotations": [{"image_id": n, "file_name": f"{n}.png", "segments_info": segments} for n in (1, 2)],
        "categories": [{"id": 1, "name": "person", "isthing": 1}, {"id": 187, "name": "sky", "isthing": 0}],
    }
    (folder / "annotations").mkdir(exist_ok=True)
    (folder / "annotations" / "panoptic_val2017.json").write_text(json.dumps(document))
    return ids


@pytest.mark.parametrize("masks_in", ["annotations/panoptic_val2017", "panoptic_val2017", "panoptic", "masks"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_each_pixel_has_the_class_of_its_segment(masks_in: str, mode: str, tmp_path: Path, database: Workspace) -> None:
    ids = source(tmp_path, masks_in, mode)
    found = preview(tmp_path)
    assert (found.format, found.count, found.splits) == ("coco_panoptic", 2, {"val": 2})
    assert [one for one in found.findings if one.severity != "note"] == []
    ingest(found, "stored", None)
    truth = np.select([ids == ids[0, 0], ids != 0], [2, 1], 255)
    for raw in collection.stream("stored"):
        np.testing.assert_array_equal(masks.read(raw["ground_truth"]), truth)
        boxes = [(one["label"], one["bounding_box"]) for one in raw["ground_truth_objects"]["detections"]]
        assert boxes == [
            ("person", pytest.approx([0, 20 / 48, 20 / 64, 20 / 48])),
            ("person", pytest.approx([20 / 64, 20 / 48, 30 / 64, 20 / 48])),
        ]


def test_masks_that_are_gone_or_broken_and_ids_of_nothing_are_told(tmp_path: Path) -> None:
    source(tmp_path, "panoptic_val2017")
    (tmp_path / "panoptic_val2017" / "1.png").unlink()
    Image.new("RGB", (64, 48), (9, 9, 9)).save(tmp_path / "panoptic_val2017" / "2.png")
    found = preview(tmp_path)
    assert {"missing_mask", "unknown_value"} <= {one.code for one in found.findings} and found.labels == 1
    (tmp_path / "panoptic_val2017" / "2.png").write_bytes(b"no image")
    assert "broken_mask" in {one.code for one in preview(tmp_path).findings}


def test_beside_instances_the_objects_are_read_and_the_segments_told(tmp_path: Path) -> None:
    source(tmp_path, "panoptic_val2017")
    boxes = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 20, 20, 20]}]
    whole = json.loads((tmp_path / "annotations" / "panoptic_val2017.json").read_text())
    (tmp_path / "annotations" / "instances_val2017.json").write_text(json.dumps({**whole, "annotations": boxes}))
    found = preview(tmp_path)
    assert (found.format, found.labels) == ("coco", 1)
    assert any("panoptic_val2017.json (panoptic segments)" in one.found for one in found.findings)
