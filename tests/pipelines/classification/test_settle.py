from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import timm
from safetensors.torch import save_file

from pipelines.errors import WeightsMissing
from pipelines.runs import checkpoints

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that weights are looked for in."""
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setenv("FOVEAL_WEIGHTS", str(folder))
    return folder


def test_small_images_are_for_the_small_network(trial: Callable[..., Any]) -> None:
    done = trial(batch=0)
    done.train()
    config = checkpoints.load(done.run.checkpoint).config
    assert {name: config[name] for name in ("model", "batch", "crop", "mirror", "shift", "colour", "image_size")} == {
        "model": "small_cnn", "batch": 128, "crop": 1.0, "mirror": 0.0, "shift": 0.1, "colour": "rgb", "image_size": 16,
    }  # fmt: skip
    assert done.events("note")[0]["text"] == "small_cnn learns from scratch, on 16 px squares (rgb)"
    assert not done.events("finding")


def test_photographs_are_for_the_weights_that_are_here(trial: Callable[..., Any], weights: Path) -> None:
    save_file(timm.create_model("tf_efficientnet_lite0").state_dict(), weights / "tf_efficientnet_lite0.safetensors")
    done = trial(side=72, image_size=32, preset="fast")
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert (found.config["model"], found.config["crop"], found.config["mirror"]) == ("tf_efficientnet_lite0", 0.35, 0.5)
    assert (found.preprocess["mean"], found.preprocess["image_size"]) == ([0.5, 0.5, 0.5], 32)
    assert found.preprocess["interpolation"] == "bicubic"
    epochs = done.events("epoch")
    assert [event["epoch"] for event in epochs] == list(range(1, 9))
    assert found.metrics["val/loss"] == min(event["metrics"]["val/loss"] for event in epochs)
    done.predict()


def test_fine_tuning_starts_from_the_file_that_is_named(trial: Callable[..., Any], weights: Path) -> None:
    file = weights / "resnet10t.c3_in1k.safetensors"
    save_file(timm.create_model("resnet10t").state_dict(), file)
    done = trial(side=72, image_size=32, weights=str(file), backbone_rate=0.0, crop=1.0)
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert found.config["model"] == "resnet10t"
    assert done.events("note")[0]["text"].startswith("resnet10t learns from resnet10t.c3_in1k.safetensors")


def test_a_probe_without_weights_says_what_stands_in(trial: Callable[..., Any]) -> None:
    done = trial(side=72, preset="fast")
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert (found.config["model"], found.config["learn"], found.config["image_size"]) == ("small_cnn", "all", 64)
    assert {"from_scratch", "probe_needs_weights"} == {event["code"] for event in done.events("finding")}
    with pytest.raises(WeightsMissing, match="resnet18"):
        trial(side=72, preset="fast", weights="pretrained").train()
