"""Training and prediction on drawn shapes."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from datasets.errors import ClassMismatch
from datasets.tables import PREDICTIONS, read_table
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import CheckpointError, DataError, Stopped, WeightsMissing
from pipelines.runs import checkpoints
from tests.pipelines.segmentation.conftest import (
    SIZE,
    TARGETS,
    VOID,
    Trial,
    draw,
    made,
    row,
    shapes,
    write_manifest,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("workspace")


def predicted(run: Any) -> dict[str, np.ndarray[Any, Any]]:
    rows = read_table(run.predictions, PREDICTIONS).to_pylist()
    return {one["sample_id"]: cv2.imread(one["labels"][0]["mask_path"], cv2.IMREAD_UNCHANGED)
            for one in rows if one["labels"]}  # fmt: skip


@pytest.fixture(scope="module")
def learned(place: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A run that was trained; tests predict with it."""
    done = made(place, shapes(tmp_path_factory.mktemp("learned")))
    done.train()
    shutil.rmtree(done.run.work)
    return done


@pytest.fixture(scope="module")
def rough(place: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A training on masks of which two are none, and whose values have no names."""
    folder = tmp_path_factory.mktemp("rough")
    rows = shapes(folder)
    cv2.imwrite(str(folder / "0_mask.png"), np.zeros((5, 5), np.uint8))
    (folder / "1_mask.png").write_bytes(b"no image")
    done = made(place, rows)
    write_manifest(done.run.manifest, rows, {})
    done.train()
    return done


def test_training_leaves_a_checkpoint_that_predicts(learned: Trial) -> None:
    done = learned
    found = checkpoints.load(done.run.checkpoint)
    assert (found.kind, found.family, found.classes) == ("segmentation", "smp", ("ground", "disc", "box"))
    assert found.preprocess["targets"] == {"0": "ground", "3": "disc", "7": "box"}
    assert found.preprocess["mean"] == [0.485, 0.456, 0.406]
    figures = done.metrics()[0]
    wanted = {"miou", "mdice", "pixel_accuracy", "train/ce", "train/dice", "val/ce", "val/dice", "val/loss", "lr"}
    assert wanted <= set(figures)
    assert figures["val/loss"] == pytest.approx(figures["val/ce"] + figures["val/dice"])
    done.predict()
    masks = predicted(done.run)
    assert len(masks) == 10
    assert all(mask.shape == SIZE and mask.dtype == np.uint8 for mask in masks.values())
    assert set(np.unique(np.stack(list(masks.values())))) <= set(TARGETS)
    assert all(Path(done.run.folder / "masks") in Path(one["labels"][0]["mask_path"]).parents
               for one in read_table(done.run.predictions, PREDICTIONS).to_pylist())  # fmt: skip


def test_it_learns_shapes_and_says_what_an_evaluation_finds(trial: Callable[..., Any]) -> None:
    from datasets.evaluation.segmentation.counting import joint
    from datasets.evaluation.segmentation.figures import mean, per_class

    options = {"architecture": "unet", "model": "resnet18", "epochs": 14, "ema": 0.8, "augment": ["HorizontalFlip"]}
    done = trial(**options, class_weights="none")
    done.train()
    done.predict()
    masks, values = predicted(done.run), list(TARGETS)
    rows = [one for one in shapes(done.run.folder / "again") if one["split"] == "val"]
    counts = np.zeros((3, 4), np.int64)
    for one in rows:
        truth = cv2.imread(one["labels"][0]["mask_path"], cv2.IMREAD_UNCHANGED)
        counts[:, :3] += joint(truth, masks[one["sample_id"]])[np.ix_(values, values)]
    figures = per_class(counts)
    best = checkpoints.load(done.run.checkpoint).metrics
    assert best["miou"] == pytest.approx(mean(figures.iou), abs=1e-6)
    assert best["class/disc/iou"] == pytest.approx(figures.iou[1], abs=1e-6)
    assert best["miou"] == max(metrics["miou"] for metrics in done.metrics()) > 0.7


def test_a_resumed_training_is_the_unbroken_one(trial: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.training import fit

    options = {"epochs": 3, "ema": 0.9, "augment": ["HorizontalFlip", "ColorJitter"]}
    whole, parts = trial(**options), trial(**options)
    whole.train()

    class Impatient(fit.Watch):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            super().on_train_epoch_start(trainer, pl_module)
            if trainer.current_epoch == 2:
                self.stop.set()

    with monkeypatch.context() as patch:
        patch.setattr(fit, "Watch", Impatient)
        with pytest.raises(Stopped):
            parts.train()
    assert len(parts.metrics()) == 2
    assert checkpoints.load(parts.run.checkpoint).classes == tuple(TARGETS.values())
    parts.stop.clear()
    parts.train()
    assert parts.metrics() == whole.metrics()
    assert checkpoints.load(parts.run.checkpoint).sha256 == checkpoints.load(whole.run.checkpoint).sha256
    parts.train()
    assert len(parts.metrics()) == 3


def test_values_of_another_dataset_are_used(learned: Trial, tmp_path: Path) -> None:
    done = learned
    rows = [row(50, draw(tmp_path / "other", 50)[0], None, "")]
    done.predict(write_manifest(tmp_path / "other.parquet", rows, {1: "box", 2: "disc", 3: "ground"}))
    assert set(np.unique(*predicted(done.run).values())) <= {1, 2, 3}
    with pytest.raises(ClassMismatch):
        done.predict(write_manifest(tmp_path / "third.parquet", rows, {1: "car"}))


def test_an_image_that_cannot_be_read_gets_no_mask_and_a_finding(learned: Trial, tmp_path: Path) -> None:
    done = learned
    rows = [row(60, tmp_path / "gone.png", None, ""), row(61, draw(tmp_path, 61, (70, 130))[0], None, "")]
    done.predict(write_manifest(tmp_path / "two.parquet", rows))
    masks = predicted(done.run)
    assert list(masks) == [f"{61:024x}"] and masks[f"{61:024x}"].shape == (70, 130)
    assert [event["code"] for event in done.events("finding")] == ["unreadable_image"]


def test_bad_masks_are_left_out_and_told(rough: Trial) -> None:
    found = [(event["code"], Path(event["where"]).name) for event in rough.events("finding")]
    assert found == [("bad_mask", "0_mask.png"), ("bad_mask", "1_mask.png")]


def test_values_are_classes_where_the_dataset_names_none(rough: Trial) -> None:
    assert checkpoints.load(rough.run.checkpoint).classes == ("0", "3", "7", str(VOID))


def test_a_split_without_masks_is_an_error(trial: Callable[..., Any], tmp_path: Path) -> None:
    rows = [{**one, "labels": [] if one["split"] == "val" else one["labels"]} for one in shapes(tmp_path / "s")]
    with pytest.raises(DataError, match="expected masks in the split 'val', found 2 samples without a usable one"):
        trial(rows).train()


def test_missing_weights_are_named(trial: Callable[..., Any]) -> None:
    with pytest.raises(WeightsMissing, match=r"mobilenet_v2-b0353104\.pth"):
        trial(weights="pretrained").train()


def test_our_weights_can_be_brought_in_and_learned_from(
    learned: Trial, trial: Callable[..., Any], tmp_path: Path
) -> None:
    first = learned
    file = checkpoints.load(first.run.checkpoint).weights
    made = registry.adopter("segmentation")(file, tmp_path / "adopted")
    assert made["classes"] == ["ground", "disc", "box"] and made["model"] == "mobilenet_v2"
    assert checkpoints.load(tmp_path / "adopted").preprocess == checkpoints.load(first.run.checkpoint).preprocess
    second = trial(weights=str(file))
    second.train()
    assert second.metrics()[0]["train/ce"] < first.metrics()[0]["train/ce"]
    broken = tmp_path / "encoder.safetensors"
    broken.write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="expected safetensors of semantic segmentation"):
        registry.adopter("segmentation")(broken, tmp_path / "no")
