"""Tensors by name, and the headers of safetensors, which may say anything."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from pipelines import registry
from pipelines.errors import CheckpointError
from pipelines.foreign import states
from tests.pipelines.foreign.hostile import archive, safetensors, tensor

ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "make",
    [
        lambda path: safetensors(path, b"{}", length=1 << 40),
        lambda path: safetensors(path, b"{}", length=99_999_999),
        lambda path: safetensors(path, (DEEP + "]" * 100_000).encode()),
        lambda path: safetensors(path, {"a": {**ONE, "shape": [1 << 40]}}, b"\0" * 4),
        lambda path: safetensors(path, {"a": {**ONE, "shape": [1 << 62, 4]}}, b"\0" * 4),
        lambda path: safetensors(path, {"a": {**ONE, "dtype": "F64"}}, b"\0" * 4),
        lambda path: safetensors(path, {"a": {**ONE, "dtype": "O"}}, b"\0" * 4),
        lambda path: safetensors(path, {"a": {**ONE, "data_offsets": [0, 400]}, "b": ONE}, b"\0" * 4),
        lambda path: safetensors(path, {"a": ONE, "b": ONE}, b"\0" * 4),
        lambda path: safetensors(path, {"a": {**ONE, "data_offsets": [4, 0]}}, b"\0" * 4),
        lambda path: safetensors(path, {"a": ONE, "__metadata__": {"model": 3}}, b"\0" * 4),
        lambda path: safetensors(path, b"\xff\xfe"),
    ],
)
def test_headers_that_lie_are_errors_for_every_task(make: Callable[[Path], Path], tmp_path: Path) -> None:
    file = make(tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match="expected weights as safetensors or a state dict, found"):
        states.read(file)
    with pytest.raises(CheckpointError, match="none can read it"):
        registry.adopt(file, tmp_path / "made")


OURS: dict[str, dict[str, Any]] = {
    "detection": {"model": "fasterrcnn_resnet50_fpn_v2", "classes": ["a"], "image_size": 320},
    "classification": {
        "model": "resnet18", "classes": ["a"], "kind": "classification",
        "preprocess": {"image_size": 64, "channels": "RGB", "mean": [0.5] * 3, "std": [0.5] * 3,
                       "interpolation": "bilinear", "crop": 1.0},
    },
    "segmentation": {
        "foveal": {"task": "segmentation", "architecture": "unet", "encoder": "resnet18", "targets": {"0": "a"},
                   "window": 64, "image_size": 64},
    },
}  # fmt: skip
LIES = [
    ("detection", ["image_size"], 10**9), ("detection", ["image_size"], DEEP), ("detection", ["classes"], "a"),
    ("detection", ["classes"], [["a"]]), ("detection", ["classes"], ["a"] * 100_001), ("detection", ["model"], "eva"),
    ("classification", ["preprocess", "image_size"], 10**9), ("classification", ["preprocess", "crop"], 1e-9),
    ("classification", ["preprocess", "std"], [0, 0, 0]), ("classification", ["preprocess", "mean"], "nan"),
    ("classification", ["preprocess", "interpolation"], "__class__"), ("classification", ["preprocess"], [1]),
    ("classification", ["classes"], DEEP), ("classification", ["kind"], "detections"),
    ("classification", ["model"], "eva_giant_patch14_336"), ("classification", ["model"], "hf-hub:some/body"),
    ("classification", ["model"], "/etc/passwd"), ("classification", ["model"], 7),
    ("segmentation", ["foveal", "architecture"], "__init__"), ("segmentation", ["foveal", "encoder"], "tu-hf-hub:a/b"),
    ("segmentation", ["foveal", "encoder"], "tu-local-dir:/tmp"), ("segmentation", ["foveal", "encoder"], "resnet152"),
    ("segmentation", ["foveal", "window"], 10**9), ("segmentation", ["foveal", "targets"], {"-1": "a"}),
    ("segmentation", ["foveal", "targets"], {str(n): "a" for n in range(300)}), ("segmentation", ["foveal"], DEEP),
]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "place", "lie"), LIES, ids=[f"{task} {'.'.join(place)} {n}" for n, (task, place, _) in enumerate(LIES)]
)
def test_what_our_own_headers_say_is_checked(task: str, place: list[str], lie: Any, tmp_path: Path) -> None:
    said = json.loads(json.dumps(OURS[task]))
    spot = said
    for part in place[:-1]:
        spot = spot[part]
    spot[place[-1]] = lie
    words = {key: value if key == "model" and task == "detection" else json.dumps(value) for key, value in said.items()}
    if lie is DEEP:
        words[place[0]] = DEEP
    save_file({"a": torch.zeros(1)}, tmp_path / "resnet18.safetensors", metadata=words)
    with pytest.raises(CheckpointError, match=r"resnet18\.safetensors: expected"):
        registry.adopt(tmp_path / "resnet18.safetensors", tmp_path / "made", task)
    assert not (tmp_path / "made").exists()


def test_tensors_that_name_the_same_bytes_again_and_again_are_refused(tmp_path: Path) -> None:
    one = torch.zeros(100_000)
    torch.save({f"part{number}": one for number in range(100)}, tmp_path / "a.pth")
    with pytest.raises(CheckpointError, match="same place"):
        states.read(tmp_path / "a.pth")


def test_a_state_holds_tensors_alone(tmp_path: Path) -> None:
    for content in ({"a": 1}, {1: torch.zeros(1)}, [torch.zeros(1)], {}, {"a": torch.nn.Linear(1, 1)}):
        torch.save(content, tmp_path / "a.pth")
        with pytest.raises(CheckpointError, match="other things than tensors"):
            states.read(tmp_path / "a.pth")
    archive(tmp_path / "a.pth", tensor(1, (1,), (1,)), {"0": b"\0\0\x80?"})
    assert states.read(tmp_path / "a.pth").state["weight"].tolist() == [1.0]
