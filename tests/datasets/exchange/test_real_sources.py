"""Real sets, found through FOVEAL_SHARED or beside the checkout."""

import json
import os
import time
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from datasets.exchange.exporting import export
from datasets.exchange.importing import ingest, preview
from datasets.images import masks, outlines
from datasets.kinds import SEGMENTATION
from datasets.storage import collection, labels
from datasets.viewspec import ViewSpec

SHARED = Path(os.environ.get("FOVEAL_SHARED") or Path(__file__).resolve().parents[3].parent / "shared")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="no folder of real data; set FOVEAL_SHARED"),
]


@pytest.mark.parametrize("inside", ["", "BCCD"])
def test_bccd(inside):
    found = preview(SHARED / "data" / "det_bccd" / inside)
    assert (found.format, found.count) == ("voc", 364)
    assert found.splits == {"train": 205, "val": 87, "test": 72}
    # 4,888 boxes, two of which have neither width nor height
    assert found.class_counts == {"Platelets": 361, "RBC": 4153, "WBC": 372}
    assert [f.code for f in found.findings] == ["zero_size_box"] * 2


def test_coco128():
    found = preview(SHARED / "data" / "coco128_multitask")
    assert (found.format, found.splits, len(found.classes)) == ("yolo", {"train": 128, "val": 128}, 80)
    told = {"labels_unread", "second_labels", "orphan_labels", "class_not_in_train", "class_not_in_validation"}
    assert {f.code for f in found.findings} == told and found.labels > 1500  # the set holds labels for three tasks


def test_nuclei():
    found = preview(SHARED / "data" / "inst_dsb2018_nuclei")
    assert (found.format, found.count, found.labels) == ("coco", 271, 8552)
    assert found.splits == {"train": 217, "val": 54}
    assert {f.code for f in found.findings} == {"labels_unread"} and found.masks == 8552


def test_hymenoptera():
    found = preview(SHARED / "data" / "cls_hymenoptera")
    assert (found.format, found.splits) == ("class_folders", {"train": 245, "val": 153})
    assert found.findings == ()


def test_camvid(database):
    found = preview(SHARED / "data" / "sem_camvid")
    assert (found.format, found.kind, found.masks) == ("mask_folders", SEGMENTATION, 701)
    assert found.splits == {"train": 367, "val": 101, "test": 233} and len(found.classes) == 11
    assert found.class_counts["Road"] == 701 and [f.code for f in found.findings] == ["class_names"]
    ingest(found, "camvid")
    document = next(collection.stream("camvid"))
    assert document["ground_truth"]["mask_path"].startswith(str((SHARED / "data" / "sem_camvid").resolve()))


def test_semantic_masks_of_coco128():
    source = SHARED / "data" / "coco128_multitask"
    asked = preview(source / "semantic_segmentation")  # its yaml names ../images
    assert asked.count == 0 and {folder.parent for folder in asked.outside} == {source.resolve() / "images"}
    found = preview(source / "semantic_segmentation", allowed=asked.outside)
    assert (found.format, found.count, found.masks) == ("mask_folders", 256, 200)
    assert {f.code for f in found.findings} == {
        "missing_mask",
        "outside_read",
        "class_not_in_train",
    }  # 56 images have none


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pycocotools")
def test_nuclei_cover_the_pixels_that_pycocotools_gives_them(database, tmp_path):
    from pycocotools import mask as rle

    source = SHARED / "data" / "inst_dsb2018_nuclei"
    began = time.perf_counter()
    ingest(source, "nuclei")
    assert time.perf_counter() - began < 60  # about 4 s on two cores, and the start of FiftyOne
    known = json.loads((source / "instances.json").read_text())
    images = {one["id"]: one for one in known["images"]}
    theirs = defaultdict(list)
    for one in known["annotations"]:
        image = images[one["image_id"]]
        height, width = image["height"], image["width"]
        theirs[image["file_name"]].append(rle.merge(rle.frPyObjects(one["segmentation"], height, width)))
    compared = 0
    for document in collection.stream("nuclei"):
        size = document["metadata"]["width"], document["metadata"]["height"]
        own = labels.from_document(document["ground_truth"])
        for label, encoded in zip(own, theirs[Path(document["filepath"]).name], strict=True):
            runs = outlines.runs_of(outlines.pasted(masks.read({"mask_path": label.mask_path}), label.box, size))
            assert outlines.compressed(runs, size) == encoded["counts"].decode()
            compared += 1
    assert compared == 8552
    before = contents("nuclei")
    for format in ("coco", "yolo"):
        report = export(ViewSpec(dataset="nuclei"), tmp_path / format, format)
        assert report.findings == () and report.labels == 8552
        ingest(tmp_path / format, f"nuclei-{format}")
        assert contents(f"nuclei-{format}") == before


def test_polygons_of_coco128_are_the_same_by_either_class_table(database, tmp_path):
    source = SHARED / "data" / "coco128_multitask"
    ingest(
        preview(source / "instance_segmentation", allowed=[source]), "by-category"
    )  # COCO's numbers with gaps, images of another folder
    (tmp_path / "images").symlink_to(source / "images")
    (tmp_path / "labels").symlink_to(source / "labels_seg80")
    config = yaml.safe_load((source / "detection_config.yaml").read_text())
    (tmp_path / "data.yaml").write_text(yaml.safe_dump({**config, "path": str(tmp_path)}))
    ingest(tmp_path, "by-number")
    ours, others = contents("by-category"), contents("by-number")
    assert len(ours) == 200 and sum(map(len, ours.values())) == 1458
    assert {name: found for name, found in others.items() if name in ours} == ours


def contents(name):
    """Class and mask of every object, as runs, by image."""
    found = {}
    for document in collection.stream(name):
        size = document["metadata"]["width"], document["metadata"]["height"]
        found[Path(document["filepath"]).name] = [
            (one.label, outlines.pasted(masks.read({"mask_path": one.mask_path}), one.box, size).tobytes())
            for one in labels.from_document(document["ground_truth"])
        ]
    return found
