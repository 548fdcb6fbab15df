import pytest
import timm

from pipelines import registry
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


@pytest.mark.parametrize("preset", ["fast", "balanced", "accurate"])
def test_presets_are_complete(preset: str) -> None:
    config = registry.task("classification").resolve(preset)
    assert isinstance(config, Config)
    assert config.family == "network"
    assert Config(model="yolo11n-cls").family == "yolo"
