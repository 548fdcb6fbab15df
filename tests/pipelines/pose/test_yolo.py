import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from datasets.skeleton import Skeleton
from datasets.tables import MANIFEST, PREDICTIONS, read_table, write_table
from pipelines.errors import DataError
from pipelines.objects.data import for_training
from pipelines.runs import checkpoints
from pipelines.yolo import pointed
from tests.helpers import FIGURE, LIMBS

pytestmark = pytest.mark.usefixtures("workspace")


def test_training_leaves_a_checkpoint_that_predicts_points(trial: Callable[..., Any]) -> None:
    done = trial(epochs=2)
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert (found.classes, found.task, found.kind) == (("figure",), "pose", "keypoints")
    assert Skeleton.read(found.skeleton) == Skeleton(FIGURE, LIMBS)
    assert set(found.metrics) == {"map", "map50", "precision", "recall", "box_map", "box_map50"}
    assert {"train/pose_loss", "val/kobj_loss", "map", "box_map", "lr"} <= set(done.events("epoch")[-1]["metrics"])
    shutil.rmtree(done.run.work)
    done.predict(confidence=0.0, max_detections=5)
    table = read_table(done.run.predictions, PREDICTIONS).to_pylist()
    assert [row["sample_id"] for row in table] == read_table(done.run.manifest, MANIFEST)["sample_id"].to_pylist()
    labels = [label for row in table for label in row["labels"]]
    assert labels
    for label in labels:
        points = np.array(label["points"]).reshape(-1, 3)
        assert points.shape == (5, 3) and np.isfinite(points).all() and len(label["box"]) == 4
        assert ((points[:, 2] >= 0) & (points[:, 2] <= 1)).all()


def test_what_ultralytics_reads_is_what_the_labels_say(trial: Callable[..., Any]) -> None:
    done = trial()
    done.train()
    source = done.run.work / "data"
    told = yaml.safe_load((source / "data.yaml").read_text())
    assert told["kpt_shape"] == [5, 3] and told["flip_idx"] == [0, 2, 1, 4, 3]
    assert told["kpt_oks_sigmas"] == [0.2] * 5 and told["kpt_names"] == {0: list(FIGURE)}
    for sample in for_training(done.run.manifest, points=True).samples:
        (file,) = source.glob(f"labels/*/*_{sample.id}.txt")
        row = np.array(file.read_text().split(), float)
        x, y, w, h = sample.boxes[0]
        assert row[1:5] == pytest.approx([x + w / 2, y + h / 2, w, h])
        expected = np.nan_to_num(sample.points[0])
        assert row[5:].reshape(-1, 3) == pytest.approx(expected)
    assert not [event for event in done.events("note") if "flip" in event["text"]]


def test_without_names_nothing_is_flipped_and_a_note_says_so(trial: Callable[..., Any]) -> None:
    done = trial(skeleton=None)
    done.train()
    assert [event for event in done.events("note") if "flip_idx" in event["text"]]
    assert checkpoints.load(done.run.checkpoint).skeleton is None


def rewrite(manifest: Path, rows: list[Any]) -> None:
    """The manifest with other rows."""
    schema = pq.read_schema(manifest)
    write_table(pa.Table.from_pylist(rows, schema=schema), manifest)


def test_labels_of_two_skeletons_are_refused(trial: Callable[..., Any]) -> None:
    done = trial()
    table = read_table(done.run.manifest, MANIFEST)
    rows = table.to_pylist()
    rows[0]["labels"][0]["points"] = [0.5, 0.5, 2]
    rewrite(done.run.manifest, rows)
    with pytest.raises(DataError, match=r"same number of key points in every label.*found 1 and 5"):
        done.train()


def test_labels_without_a_point_teach_no_pose(trial: Callable[..., Any]) -> None:
    done = trial()
    table = read_table(done.run.manifest, MANIFEST)
    rows = table.to_pylist()
    for row in rows:
        row["labels"][0]["points"] = [float("nan"), float("nan"), 0] * 5
    rewrite(done.run.manifest, rows)
    with pytest.raises(DataError, match="expected labels with key points in the split 'train', found 6 labels without"):
        done.train()


def test_points_land_on_the_image_as_boxes_do() -> None:
    import torch

    from pipelines.yolo.detecting import Rows
    from pipelines.yolo.placing import place

    image = place(np.zeros((40, 80, 3), np.uint8), (64, 96), 80)
    corner = np.array(image.origin)
    inside = np.array([[20, 10], [60, 30]]) + corner
    row = [*inside[0], *inside[1], 0.9, 0, *inside[0], 0.5, *inside[1], 2.0]
    found = pointed.placed(Rows(torch.tensor([row], dtype=torch.float32), False), image, (2, 3))
    assert found.xywh[0] == pytest.approx([0.25, 0.25, 0.5, 0.5])
    assert found.points is not None
    assert found.points[0] == pytest.approx(np.array([[0.25, 0.25, 0.5], [0.75, 0.75, 1.0]]))
    bare = pointed.placed(Rows(torch.tensor([row[:8]], dtype=torch.float32), False), image, (1, 2))
    assert bare.points is not None and bare.points[0] == pytest.approx(np.array([[0.25, 0.25, 1.0]]))
