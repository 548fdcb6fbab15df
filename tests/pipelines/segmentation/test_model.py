"""Networks, their weights and what they expect of an image."""

from pathlib import Path
from typing import Any, get_args

import pytest
import torch

from pipelines.errors import CheckpointError, ConfigError
from pipelines.segmentation import model
from pipelines.segmentation.config import MODELS, Architecture, Config, offer
from pipelines.segmentation.windows import View, classes

PLAIN = [name for name in get_args(Architecture) if name != "dpt"]


@pytest.mark.parametrize("architecture", PLAIN)
def test_every_architecture_takes_images_of_any_size(architecture: str) -> None:
    network = model.build(architecture, "mobilenet_v2", 3).eval()
    seen = View(*model.normalisation("mobilenet_v2"), model.sides(network), 64)
    with torch.inference_mode():
        found = classes(network, torch.randint(0, 256, (1, 3, 50, 70), dtype=torch.uint8), seen)
    assert found.shape == (1, 50, 70) and int(found.max()) < 3


def test_dpt_takes_a_vision_transformer_and_images_of_any_size() -> None:
    network = model.build("dpt", "tu-vit_tiny_patch16_224", 3).eval()
    seen = View(*model.normalisation("tu-vit_tiny_patch16_224"), model.sides(network), 64)
    with torch.inference_mode():
        assert classes(network, torch.zeros(1, 3, 50, 70, dtype=torch.uint8), seen).shape == (1, 50, 70)
    assert seen.mean == (0.5, 0.5, 0.5)


def test_an_encoder_that_does_not_exist_is_told() -> None:
    for name in ("mobilenet_v9", "tu-nothing", "timm-skresnet18"):
        with pytest.raises(ConfigError, match=f"option 'model': expected .*found '{name}'"):
            model.build("fpn", name, 2)


def test_combinations_that_cannot_work_are_told() -> None:
    with pytest.raises(ConfigError, match="expected an encoder that unetplusplus can use"):
        model.build("unetplusplus", "mit_b0", 2)
    with pytest.raises(ValueError, match="dpt needs a vision transformer"):
        Config(architecture="dpt")
    with pytest.raises(ValueError, match="batches of 2 or more"):
        Config(architecture="pspnet", batch=1)


def filled(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    made = torch.Generator().manual_seed(3)
    return {name: torch.rand(value.shape, generator=made) if value.is_floating_point() else value
            for name, value in module.state_dict().items()}  # fmt: skip


def test_weights_of_torchvision_fit_the_encoder(tmp_path: Path) -> None:
    from torchvision.models import mobilenet_v2

    state = filled(mobilenet_v2(weights=None))
    torch.save(state, tmp_path / "mobilenet_v2.pth")
    network = model.start(Config(model="mobilenet_v2"), 3, tmp_path / "mobilenet_v2.pth")
    assert torch.equal(network.encoder.features[0][0].weight, state["features.0.0.weight"])


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "resnet18", "convnext_atto"])
def test_weights_of_timm_fit_the_encoder(tmp_path: Path, name: str) -> None:
    import timm

    whole = timm.create_model(name)
    state = {key: value.half() if value.is_floating_point() else value for key, value in filled(whole).items()}
    torch.save(state, tmp_path / f"{name}.pth")
    network = model.start(Config(model=f"tu-{name}"), 3, tmp_path / f"{name}.pth")
    whole.load_state_dict({key: value.float() for key, value in state.items()})
    pixels = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        ours = network.encoder.eval()(pixels)[-1]
        theirs = whole.eval().forward_intermediates(pixels, intermediates_only=True)[-1]
    assert ours.shape == theirs.shape
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    from torchvision.models import resnet18

    torch.save(resnet18(weights=None).state_dict(), tmp_path / "resnet18.pth")
    with pytest.raises(CheckpointError, match="expected the weights of this network"):
        model.start(Config(model="mobilenet_v2"), 3, tmp_path / "resnet18.pth")


def test_encoders_expect_the_pixels_they_were_trained_with() -> None:
    assert model.normalisation("mobilenet_v2") == model.IMAGENET
    assert model.normalisation("tu-tf_efficientnet_lite0") == model.HALF
    assert model.normalisation("tu-convnext_tiny") == model.IMAGENET
    assert model.normalisation("inceptionv4") == model.HALF


@pytest.mark.parametrize("name", MODELS)
def test_suggested_encoders_exist_and_are_offered(name: str) -> None:
    import segmentation_models_pytorch as smp
    import timm

    found = offer(name)
    assert found is not None and found.url.startswith("https://")
    if name.startswith("tu-"):
        tag = found.file.removesuffix(".safetensors").partition(".")[2]
        assert timm.get_pretrained_cfg(name[3:]).tag == tag
    else:
        assert name in smp.encoders.encoders


def test_files_on_this_machine_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import weights

    monkeypatch.setenv("FOVEAL_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("FOVEAL_HOME", str(tmp_path / "home"))
    for file in ("tf_efficientnet_lite0_timm_fp16.pth", "tf_efficientnet_lite01.txt", "mobilenet_v2-b0353104.pth"):
        (tmp_path / file).write_bytes(b"")
    found: Any = [weights.find(name, offer(name)).name for name in ("tu-tf_efficientnet_lite0", "mobilenet_v2")]
    assert found == ["tf_efficientnet_lite0_timm_fp16.pth", "mobilenet_v2-b0353104.pth"]
