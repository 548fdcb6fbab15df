from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save_file

from pipelines import registry
from pipelines.classification.network import files
from pipelines.classification.network import model as network
from pipelines.classification.network.preprocess import Preprocess
from pipelines.errors import CheckpointError, ConfigError
from pipelines.runs import checkpoints

ANTS = ["ants", "bees"]


def test_torchvisions_mobilenet_is_timms(tmp_path: Path) -> None:
    from torchvision.models import mobilenet_v2

    torch.manual_seed(0)
    theirs = mobilenet_v2(weights=None).eval()
    for norm in theirs.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.running_mean.uniform_(-0.1, 0.1)
            norm.running_var.uniform_(0.5, 1.5)
    file = tmp_path / "mobilenet_v2-b0353104.pth"
    torch.save(theirs.state_dict(), file)
    about = registry.adopter("classification")(file, tmp_path / "checkpoint")
    assert (about["model"], len(set(about["classes"])), about["classes"][2]) == (
        "mobilenetv2_100", 1000, "great white shark",
    )  # fmt: skip
    ours, square = network.load(checkpoints.load(tmp_path / "checkpoint"), "cpu")
    images = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(ours(images), theirs(images), atol=1e-5)
    assert square.mean == pytest.approx((0.485, 0.456, 0.406))


def test_half_precision_and_wrapped_files_are_read(tmp_path: Path) -> None:
    source = timm.create_model("resnet18", pretrained=False)
    half = {f"module.{key}": value.half() for key, value in source.state_dict().items() if value.is_floating_point()}
    torch.save({"state_dict": half, "epoch": 3}, tmp_path / "resnet18.pth")
    found = files.read(tmp_path / "resnet18.pth")[0]
    assert found["conv1.weight"].dtype == torch.float32
    assert torch.allclose(found["conv1.weight"], source.conv1.weight, atol=1e-3)


def test_training_starts_from_weights_of_other_classes(tmp_path: Path) -> None:
    source = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    file = tmp_path / "tf_efficientnet_lite0.pth"
    torch.save(source.state_dict(), file)
    square = network.preprocess_of("tf_efficientnet_lite0")
    assert (square.mean, square.std) == ((0.5,) * 3, (0.5,) * 3)
    started: Any = network.start("tf_efficientnet_lite0", ANTS, square, file)
    assert torch.equal(started.conv_stem.weight, source.conv_stem.weight)
    assert started.get_classifier().out_features == 2
    grey: Any = network.start("tf_efficientnet_lite0", ANTS, square.grey(), file)
    assert torch.allclose(grey.conv_stem.weight[:, 0], source.conv_stem.weight.sum(1), atol=1e-6)
    with pytest.raises(CheckpointError, match=r"expected the weights of resnet18, found others: .*name the model"):
        network.start("resnet18", ANTS, square, file)


def test_transformers_fit_another_size(tmp_path: Path) -> None:
    torch.manual_seed(0)
    source = timm.create_model("test_vit", pretrained=False)
    save_file(source.state_dict(), tmp_path / "test_vit.safetensors")
    started: Any = network.start("test_vit", ANTS, Preprocess(96), tmp_path / "test_vit.safetensors")
    assert started(torch.rand(1, 3, 96, 96)).shape == (1, 2)


@pytest.mark.parametrize("name", ["small_cnn", "resnet18"])
def test_our_weights_go_on_where_they_ended_and_can_be_brought_in(tmp_path: Path, name: str) -> None:
    square = Preprocess(32).grey()
    source: Any = network.build(name, 2, square)
    file = tmp_path / "ours.safetensors"
    files.save(file, source.state_dict(), files.header(name, ANTS, "classifications", square))
    same: Any = network.start(name, ANTS, square, file)
    assert torch.equal(same.get_classifier().weight, source.get_classifier().weight)
    other: Any = network.start(name, ["a", "b", "c"], square, file)
    assert other.get_classifier().out_features == 3
    assert torch.equal(next(other.parameters()), next(source.parameters()))
    about = registry.adopter("classification")(file, tmp_path / "checkpoint")
    found = checkpoints.load(tmp_path / "checkpoint")
    assert (about["model"], found.kind, list(found.classes)) == (name, "classifications", ANTS)
    loaded, placed = network.load(found, "cpu")
    assert placed == square
    images = torch.rand(1, 1, 32, 32)
    assert torch.equal(loaded(images), source.eval()(images))


def test_files_that_cannot_be_used_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="found nothing at"):
        registry.adopter("classification")(tmp_path / "gone.pth", tmp_path / "one")
    torch.save(timm.create_model("resnet18", pretrained=False, num_classes=4).state_dict(), tmp_path / "resnet18.pth")
    with pytest.raises(CheckpointError, match="1000 classes of ImageNet, found 4 without names"):
        registry.adopter("classification")(tmp_path / "resnet18.pth", tmp_path / "one")
    (tmp_path / "resnet18.pth").rename(tmp_path / "best.pth")
    with pytest.raises(CheckpointError, match="named after its network"):
        registry.adopter("classification")(tmp_path / "best.pth", tmp_path / "one")
    (tmp_path / "resnet18.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="as safetensors or a state dict"):
        registry.adopter("classification")(tmp_path / "resnet18.safetensors", tmp_path / "one")


def test_unknown_networks_are_told_with_names_alike() -> None:
    with pytest.raises(ConfigError, match=r"found 'resnet19'; alike are .*resnet18"):
        network.build("resnet19", 2, Preprocess(64))
