"""Key points of COCO json come in exactly, and go out as they came."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets import poses
from datasets.errors import FieldError
from datasets.exchange import exporting, importing
from datasets.exchange.formats import registry
from datasets.exchange.formats.coco import keypoints as coco_keypoints
from datasets.skeleton import COCO
from datasets.storage import collection, documents, skeletons, store
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.helpers import make_coco_poses, make_image


def annotation(number: int, **more: Any) -> dict[str, Any]:
    r = np.random.default_rng(number)
    v = r.integers(0, 3, 17)
    places = np.column_stack([r.integers(0, 640, 17), (r.random(17) * 425).round(2), v]) * (v > 0)[:, None]
    numbers = [int(value) if value == int(value) else value for value in places.reshape(-1).tolist()]
    return {
        "id": number, "image_id": number, "category_id": 1, "iscrowd": 0, "keypoints": numbers,
        "num_keypoints": int((v > 0).sum()), "bbox": [12.03, 7, 431.77, 300.5], "area": 28292.08625, **more,
    }  # fmt: skip


def source(folder: Path, annotations: list[dict[str, Any]], **category: Any) -> Path:
    person = {"id": 1, "name": "person", "supercategory": "", "keypoints": list(COCO.points),
              "skeleton": [[a + 1, b + 1] for a, b in COCO.edges], **category}  # fmt: skip
    images = []
    for number in {one["image_id"] for one in annotations}:
        name = make_image(folder / "images" / "val" / f"{number}.jpg", (640, 427), seed=number).name
        images.append({"id": number, "file_name": name, "width": 640, "height": 427})
    told = {"images": images, "annotations": annotations, "categories": [person]}
    (folder / "annotations").mkdir(exist_ok=True)
    (folder / "annotations" / "person_keypoints_val.json").write_text(json.dumps(told))
    return folder


def test_annotations_go_out_as_they_came_in(database: Workspace, tmp_path: Path) -> None:
    bare = annotation(3, keypoints=[0] * 51, num_keypoints=0, iscrowd=1)
    given = [annotation(number) for number in range(1, 3)] + [bare]
    importing.ingest(source(tmp_path / "in", given), "poses")
    assert skeletons.of(documents.of("poses"), "ground_truth") is not None
    (first, *_) = collection.load("poses")
    assert first.ground_truth.keypoints[0].visible == given[0]["keypoints"][2::3]
    report = exporting.export(ViewSpec(dataset="poses"), tmp_path / "out", "coco_keypoints")
    assert report.findings == () and report.labels == 3
    back = json.loads((tmp_path / "out" / "annotations" / "person_keypoints_val.json").read_text())
    assert back["annotations"] == given
    assert back["categories"][0]["keypoints"] == list(COCO.points)
    assert back["categories"][0]["skeleton"] == [[a + 1, b + 1] for a, b in COCO.edges]


def test_pycocotools_reads_what_was_written(database: Workspace, tmp_path: Path) -> None:
    from pycocotools import coco

    importing.ingest(make_coco_poses(tmp_path / "in"), "figures")
    exporting.export(ViewSpec(dataset="figures"), tmp_path / "out", "coco_keypoints")
    for split in ("train", "val"):
        ours, theirs = (coco.COCO(str(tmp_path / side / "annotations" / f"person_keypoints_{split}.json"))
                        for side in ("out", "in"))  # fmt: skip
        parts = ("keypoints", "num_keypoints", "bbox", "area", "iscrowd")
        of = [[[one[part] for part in parts] for one in side.anns.values()] for side in (ours, theirs)]
        assert of[0] == [[pytest.approx(value) for value in one] for one in of[1]] and of[0]


def test_a_folder_with_outlines_too_is_coco_and_the_file_alone_is_of_key_points(tmp_path: Path) -> None:
    folder = source(tmp_path / "in", [annotation(1)])
    assert registry.detect(folder).format == "coco_keypoints"
    (folder / "annotations" / "instances_val.json").write_bytes(
        (folder / "annotations" / "person_keypoints_val.json").read_bytes()
    )
    assert registry.detect(folder).format == "coco"
    assert registry.detect(folder / "annotations" / "person_keypoints_val.json").format == "coco_keypoints"
    assert [record.objects[0].points is not None for record in coco_keypoints.read(folder).records] == [True]


@pytest.mark.parametrize(
    ("more", "code"),
    [({"keypoints": [1, 2]}, "bad_keypoints"), ({"keypoints": "none"}, "bad_keypoints"),
     ({"keypoints": [1, 2, None] * 17}, "bad_keypoints"), ({"keypoints": [1, 2, 7] * 17}, "bad_keypoints"),
     ({"keypoints": [1, 2, 0] * 17}, "unlabelled_place"), ({"segmentation": [[0, 0, 9, 0, 9, 9]]}, "outlines_left_out"),
     ({"category_id": 9}, "unknown_class")],
)  # fmt: skip
def test_what_cannot_be_read_is_a_finding(more: dict[str, Any], code: str, tmp_path: Path) -> None:
    found = coco_keypoints.read(source(tmp_path / "in", [annotation(1, **more)]))
    assert [one.code for one in found.findings] == [code]
    assert [len(record.objects) for record in found.records] == [0 if code == "unknown_class" else 1]


def test_skeletons_that_make_no_sense_are_findings(tmp_path: Path) -> None:
    found = coco_keypoints.read(source(tmp_path / "in", [annotation(1)], skeleton=[[1, 2], [0, 3], "x"]))
    assert [one.code for one in found.findings] == ["bad_skeleton"]
    assert found.skeleton is not None and found.skeleton.edges == ((0, 1),)
    none = coco_keypoints.read(source(tmp_path / "none", [annotation(1)], keypoints=[]))
    assert [one.code for one in none.findings] == ["no_keypoints"] and none.classes == ()


def test_a_pose_without_a_box_goes_out_with_that_of_its_points(database: Workspace, tmp_path: Path) -> None:
    one = annotation(1)
    del one["bbox"], one["area"]
    importing.ingest(source(tmp_path / "in", [one]), "poses")
    exporting.export(ViewSpec(dataset="poses"), tmp_path / "out", "coco_keypoints")
    (back,) = json.loads((tmp_path / "out" / "annotations" / "person_keypoints_val.json").read_text())["annotations"]
    seen = np.array(one["keypoints"]).reshape(-1, 3)
    low, high = (end(seen[seen[:, 2] > 0, :2], axis=0) for end in (np.min, np.max))
    assert back["bbox"] == pytest.approx([*low, *(high - low)])
    assert back["area"] == pytest.approx(poses.FILLED * np.prod(high - low))


def test_other_points_are_not_mixed_into_a_dataset(database: Workspace, tmp_path: Path) -> None:
    importing.ingest(make_coco_poses(tmp_path / "figures"), "poses")
    with pytest.raises(FieldError, match=r"expected the key points of dataset 'poses' \(head, .*found others \(nose"):
        importing.ingest(source(tmp_path / "in", [annotation(1)]), "poses", add=True)
    assert store.summary("poses").count == 9
