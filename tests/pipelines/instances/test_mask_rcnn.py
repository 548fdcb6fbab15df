import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from datasets.tables import PREDICTIONS, read_table
from pipelines import registry
from pipelines.errors import CheckpointError, Stopped, WeightsMissing
from pipelines.runs import checkpoints

pytestmark = pytest.mark.usefixtures("workspace")
SMALL = "maskrcnn_mobilenet_v3_large_320_fpn"


def test_training_leaves_a_checkpoint_that_predicts_masks(trial: Callable[..., Any]) -> None:
    done = trial(model=SMALL, ema=0.9, rotate=5.0, max_detections=4)
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert found.weights.suffix == ".safetensors"
    assert set(found.metrics) == {"map", "map50", "map75", "box_map", "box_map50", "box_map75"}
    assert {"train/loss_mask", "map", "box_map50", "lr"} <= set(done.events("epoch")[0]["metrics"])
    shutil.rmtree(done.run.work)
    done.predict(confidence=0.0)
    labels = [label for row in read_table(done.run.predictions, PREDICTIONS).to_pylist() for label in row["labels"]]
    for label in labels:
        x, y, w, h = (side * full for side, full in zip(label["box"], (96, 72, 96, 72), strict=True))
        mask = np.asarray(Image.open(label["mask_path"]))
        assert mask.any()
        assert mask.shape[0] <= max(round(y + h) - round(y), 1)
        assert mask.shape[1] <= max(round(x + w) - round(x), 1)


def test_a_resumed_training_is_the_same_training(trial: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.training import fit

    whole, parts = (trial(model=SMALL, epochs=2, warmup_epochs=1.0) for _ in range(2))
    whole.train()

    class Impatient(fit.Watch):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            super().on_train_epoch_start(trainer, pl_module)
            if trainer.current_epoch == 1:
                self.stop.set()

    with monkeypatch.context() as patch:
        patch.setattr(fit, "Watch", Impatient)
        with pytest.raises(Stopped):
            parts.train()
    parts.stop.clear()
    parts.train()
    assert parts.epochs() == [1, 2]
    figures = [
        [json.dumps(event["metrics"], sort_keys=True) for event in one.events("epoch")] for one in (parts, whole)
    ]
    assert figures[0] == figures[1]


def test_the_target_holds_the_masks_of_the_labels(trial: Callable[..., Any], tmp_path: Path) -> None:
    from pipelines.instances.config import Config
    from pipelines.objects.data import for_training
    from pipelines.rcnn.data import Images

    done = trial(model=SMALL)
    samples = for_training(done.run.manifest, masks=True).split("train")
    images = Images(samples, Config.model_validate(done.run.request.config), tmp_path, augment=False, masks=True)
    for number in range(2):  # one with masks of whole images, one with masks of boxes
        pixels, target = images[number]
        for mask, box, label in zip(target["masks"], target["boxes"].tolist(), target["labels"].tolist(), strict=True):
            inside = mask.bool().numpy()
            assert (pixels.numpy().max(axis=0)[inside] == 1).all()
            assert label in (1, 2)
            rows, columns = np.nonzero(inside)
            around = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert np.abs(np.array(around) - box).max() <= 1


def test_missing_weights_are_named(trial: Callable[..., Any]) -> None:
    with pytest.raises(WeightsMissing, match=r"maskrcnn_resnet50_fpn_v2_coco-73cbd019\.pth"):
        trial(model="maskrcnn_resnet50_fpn_v2", weights="pretrained").train()


def test_our_weights_and_those_of_torchvision_can_be_brought_in(tmp_path: Path) -> None:
    import torch

    from pipelines.rcnn import model as network

    ours = tmp_path / "ours.safetensors"
    network.save(network.MASK.build(SMALL, 2, 64).state_dict(), ours, SMALL, ["red", "green"], 64)
    about = registry.adopter("instances")(ours, tmp_path / "one")
    assert (about["model"], about["classes"]) == (SMALL, ["red", "green"])
    theirs = tmp_path / "theirs.pth"
    torch.save(network.MASK.build("maskrcnn_resnet50_fpn_v2", 90, 320).state_dict(), theirs)
    about = registry.adopter("instances")(theirs, tmp_path / "two")
    assert (about["model"], len(about["classes"])) == ("maskrcnn_resnet50_fpn_v2", 90)
    with pytest.raises(CheckpointError, match="found another model"):
        registry.adopter("detection")(theirs, tmp_path / "three")


def test_the_small_network_starts_from_the_weights_of_its_detector(tmp_path: Path) -> None:
    import torch

    from pipelines.instances.config import offer
    from pipelines.rcnn import model as network

    name = "fasterrcnn_mobilenet_v3_large_320_fpn"
    offered = offer(SMALL)
    assert offered
    assert offered.file.startswith(name)
    source = network.FASTER.build(name, 90, 64)
    torch.save(source.state_dict(), tmp_path / offered.file)
    started = network.start(network.MASK, SMALL, 2, 64, tmp_path / offered.file)
    for part in ("backbone", "rpn", "roi_heads.box_head"):
        before, after = (one.get_submodule(part).state_dict() for one in (source, started))
        assert all(torch.equal(value, after[key]) for key, value in before.items() if "num_batches" not in key)
