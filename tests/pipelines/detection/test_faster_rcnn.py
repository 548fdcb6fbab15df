import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.tables import MANIFEST, PREDICTIONS, read_table, write_table
from pipelines import registry
from pipelines.errors import CheckpointError, Stopped, WeightsMissing
from pipelines.runs import checkpoints
from tests.helpers import make_image

pytestmark = pytest.mark.usefixtures("workspace")
SMALL = "fasterrcnn_mobilenet_v3_large_320_fpn"


def test_training_leaves_a_checkpoint_that_predicts(trial: Callable[..., Any]) -> None:
    done = trial(model=SMALL, ema=0.99, rotate=5.0)
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert found.weights.suffix == ".safetensors"
    assert set(found.metrics) == {"map", "map50", "map75"}
    assert {"train/loss_classifier", "map", "map50", "lr"} <= set(done.events("epoch")[0]["metrics"])
    shutil.rmtree(done.run.work)
    done.predict(confidence=0.0)
    table = read_table(done.run.predictions, PREDICTIONS)
    assert table["sample_id"] == read_table(done.run.manifest, MANIFEST)["sample_id"]
    labels = [label for row in table.to_pylist() for label in row["labels"]]
    assert labels
    assert {label["label"] for label in labels} <= {"red", "green"}
    assert all(min(label["box"]) >= 0 and max(label["box"]) <= 1 for label in labels)


def test_a_resumed_training_is_the_same_training(trial: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.training import fit

    whole = trial(model=SMALL, epochs=2, warmup_epochs=1.0)
    whole.train()
    parts = trial(model=SMALL, epochs=2, warmup_epochs=1.0)

    class Impatient(fit.Watch):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            super().on_train_epoch_start(trainer, pl_module)
            if trainer.current_epoch == 1:
                self.stop.set()

    with monkeypatch.context() as patch:
        patch.setattr(fit, "Watch", Impatient)
        with pytest.raises(Stopped):
            parts.train()
    assert parts.epochs() == [1]
    assert checkpoints.load(parts.run.checkpoint).classes == ("red", "green")
    parts.stop.clear()
    parts.train()
    assert parts.epochs() == [1, 2]
    assert _metrics(parts) == _metrics(whole)


def test_an_image_that_cannot_be_read_is_told_once(trial: Callable[..., Any], tmp_path: Path) -> None:
    done = trial(model=SMALL, epochs=2)
    broken = tmp_path / "images" / "1.png"
    broken.write_bytes(b"no image")
    done.train()
    assert [(one["code"], one["where"]) for one in done.events("finding")] == [("unreadable_image", str(broken))]


def test_a_strip_is_left_out_of_training_and_of_prediction(trial: Callable[..., Any], tmp_path: Path) -> None:
    done = trial(model=SMALL, image_size=64)
    strip = make_image(tmp_path / "images" / "0.png", (5000, 3))
    table, about = read_table(done.run.manifest, MANIFEST), pq.read_schema(done.run.manifest).metadata
    rows = [{**row, "width": 5000, "height": 3} if row["path"] == str(strip) else row for row in table.to_pylist()]
    write_table(pa.Table.from_pylist(rows, MANIFEST.with_metadata(about)), done.run.manifest)
    done.train()
    done.predict(confidence=0.0)
    told = [one for one in done.events("finding") if one["where"] == str(strip)]
    assert [one["code"] for one in told] == ["refused_image", "unreadable_image"]
    assert all("5000 x 3 px, too thin for 64 px" in one["found"] for one in told)
    found = read_table(done.run.predictions, PREDICTIONS).to_pylist()
    assert found[0]["labels"] == [] and all(row["labels"] for row in found[1:])


def test_missing_weights_are_named(trial: Callable[..., Any]) -> None:
    with pytest.raises(WeightsMissing, match=r"fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9\.pth"):
        trial(model=SMALL, weights="pretrained").train()


def test_our_weights_and_those_of_torchvision_can_be_brought_in(tmp_path: Path) -> None:
    import torch

    from pipelines.rcnn import model as network

    ours = tmp_path / "ours.safetensors"
    network.save(network.FASTER.build(SMALL, 2, 64).state_dict(), ours, SMALL, ["red", "green"], 64)
    about = registry.adopter("detection")(ours, tmp_path / "one")
    assert (about["model"], about["classes"]) == (SMALL, ["red", "green"])
    assert checkpoints.load(tmp_path / "one").preprocess["image_size"] == 64

    theirs = tmp_path / "theirs.pth"
    torch.save(network.FASTER.build(SMALL, 90, 320).state_dict(), theirs)
    about = registry.adopter("detection")(theirs, tmp_path / "two")
    assert about["classes"][:2] == ["person", "bicycle"]
    assert len(about["classes"]) == len(set(about["classes"])) == 90

    torch.save(network.FASTER.build(SMALL, 4, 320).state_dict(), theirs)
    with pytest.raises(CheckpointError, match="found 5 without names"):
        registry.adopter("detection")(theirs, tmp_path / "three")
    torch.save({"a": torch.zeros(1)}, theirs)
    with pytest.raises(CheckpointError, match="found another model"):
        registry.adopter("detection")(theirs, tmp_path / "three")


def test_training_starts_from_weights_of_other_classes(tmp_path: Path) -> None:
    import torch

    from pipelines.rcnn import model as network

    file = tmp_path / "coco.pth"
    source = network.FASTER.build(SMALL, 90, 320)
    torch.save(source.state_dict(), file)
    started = network.start(network.FASTER, SMALL, 2, 64, file)
    assert torch.equal(started.rpn.head.cls_logits.weight, source.rpn.head.cls_logits.weight)
    assert len(started.roi_heads.box_predictor.cls_score.weight) == 3
    with pytest.raises(CheckpointError, match="found a file without"):
        network.start(network.FASTER, "fasterrcnn_resnet50_fpn_v2", 2, 64, file)


def _metrics(done: Any) -> list[str]:
    return [json.dumps(event["metrics"], sort_keys=True) for event in done.events("epoch")]
