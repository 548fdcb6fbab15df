import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from datasets.tables import MANIFEST, PREDICTIONS, read_table, write_table
from pipelines.errors import DataError, Stopped
from pipelines.runs import checkpoints

pytestmark = pytest.mark.usefixtures("workspace")


def test_training_leaves_a_checkpoint_that_predicts_masks(trial: Callable[..., Any]) -> None:
    done = trial(epochs=2)
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert (found.classes, found.task, found.kind) == (("red", "green"), "instances", "detections")
    assert set(found.metrics) == {"map", "map50", "precision", "recall", "box_map", "box_map50"}
    assert {"train/seg_loss", "val/seg_loss", "map", "box_map", "lr"} <= set(done.events("epoch")[-1]["metrics"])
    shutil.rmtree(done.run.work)
    done.predict(confidence=0.0)
    table = read_table(done.run.predictions, PREDICTIONS).to_pylist()
    assert [row["sample_id"] for row in table] == read_table(done.run.manifest, MANIFEST)["sample_id"].to_pylist()
    labels = [label for row in table for label in row["labels"]]
    assert labels
    for label in labels:
        mask = np.asarray(Image.open(label["mask_path"]))
        x, y, w, h = (side * full for side, full in zip(label["box"], (96, 72, 96, 72), strict=True))
        assert set(np.unique(mask)) <= {0, 255}
        assert mask.any()
        assert mask.shape == (max(round(y + h) - round(y), 1), max(round(x + w) - round(x), 1))
    files = list((done.run.folder / "masks").rglob("*.png"))
    assert len(files) == len(labels)


def test_labels_of_ultralytics_are_the_masks(trial: Callable[..., Any], tmp_path: Path) -> None:
    import cv2

    from pipelines.objects.data import for_training
    from pipelines.yolo.outlines import lines

    for sample in for_training(trial().run.manifest, masks=True).samples:
        for line, path, box in zip(lines(sample).splitlines(), sample.masks, sample.boxes, strict=True):
            mask = np.asarray(Image.open(path)) > 0
            ring = np.array(line.split()[1:], float).reshape(-1, 2)
            scaled = np.rint(ring * (96, 72) * 16).astype(np.int32)
            drawn = cv2.fillPoly(np.zeros((72 * 16, 96 * 16), np.uint8), [scaled], 1)
            small = drawn.reshape(72, 16, 96, 16).mean(axis=(1, 3)) > 0.5
            if mask.shape != small.shape:
                x, y = round(box[0] * 96), round(box[1] * 72)
                small = small[y : y + mask.shape[0], x : x + mask.shape[1]]
            assert np.array_equal(small, mask)


def test_stopping_keeps_the_best_and_resuming_does_the_rest(trial: Callable[..., Any]) -> None:
    from pipelines.yolo.watch import Watch

    done, patch = trial(epochs=2), pytest.MonkeyPatch()
    start = Watch.start_epoch

    def impatient(self: Watch, trainer: Any) -> None:
        start(self, trainer)
        if trainer.epoch == 1:
            self.stop.set()

    with patch.context() as context:
        context.setattr(Watch, "start_epoch", impatient)
        with pytest.raises(Stopped):
            done.train()
    assert done.epochs() == [1]
    assert checkpoints.load(done.run.checkpoint).classes == ("red", "green")
    done.stop.clear()
    done.train()
    assert done.epochs() == [1, 2]


@pytest.mark.parametrize("model", ["yolo11n-seg", "yolo26n-seg"])
def test_other_generations_train_and_predict(trial: Callable[..., Any], model: str) -> None:
    done = trial(model=model)
    done.train()
    done.predict(confidence=0.0, max_detections=5)
    table = read_table(done.run.predictions, PREDICTIONS).to_pylist()
    assert len(table) == 8
    assert max(len(row["labels"]) for row in table) <= 5


def test_labels_without_masks_are_an_error_that_says_what_to_do(trial: Callable[..., Any]) -> None:
    done = trial()
    table = read_table(done.run.manifest, MANIFEST)
    rows = table.to_pylist()
    for row in rows:
        for label in row["labels"]:
            label["mask_path"] = None
    described = pq.read_schema(done.run.manifest)
    write_table(type(table).from_pylist(rows, schema=described), done.run.manifest)
    with pytest.raises(DataError, match="labels with masks in the split 'train', found 12 labels without one; import"):
        done.train()
