"""Weights files of plain networks: ours, timm's and torchvision's."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from pipelines.classification.network.preprocess import Preprocess
from pipelines.errors import CheckpointError

State = dict[str, torch.Tensor]
WRAPPED = ("state_dict_ema", "model_ema", "state_dict", "model")  # where training scripts of timm and others put it
BROKEN = (
    OSError, ValueError, TypeError, RuntimeError, KeyError, AttributeError, EOFError, SafetensorError, UnpicklingError,
)  # fmt: skip


def save(path: Path, state: Mapping[str, torch.Tensor], header: Mapping[str, Any]) -> None:
    """Write safetensors with a header of JSON values: the file alone rebuilds the model."""
    tensors = {key: value.detach().cpu().contiguous().clone() for key, value in state.items()}
    save_file(tensors, path, metadata={key: json.dumps(value) for key, value in header.items()})


def header(model: str, classes: Sequence[str], kind: str, preprocess: Preprocess) -> dict[str, Any]:
    """What the header of our files tells."""
    return {"model": model, "classes": list(classes), "kind": kind, "preprocess": preprocess.plain()}


def read_header(path: Path) -> dict[str, Any]:
    """The header of one of our files, empty for others. Raises CheckpointError for a broken file."""
    if path.suffix != ".safetensors":
        return {}
    try:
        with safe_open(path, framework="pt") as file:
            found = dict(file.metadata() or {})
        return {key: json.loads(value) for key, value in found.items()} if "classes" in found else {}
    except BROKEN as error:
        raise CheckpointError(f"{path}: expected weights as safetensors or a state dict, found {error}") from error


def read_state(path: Path) -> State:
    """The tensors of a file by name, in fp32; those that a training script wrapped are unwrapped.

    Raises CheckpointError when it holds anything but tensors.
    """
    try:
        found: Any = load_file(path) if path.suffix == ".safetensors" else _unpickled(path)
        state = next((found[key] for key in WRAPPED if isinstance(found.get(key), Mapping)), found)
        return {
            key.removeprefix("module."): value.float() if value.is_floating_point() else value
            for key, value in state.items()
        }
    except BROKEN as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{path}: expected weights as safetensors or a state dict, found {reason}") from error


def _unpickled(path: Path) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True)
