from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.errors import DatasetsError
from datasets.exchange import unrolling
from datasets.records import Label
from datasets.storage import collection, frames, store
from datasets.views import pages
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace


def film(path: Path, first: int) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (64, 48))
    for number in range(3):
        writer.write(np.full((48, 64, 3), first + 40 * number, np.uint8))
    writer.release()
    return path


def test_every_frame_becomes_an_image_with_its_labels(database: Workspace, tmp_path: Path) -> None:
    store.create("videos", videos=True)
    made = [
        collection.sample_document(str(film(tmp_path / f"{n}.mp4", 20 + 10 * n)), _media_type="video", split="val")
        for n in range(2)
    ]
    first, second = collection.insert("videos", made)
    cat = Label("cat", (0.1, 0.1, 0.2, 0.2), attributes={"index": 4})
    frames.declare("videos", "truth", "detections")
    frames.write("videos", "truth", [(first, 2, (cat,)), (second, 3, (cat,))])
    assert unrolling.unroll("videos", "images") == 6
    rows = pages.page(ViewSpec(dataset="images")).rows
    assert [(row.values["sequence"], row.values["frame_number"], row.split) for row in rows] == [
        (key, number, "val") for key in (first, second) for number in (1, 2, 3)
    ]
    assert [[one.index for one in row.labels["truth"]] for row in rows] == [[], [4], [], [], [], [4]]
    bright = [float(cv2.imread(row.path).mean()) for row in rows]
    assert bright == pytest.approx([20, 60, 100, 30, 70, 110], abs=4)
    assert store.names(hidden=True) == ["videos", "images"]
    assert len(collection.load("images").group_by("sequence", order_by="frame_number")) == 2  # played by FiftyOne's App


def test_images_are_refused_and_a_broken_video_leaves_nothing(database: Workspace, tmp_path: Path) -> None:
    store.create("pictures")
    with pytest.raises(DatasetsError, match="expected a dataset of videos"):
        unrolling.unroll("pictures", "more")
    store.create("videos", videos=True)
    (tmp_path / "a.mp4").write_text("no video")
    collection.insert("videos", [collection.sample_document(str(tmp_path / "a.mp4"), _media_type="video")])
    with pytest.raises(OSError, match="expected a video"):
        unrolling.unroll("videos", "more")
    assert store.names(hidden=True) == ["pictures", "videos"]
