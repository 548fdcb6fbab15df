from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from datasets.tables import MANIFEST, read_table
from pipelines import registry
from pipelines.classification.network.explain import grad_cam, last, placed
from pipelines.classification.network.model import build
from pipelines.classification.network.preprocess import Preprocess
from pipelines.errors import CheckpointError, DataError

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.mark.parametrize(
    "name",
    ["small_cnn", "resnet18", "tf_efficientnet_lite0", "convnext_atto", "test_vit", "swin_tiny_patch4_window7_224"],
)
def test_every_kind_of_network_has_a_map(name: str) -> None:
    size = {"swin_tiny_patch4_window7_224": 224, "test_vit": 160}.get(name, 64)
    torch.manual_seed(0)
    model = build(name, 3, Preprocess(size)).eval()
    found = grad_cam(model, torch.rand(1, 3, size, size), 1, *last(model))
    assert found.shape == (size, size)
    assert found.min() >= 0


def test_the_map_is_that_of_the_paper() -> None:
    torch.manual_seed(0)
    model: Any = build("small_cnn", 3, Preprocess(32)).eval()
    images = torch.rand(1, 3, 32, 32)
    features = model.stages(model.stem(images)).detach().requires_grad_()
    model.head(features.mean(dim=(2, 3)))[0, 1].backward()
    weights = features.grad.mean(dim=(2, 3), keepdim=True)
    wanted = torch.nn.functional.interpolate(
        (weights * features).sum(1, keepdim=True).relu(), (32, 32), mode="bilinear"
    )
    assert torch.allclose(grad_cam(model, images, 1, *last(model)), wanted[0, 0], atol=1e-6)


def test_the_map_lies_on_the_part_that_the_network_saw() -> None:
    found = placed(torch.full((8, 8), 2.0), Preprocess(8, crop=0.5), 32, 64)
    assert found.dtype == np.float32
    assert np.argwhere(found).min(0).tolist() == [8, 24]
    assert np.argwhere(found).max(0).tolist() == [23, 39]
    assert found.max() == 1


def test_a_trained_network_looks_at_what_it_learned(trial: Callable[..., Any]) -> None:
    done = trial(epochs=10, batch=6, side=32)
    done.train()
    explain = registry.explainer("classification")
    assert explain is not None
    rows = [row for row in read_table(done.run.manifest, MANIFEST).to_pylist() if row["labels"][0]["label"] == "blue"]
    found = np.mean([explain(done.run.checkpoint, Path(row["path"]), "blue") for row in rows], axis=0)
    assert found.shape == (32, 32)
    assert found[:, 21:30].mean() > found[:, :18].mean()
    with pytest.raises(CheckpointError, match="one of red, green, blue; found 'violet'"):
        explain(done.run.checkpoint, Path(rows[0]["path"]), "violet")
    with pytest.raises(DataError, match="expected a readable image"):
        explain(done.run.checkpoint, done.run.job, "blue")


def test_tasks_without_a_map_say_so() -> None:
    assert registry.explainer("detection") is None
