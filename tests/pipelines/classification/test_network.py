import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.tables import MANIFEST, PREDICTIONS, read_table
from pipelines.errors import Stopped
from pipelines.runs import checkpoints

pytestmark = pytest.mark.usefixtures("workspace")


def test_training_leaves_a_checkpoint_that_predicts(trial: Callable[..., Any]) -> None:
    done = trial(epochs=8, batch=6)
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert (found.kind, found.family, found.weights.suffix) == ("classification", "network", ".safetensors")
    assert (found.config["model"], found.preprocess["image_size"], found.preprocess["channels"]) == (
        "small_cnn",
        16,
        "RGB",
    )
    figures = done.events("epoch")[-1]["metrics"]
    assert {"train/loss", "val/loss", "accuracy", "balanced_accuracy", "macro_f1", "lr", "class/red/f1"} <= set(figures)
    assert found.metrics["accuracy"] == 1.0
    shutil.rmtree(done.run.work)
    done.predict()
    table = read_table(done.run.predictions, PREDICTIONS)
    assert table["sample_id"] == read_table(done.run.manifest, MANIFEST)["sample_id"]
    truth = [row["labels"][0]["label"] for row in read_table(done.run.manifest, MANIFEST).to_pylist()]
    rows = [row["labels"] for row in table.to_pylist()]
    assert [len(labels) for labels in rows] == [1] * len(rows)
    assert [labels[0]["label"] for labels in rows] == truth
    for (label,) in rows:
        raised = np.exp(np.array(label["logits"]))
        assert found.classes[int(raised.argmax())] == label["label"]
        assert label["confidence"] == pytest.approx(raised.max() / raised.sum(), abs=1e-6)


def test_many_classes_per_image(trial: Callable[..., Any]) -> None:
    done = trial("classifications", epochs=12, batch=6, ema=0.0)
    done.train()
    assert checkpoints.load(done.run.checkpoint).kind == "classifications"
    assert {"map", "macro_f1", "f1", "class/blue/recall"} <= set(done.events("epoch")[-1]["metrics"])
    done.predict(confidence=0.5)
    rows = read_table(done.run.predictions, PREDICTIONS).to_pylist()
    truth = [{one["label"] for one in row["labels"]} for row in read_table(done.run.manifest, MANIFEST).to_pylist()]
    right = [{one["label"] for one in row["labels"]} == wanted for row, wanted in zip(rows, truth, strict=True)]
    assert np.mean(right) > 0.7
    done.predict(confidence=0.0)
    labels = read_table(done.run.predictions, PREDICTIONS).to_pylist()[0]["labels"]
    confidences = [one["confidence"] for one in labels]
    assert len(labels) == 3
    assert confidences == sorted(confidences, reverse=True)
    assert labels[0]["logits"] is None


@pytest.mark.parametrize("options", [{"mixup": 0.2, "cutmix": 1.0, "augment": ["HorizontalFlip"]}, {"crop": 0.5}])
@pytest.mark.parametrize("kind", ["classification", "classifications"])
def test_a_resumed_training_is_the_same_training(
    trial: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, kind: str, options: dict[str, Any]
) -> None:
    from pipelines.training import fit

    given = {"epochs": 3, "dropout": 0.2, "mirror": 0.5, "balance": "sampling", **options}
    whole, parts = trial(kind, **given), trial(kind, **given)
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
    assert checkpoints.load(parts.run.checkpoint).classes == ("red", "green", "blue")
    parts.stop.clear()
    parts.train()
    assert [event["epoch"] for event in parts.events("epoch")] == [1, 2, 3]
    assert metrics(parts) == metrics(whole)
    assert_same(parts.run, whole.run)


def test_an_image_that_cannot_be_read_has_an_empty_row_and_a_finding(trial: Callable[..., Any]) -> None:
    done = trial()
    done.train()
    path = read_table(done.run.manifest, MANIFEST)["path"][3].as_py()
    Path(path).write_bytes(b"no image")
    done.predict()
    rows = read_table(done.run.predictions, PREDICTIONS).to_pylist()
    assert [number for number, row in enumerate(rows) if not row["labels"]] == [3]
    assert [finding["where"] for finding in done.events("finding") if finding["code"] == "unreadable_image"] == [path]


@pytest.mark.parametrize("options", [{}, {"image_size": 96, "cache": "none"}, {"learn": "head"}])
def test_a_bad_image_does_not_end_a_training(trial: Callable[..., Any], options: dict[str, Any]) -> None:
    done = trial(**options)
    paths = read_table(done.run.manifest, MANIFEST)["path"].to_pylist()
    splits = read_table(done.run.manifest, MANIFEST)["split"].to_pylist()
    bad = [paths[splits.index(split)] for split in ("train", "val")]
    for path in bad:
        Path(path).write_bytes(b"no image")
    done.train()
    assert checkpoints.load(done.run.checkpoint)
    told = {one["where"]: one["found"] for one in done.events("finding") if one["code"] == "unreadable_image"}
    assert told == dict.fromkeys(bad, "no image that Pillow knows")


def test_one_grey_channel_is_seen_when_the_images_have_no_colour(trial: Callable[..., Any]) -> None:
    from PIL import Image

    done = trial()
    for path in read_table(done.run.manifest, MANIFEST)["path"].to_pylist():
        Image.open(path).convert("L").save(path)
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert (found.preprocess["channels"], found.preprocess["mean"]) == ("grey", [0.5])
    done.predict()


def metrics(done: Any) -> list[str]:
    return [json.dumps(event["metrics"], sort_keys=True) for event in done.events("epoch")]


def assert_same(one: Any, other: Any) -> None:
    from safetensors.numpy import load_file

    mine, theirs = (load_file(checkpoints.load(run.checkpoint).weights) for run in (one, other))
    assert {name: np.abs(mine[name] - theirs[name]).max() for name in mine if (mine[name] != theirs[name]).any()} == {}
