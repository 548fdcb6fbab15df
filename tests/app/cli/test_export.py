"""`export`: what cannot be written or does not exist is one line; long names are made shorter."""

import json
from pathlib import Path

import pytest

from app.cli.output import DONE, FAILED
from datasets.exchange import importing
from datasets.storage import collection
from tests.app.cli.calling import Caller
from tests.helpers import make_coco

LONG, WIDE = "x" * 250, "x" + "\u00e4" * 125  # the second has 251 bytes


def test_a_split_that_is_not_there_is_an_error_that_lists_those_that_are(call: Caller, tmp_path: Path) -> None:
    importing.ingest(make_coco(tmp_path / "in", 3), "pets")
    for asked in ("nosuch", "train,vall", "TRAIN"):
        error = call("export", "pets", tmp_path / "out", "--split", asked)["error"]
        assert call.code == FAILED and "(train, val)" in error and repr(asked.rpartition(",")[2]) in error
        assert not (tmp_path / "out").exists()
    assert call("export", "pets", tmp_path / "out", "--split", " train , val,")["samples"] == 3


@pytest.mark.parametrize("place", ["file/below", "file/below/deep", "file"])
def test_a_file_in_the_way_is_named(call: Caller, tmp_path: Path, place: str) -> None:
    importing.ingest(make_coco(tmp_path / "in", 3), "pets")
    (tmp_path / "file").touch()
    error = call("export", "pets", tmp_path / place)["error"]
    assert call.code == FAILED and str(tmp_path / "file") in error and error.count(";") == 1
    assert call.err.splitlines() == [f"error: {error}"]


@pytest.mark.parametrize("place", ["/proc/foveal/out", "/sys/foveal"])
def test_a_place_where_nobody_may_write_is_one_line(call: Caller, tmp_path: Path, place: str) -> None:
    importing.ingest(make_coco(tmp_path / "in", 3), "pets")
    error = call("export", "pets", place)["error"]
    assert call.code == FAILED and place in error and error.endswith("choose another")


def long_names(folder: Path) -> Path:
    """Two images with boxes whose names are alike in two splits, 250 letters or 251 bytes long."""
    make_coco(folder, 6)
    for split, names in {"train": (LONG, WIDE), "val": (LONG,)}.items():
        table = folder / "annotations" / f"instances_{split}.json"
        held = json.loads(table.read_text())
        kept = [one for one in held["images"] if one["id"] in (2, 3, 5)]
        for one, name in zip(kept, names, strict=True):
            (folder / "images" / split / one["file_name"]).rename(folder / "images" / split / f"{name}.jpg")
            one["file_name"] = f"{name}.jpg"
        ids = {one["id"] for one in kept}
        boxes = [one for one in held["annotations"] if one["image_id"] in ids]
        table.write_text(json.dumps({**held, "images": kept, "annotations": boxes}))
    for path in folder.rglob("00*.jpg"):
        path.unlink()
    return folder


def stored(name: str) -> list[tuple[str, list[tuple[str, list[float]]]]]:
    """Split, classes and boxes of every sample."""
    return sorted(
        (one["split"], [(box["label"], [round(v, 4) for v in box["bounding_box"]]) for box in boxes])
        for one in collection.stream(name)
        if (boxes := (one.get("ground_truth") or {}).get("detections", [])) is not None
    )


@pytest.mark.parametrize("format_name", ["images", "coco", "yolo", "voc", "csv", "cvat", "labelstudio"])
def test_long_names_are_made_shorter_and_stay_apart(call: Caller, tmp_path: Path, format_name: str) -> None:
    importing.ingest(long_names(tmp_path / "in"), "long")
    answer = call("export", "long", tmp_path / "out", "--format", format_name)
    assert (call.code, answer["samples"], answer["labels"]) == (DONE, 3, 4)
    names = [path.name for path in (tmp_path / "out").rglob("*.jpg")]
    assert len(set(names)) == 3 and all(len(name.encode()) <= 255 for name in names)
    if format_name != "images":
        importing.ingest(tmp_path / "out", "again")
        assert [found for _, found in stored("again")] == [found for _, found in stored("long")]
