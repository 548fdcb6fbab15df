"""Weights files of plain networks: ours, timm's and torchvision's."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from datasets.kinds import CLASSIFICATION, KINDS
from pipelines.classification.network.preprocess import Preprocess
from pipelines.foreign import states

CHANNELS, METHODS = ("RGB", "grey"), ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
State = dict[str, torch.Tensor]


def save(path: Path, state: Mapping[str, torch.Tensor], header: Mapping[str, Any]) -> None:
    """Write safetensors with a header of JSON values: the file alone rebuilds the model."""
    tensors = {key: value.detach().cpu().contiguous().clone() for key, value in state.items()}
    save_file(tensors, path, metadata={key: json.dumps(value) for key, value in header.items()})


def header(model: str, classes: Sequence[str], kind: str, preprocess: Preprocess) -> dict[str, Any]:
    """What the header of our files tells."""
    return {"model": model, "classes": list(classes), "kind": kind, "preprocess": preprocess.plain()}


def read(path: Path) -> tuple[State, dict[str, Any]]:
    """The tensors of a file by name, in fp32, and the header of one of ours, empty for others.

    Raises CheckpointError when it holds anything but tensors, or its header says other than ours do.
    """
    found = states.read(path)
    state = {key.removeprefix("module."): _plain(value) for key, value in found.state.items()}
    return state, _told(found)


def read_header(path: Path) -> dict[str, Any]:
    """The header of one of our files alone; see `read`."""
    return _told(states.header(path))


def _plain(value: torch.Tensor) -> torch.Tensor:
    return value.float() if value.is_floating_point() else value


def _told(found: states.Weights) -> dict[str, Any]:
    if "classes" not in found.header:
        return {}
    model, kind = found.told("model"), found.told("kind", CLASSIFICATION.name)
    held = KINDS.get(kind) if isinstance(kind, str) else None
    if not isinstance(model, str) or held is None or not held.of_class:
        raise found.wrong("the name of a network and what it predicts in its header", "others")
    return {
        "model": model, "kind": kind, "classes": list(found.classes(found.told("classes"))),
        "preprocess": _preprocess(found).plain(),
    }  # fmt: skip


def _preprocess(found: states.Weights) -> Preprocess:
    told = found.told("preprocess")
    try:
        made = Preprocess.read(told)
        values = [float(value) for value in (*made.mean, *made.std)]
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise found.wrong("the preprocessing of images in its header", repr(error)[:200]) from error
    found.side(made.image_size)
    whole = len(made.mean) == len(made.std) == made.depth and all(map(math.isfinite, values)) and 0 not in made.std
    if not whole or made.channels not in CHANNELS or made.interpolation not in METHODS or not 0.1 <= made.crop <= 1:
        raise found.wrong("the preprocessing of images in its header", "values that are none")
    return made
