from pathlib import Path

import pytest
import timm

from datasets.workspace import Workspace
from pipelines import families, registry
from pipelines.classification.config import AUTO, MODELS, SMALL, TAGS, YOLO, Config, offer


def test_offers_are_those_of_timm() -> None:
    assert {name: timm.get_pretrained_cfg(name).tag for name in TAGS} == TAGS
    assert set(AUTO) == set(TAGS)
    assert all(timm.is_model(name) for name in MODELS if name not in ("auto", SMALL, *YOLO))


def test_weights_are_found_under_the_names_that_makers_give_them() -> None:
    found = offer("mobilenetv2_100")
    assert found is not None
    assert found.url == "https://huggingface.co/timm/mobilenetv2_100.ra_in1k/resolve/main/model.safetensors"
    assert {"mobilenet_v2-*.pth", "mobilenetv2_100.*.safetensors", "mobilenetv2_100_timm*.pth"} <= set(found.names)
    tagged = offer("resnet18.tv_in1k")
    assert tagged is not None and tagged.file == "resnet18.tv_in1k.safetensors"
    unknown = offer("resnet26")
    assert unknown is not None and unknown.url == ""
    assert offer(SMALL) is None


def test_auto_goes_by_the_images_and_the_weights_that_are_here(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = registry.task("classification").choose
    assert choose(Config(), 64) == SMALL
    assert choose(Config(), 65) == "resnet18"
    assert choose(Config(allow_download=True), 65) == AUTO[0]
    monkeypatch.setenv("FOVEAL_WEIGHTS", str(tmp_path))
    for name in ("resnet50.safetensors", "mobilenet_v2-b0353104.pth"):
        (tmp_path / name).touch()
    assert choose(Config(), 65) == choose(Config(weights="pretrained"), 28) == "mobilenetv2_100"
    assert choose(Config(weights="none"), 65) == "resnet18"
    assert choose(Config(model="resnet26"), 28) == "resnet26"
    assert registry.task("detection").choose(registry.task("detection").resolve("fast"), 640) == "yolov8n"


@pytest.mark.parametrize("preset", ["fast", "balanced", "accurate"])
def test_presets_are_complete(preset: str) -> None:
    config = registry.task("classification").resolve(preset)
    assert isinstance(config, Config)
    assert families.of_model(Config.families, config.model).name == "network"
    assert families.of_model(Config.families, "yolo11n-cls").name == "yolo"
