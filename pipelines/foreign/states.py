"""Tensors by name: of safetensors, or of what `torch.save` wrote; and the header of safetensors."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from pipelines.errors import CheckpointError
from pipelines.foreign import archives

WRAPPED = ("state_dict_ema", "model_ema", "state_dict", "model")  # where training scripts of timm and others put it
REPEATED = 4  # how often the tensors of a file may name the same bytes
NAME, NAMES = 200, 100_000  # characters of a class name, classes
SIZES = (8, 8192)  # px
SPARE = 1_000_000  # numbers that a network may have beside those in its file


@dataclass(frozen=True)
class Weights:
    """The tensors of a file by name, and the words in its header; other files than safetensors have none."""

    path: Path
    state: Mapping[str, torch.Tensor]
    header: Mapping[str, str]

    def told(self, key: str, default: Any = None) -> Any:
        """A value of the header, which is JSON; the default without one. Raises CheckpointError."""
        if key not in self.header:
            return default
        try:
            return json.loads(self.header[key])
        except (ValueError, RecursionError) as error:
            raise self.wrong(f"JSON as {key!r} in its header", type(error).__name__) from error

    def classes(self, given: Any) -> tuple[str, ...]:
        """Class names from a header. Raises CheckpointError for anything else."""
        whole = isinstance(given, list) and 0 < len(given) <= NAMES
        if not whole or not all(isinstance(name, str) and 0 < len(name) <= NAME for name in given):
            raise self.wrong(f"class names of 1 to {NAME} characters in its header", "others")
        return tuple(given)

    def side(self, given: Any) -> int:
        """The side of images in pixels from a header. Raises CheckpointError for what is none."""
        if isinstance(given, bool) or not isinstance(given, int) or not SIZES[0] <= given <= SIZES[1]:
            raise self.wrong(f"images of {SIZES[0]} to {SIZES[1]} px in its header", "others")
        return given

    def wrong(self, expected: str, found: str) -> CheckpointError:
        """The error that names the file."""
        return CheckpointError(f"{self.path}: expected {expected}, found {found}")


def read(path: Path) -> Weights:
    """The tensors of a file, those that a training script wrapped unwrapped. Raises CheckpointError for all else."""
    if path.suffix.lower() == ".safetensors":
        return _safetensors(path)
    whole = archives.read(path)
    state = next((whole[key] for key in WRAPPED if isinstance(whole.get(key), dict)), whole) if (
        isinstance(whole, dict)
    ) else {}  # fmt: skip
    if not state or not all(isinstance(k, str) and isinstance(value, torch.Tensor) for k, value in state.items()):
        raise CheckpointError(
            f"{path}: expected weights as safetensors or a state dict, found a file with other things than tensors"
        )
    needed, there = sum(value.numel() * value.itemsize for value in state.values()), path.stat().st_size
    if needed > REPEATED * there:
        raise CheckpointError(
            f"{path}: expected tensors of at most {there:,} bytes, found {needed:,} in the same place"
        )
    return Weights(path, state, {})


def header(path: Path) -> Weights:
    """The header of safetensors without the tensors; nothing for other files. Raises CheckpointError."""
    return _safetensors(path, tensors=False) if path.suffix.lower() == ".safetensors" else Weights(path, {}, {})


def fits(path: Path, state: Mapping[str, torch.Tensor], build: Callable[[], torch.nn.Module]) -> None:
    """Build a network without memory, as a header wants it. Raises CheckpointError if the file has not half of it.

    So a small file cannot ask for a large network.
    """
    with torch.device("meta"):
        wanted = sum(value.numel() for value in build().state_dict().values())
    there = sum(value.numel() for value in state.values())
    if wanted > 2 * there + SPARE:
        raise CheckpointError(f"{path}: expected the {wanted:,} numbers of the network that it names, found {there:,}")


def _safetensors(path: Path, *, tensors: bool = True) -> Weights:
    try:
        with safe_open(path, framework="pt") as file:
            state = {name: file.get_tensor(name) for name in file.keys() if tensors}  # noqa: SIM118 - no dictionary
            return Weights(path, state, dict(file.metadata() or {}))
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, MemoryError, SafetensorError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointError(
            f"{path}: expected weights as safetensors or a state dict, found {reason[:200]}"
        ) from error
