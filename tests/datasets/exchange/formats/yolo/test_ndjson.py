"""Ultralytics NDJSON, compared with what is stored."""

import json

import pytest

from datasets.errors import FormatError
from datasets.exchange.importing import ingest, preview
from datasets.storage import collection
from tests.datasets.exchange.formats.yolo.stored import codes, put, stored, told, words

BOX = [0.375, 0.25, 0.25, 0.5]


def lines(task, *images, **about):
    first = {"type": "dataset", "task": task, "name": "x", "class_names": {"0": "no", "1": "007"}, **about}
    return "".join(json.dumps(one) + "\n" for one in (first, *images))


def image(name, split, url="", **annotations):
    return {
        "type": "image",
        "file": name,
        "split": split,
        "width": 64,
        "height": 48,
        "url": url,
        "annotations": annotations,
    }


def test_boxes_lie_on_their_images(tmp_path, database):
    text = lines(
        "detect",
        image("a.jpg", "train", boxes=[[0, 0.5, 0.5, 0.25, 0.5]]),
        image("b.jpg", "val", boxes=[[1, 0.5, 0.5, 0.25, 0.5], [0, 0.5, 0.5, 0.25, 0.5]]),
        image("c.jpg", "test"),
    )
    shown, found = stored(
        put(tmp_path, {"set.ndjson": text, "images/train/a.jpg": "", "images/val/b.jpg": "", "c.jpg": ""})
    )
    assert shown.format == "ndjson" and not told(shown) and shown.classes == ("no", "007")
    assert found == {
        "images/train/a.jpg": ("train", [("no", BOX, None)]),
        "images/val/b.jpg": ("val", [("007", BOX, None), ("no", BOX, None)]),
        "c.jpg": ("test", []),
    }


def test_polygons_and_poses(tmp_path):
    polygon = image("a.jpg", "train", segments=[[1, 0.25, 0.25, 0.75, 0.25, 0.5, 0.75]])
    found = preview(put(tmp_path / "a", {"a.ndjson": lines("segment", polygon), "a.jpg": ""}))
    assert found.masks == 1 and found.records[0].objects[0].box == (0.25, 0.25, 0.5, 0.5)
    pose = image("a.jpg", "train", pose=[[0, 0.5, 0.5, 0.25, 0.5, 0.5, 0.5, 2]])
    found = preview(put(tmp_path / "b", {"a.ndjson": lines("pose", pose, kpt_shape=[1, 3]), "a.jpg": ""}))
    assert found.records[0].objects[0].box == tuple(BOX) and codes(found) == ["key_points"]


def test_classes_of_images(tmp_path, database):
    text = lines("classify", image("a.jpg", "train", classification=[1]), image("b.jpg", "val", classification=[0]))
    ingest(put(tmp_path, {"set.ndjson": text, "a.jpg": "", "b.jpg": ""}), "set")
    found = {
        raw["filepath"].rsplit("/", 1)[-1]: (raw["split"], raw["ground_truth"]["label"])
        for raw in collection.stream("set")
    }
    assert found == {"a.jpg": ("train", "007"), "b.jpg": ("val", "no")}


def test_images_on_the_web_are_not_fetched_but_told(tmp_path):
    text = lines(
        "detect",
        image("a.jpg", "train", boxes=[[0, 0.5, 0.5, 0.25, 0.5]]),
        image("b.jpg", "train", url="https://example.com/b.jpg", boxes=[[0, 0.5, 0.5, 0.25, 0.5]]),
    )
    found = preview(put(tmp_path, {"set.ndjson": text, "a.jpg": ""}))
    assert found.count == 1 and [(one.code, one.count) for one in told(found)] == [("missing_image", 1)]
    assert "as https://example.com/b.jpg; nothing is fetched from the web" in words(found)


def test_broken_lines_and_rows_are_told(tmp_path):
    good = image(
        "a.jpg", "train", boxes=[[0, 0.5, 0.5, 0.25, 0.5], [0, 0.5], [0, "x", 0, 0, 0], 7, [9, 0.5, 0.5, 0.1, 0.1]]
    )
    found = preview(put(tmp_path, {"set.ndjson": lines("detect", good) + "{broken\n[1]\n", "a.jpg": ""}))
    assert found.labels == 1 and sorted(codes(found)) == ["bad_line", *["bad_row"] * 3, "unknown_class"]


def test_depths_are_refused_in_words(tmp_path):
    with pytest.raises(FormatError, match="found depths, which aren't read"):
        preview(put(tmp_path, {"set.ndjson": lines("depth", image("a.jpg", "train")), "a.jpg": ""}), "ndjson")
