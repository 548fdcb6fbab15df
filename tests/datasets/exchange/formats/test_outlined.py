"""Masks of objects through the formats that hold outlines: what is written and read again covers the same pixels."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageOps

from datasets.exchange.drawing import draw
from datasets.exchange.fitting import fit
from datasets.exchange.formats import registry
from datasets.exchange.formats.base import Draft
from datasets.exchange.formats.common import files
from datasets.images import masks, outlines
from datasets.images.probe import probe
from datasets.kinds import DETECTIONS
from datasets.records import ImageRecord, Label
from datasets.workspace import Workspace
from tests.helpers import make_coco, make_image

SIZE = (31, 23)
shapes = arrays(np.uint8, SIZE[::-1], elements=st.integers(0, 1), fill=st.just(0))
blobs = st.tuples(
    st.integers(0, 25), st.integers(0, 18), arrays(np.uint8, (5, 6), elements=st.integers(0, 1))
).map(lambda found: placed(*found))  # fmt: skip


def placed(x, y, part):
    whole = np.zeros(SIZE[::-1], np.uint8)
    whole[y : y + 5, x : x + 6] = part
    return whole


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    return make_image(tmp_path_factory.mktemp("media") / "a.png", SIZE)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("home"))


def labelled(mask, workspace, **more):
    crop, box = outlines.cropped(outlines.runs_of(mask), SIZE)
    return Label("nut", box, mask_path=masks.write(crop * np.uint8(255), workspace), **more)


def again(name, records, workspace):
    """Records written, read, fitted and drawn."""
    with tempfile.TemporaryDirectory() as folder:
        module = registry.find(name)
        written = module.write(Draft(records, ["nut"], DETECTIONS), Path(folder), lambda *_: None)
        files.forget()
        source = module.read(Path(folder), lambda *_: None)
        kept, findings = fit(source.records, probe([r.path for r in source.records]))
        drawn = [draw(record, workspace) for record, _ in kept]
    bad = [f for f in (*written, *source.findings, *findings, *(f for d in drawn for f in d.findings))
           if f.code not in ("same_split", "confidence", "self_crossing", "equal_rows")]  # fmt: skip
    return [one.record for one in drawn], bad


def pixels(label):
    return outlines.pasted(masks.read({"mask_path": label.mask_path}), label.box, SIZE)


@pytest.mark.parametrize("name", ["coco", "yolo"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(st.one_of(shapes, blobs).filter(np.any), max_size=4), sure=st.booleans())
def test_masks_come_back_bit_by_bit(name, found, sure, image, workspace):
    objects = tuple(labelled(mask, workspace, confidence=0.5 + n / 8 if sure else None) for n, mask in enumerate(found))
    records, bad = again(name, [ImageRecord(image, "train", *SIZE, objects)], workspace)
    assert [one for one in bad if one.code != "equal_rows"] == [] and len(records) == 1
    read = records[0].objects
    assert [label.confidence for label in read] == [label.confidence for label in objects]
    for label, mask in zip(read, found, strict=True):
        np.testing.assert_array_equal(pixels(label), mask)


def test_a_box_of_its_own_is_kept_by_coco(image, workspace):
    mask = placed(4, 6, np.ones((5, 6), np.uint8))
    label = replace(labelled(mask, workspace), box=(3.9 / 31, 5.8 / 23, 6.2 / 31, 5.4 / 23))
    records, bad = again("coco", [ImageRecord(image, "train", *SIZE, (label,))], workspace)
    assert bad == [] and records[0].objects[0].box == pytest.approx(label.box, abs=1e-12)
    np.testing.assert_array_equal(pixels(records[0].objects[0]), mask)


def test_crowds_and_holes_are_runs_and_others_are_polygons(image, workspace, tmp_path):
    full = placed(2, 2, np.ones((5, 6), np.uint8))
    ring = full.copy()
    ring[4, 4] = 0
    objects = (labelled(full, workspace), labelled(ring, workspace), labelled(full, workspace, crowd=True))
    draft = Draft([ImageRecord(image, "val", *SIZE, objects)], ["nut"], DETECTIONS)
    registry.find("coco").write(draft, tmp_path, lambda *_: None)
    entries = json.loads((tmp_path / "annotations/instances_val.json").read_text())["annotations"]
    assert entries[0]["segmentation"] == [[2, 2, 8, 2, 8, 7, 2, 7]]
    assert isinstance(entries[1]["segmentation"]["counts"], str)
    assert isinstance(entries[2]["segmentation"]["counts"], list) and entries[2]["iscrowd"] == 1
    assert [entry["area"] for entry in entries] == [30, 29, 30]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pycocotools")
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_pycocotools_reads_what_was_written(image, workspace, tmp_path, capsys):
    from pycocotools.coco import COCO

    random = np.random.default_rng(3)
    found = [placed(3 * k, k, random.integers(0, 2, (5, 6)).astype(np.uint8)) for k in range(6)]
    objects = tuple(labelled(mask, workspace, confidence=0.5, crowd=k == 5) for k, mask in enumerate(found))
    draft = Draft([ImageRecord(image, "val", *SIZE, objects)], ["nut"], DETECTIONS)
    registry.find("coco").write(draft, tmp_path, lambda *_: None)
    truth = COCO(str(tmp_path / "annotations/instances_val.json"))
    results = truth.loadRes(str(tmp_path / "annotations/results_val.json"))
    for source in (truth, results):
        for entry, mask in zip(source.loadAnns(sorted(source.getAnnIds())), found, strict=True):
            np.testing.assert_array_equal(source.annToMask(entry), mask)
            assert entry["area"] == mask.sum()


def test_a_mask_file_that_is_gone_is_a_finding_and_its_box_is_written(image, workspace):
    label = replace(labelled(placed(2, 2, np.ones((5, 6), np.uint8)), workspace), mask_path="/nowhere/mask.png")
    records, bad = again("coco", [ImageRecord(image, "train", *SIZE, (label,))], workspace)
    assert [f.code for f in bad] == ["broken_mask"] and "/nowhere/mask.png, found no such file" in str(bad[0])
    assert records[0].objects[0].box == pytest.approx(label.box) and records[0].objects[0].mask_path is None


def test_an_outline_around_no_pixel_is_a_finding(tmp_path, workspace):
    folder = make_coco(tmp_path)
    path = folder / "annotations/instances_train.json"
    document = json.loads(path.read_text())
    document["annotations"][0]["segmentation"] = [[5.1, 5.1, 5.2, 5.1, 5.2, 5.2]]
    path.write_text(json.dumps(document))
    source = registry.find("coco").read(folder, lambda *_: None)
    kept, _ = fit(source.records, probe([r.path for r in source.records]))
    drawn = [draw(record, workspace) for record, _ in kept]
    assert [f.code for one in drawn for f in one.findings] == ["empty_mask"]
    assert sum(len(one.record.objects) for one in drawn) == 6


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
@pytest.mark.parametrize("runs", [False, True])
def test_masks_on_stored_pixels_are_turned_with_the_image(orientation, runs, tmp_path, workspace):
    mask = placed(3, 9, np.random.default_rng(5).integers(0, 2, (5, 6)).astype(np.uint8))
    path = make_image(tmp_path / "images/a.jpg", SIZE, orientation=orientation)
    rings = outlines.rings(mask)
    compressed = {"size": list(SIZE[::-1]), "counts": outlines.compressed(outlines.runs_of(mask), SIZE)}
    shape = compressed if runs else [outlines.joined(rings).ravel().tolist()]
    image = {"id": 1, "file_name": path.name, "width": SIZE[0], "height": SIZE[1]}
    entry = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [3, 9, 6, 5], "segmentation": shape}
    document = {"images": [image], "annotations": [entry], "categories": [{"id": 1, "name": "nut"}]}
    (tmp_path / "instances.json").write_text(json.dumps(document))
    source = registry.find("coco").read(tmp_path, lambda *_: None)
    kept, findings = fit(source.records, probe([r.path for r in source.records]))
    label = draw(kept[0][0], workspace).record.objects[0]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(mask).save(tmp_path / "m.png", exif=exif)
    with Image.open(tmp_path / "m.png") as stored:
        shown = np.asarray(ImageOps.exif_transpose(stored))
    size = shown.shape[1], shown.shape[0]
    again = outlines.pasted(masks.read({"mask_path": label.mask_path}), label.box, size)
    np.testing.assert_array_equal(again, shown)
    assert "rotated_image" in [f.code for f in findings]


def test_polygons_grow_with_an_image_of_another_size_than_declared(tmp_path, workspace):
    path = make_image(tmp_path / "images/a.jpg", (62, 46))
    image = {"id": 1, "file_name": path.name, "width": SIZE[0], "height": SIZE[1]}
    entry = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 2, 6, 5], "segmentation": [[2, 2, 8, 2, 8, 7, 2, 7]]}
    document = {"images": [image], "annotations": [entry], "categories": [{"id": 1, "name": "nut"}]}
    (tmp_path / "instances.json").write_text(json.dumps(document))
    source = registry.find("coco").read(tmp_path, lambda *_: None)
    kept, _ = fit(source.records, probe([r.path for r in source.records]))
    label = draw(kept[0][0], workspace).record.objects[0]
    assert masks.read({"mask_path": label.mask_path}).shape == (10, 12)
