"""Ultralytics' weights files: read as plain data, the model built anew from them, and written again.

Ultralytics opens only files that were written here.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import torch

from pipelines.errors import CheckpointError
from pipelines.foreign import archives
from pipelines.foreign.pickles import Record
from pipelines.yolo import building, layout

CLASSES = {
    "detect": "DetectionModel", "segment": "SegmentationModel", "pose": "PoseModel", "classify": "ClassificationModel"
}  # fmt: skip
HEADS = {
    "detect": ("Detect", "v10Detect"), "segment": ("Segment", "Segment26"), "pose": ("Pose", "Pose26"),
    "classify": ("Classify",),
}  # fmt: skip
OLD = {"YOLOv10DetectionModel": "DetectionModel"}
TENSORS, DEPTH, ITEMS, NAME = 100_000, 8, 1_000_000, 200  # most tensors, nesting, values, characters of a class name
SIZES = (8, 8192)  # px
EXPECTED = "a YOLO weights file of Ultralytics (.pt)"
ABOUT = {
    "license": "AGPL-3.0 (https://ultralytics.com/license)",
    "docs": "https://docs.ultralytics.com",
}


@dataclass(frozen=True)
class Weights:
    """What a file of Ultralytics says: the layout of its model, tensors by name, class names, and plain values.

    `rest` holds what else is in the file, as far as it is words, numbers and tensors.
    """

    path: Path
    task: str
    layout: Mapping[str, Any]
    state: Mapping[str, torch.Tensor]
    names: tuple[str, ...]
    rest: Mapping[str, Any]

    @property
    def model(self) -> Any:
        """A model of Ultralytics with these tensors, fp32, in eval mode. Raises CheckpointError."""
        from ultralytics.nn import tasks

        try:
            made = building.build(getattr(tasks, CLASSES[self.task]), self.layout, self.state)
        except CheckpointError as error:
            raise CheckpointError(f"{self.path}: {error}") from error
        made.names = dict(enumerate(self.names))
        made.task, made.args = self.task, {"task": self.task, **self.arguments}
        return made.eval()

    @property
    def arguments(self) -> dict[str, Any]:
        """Size of the images in pixels and name of the network that it was trained with, as far as the file says."""
        told: Any = self.rest.get("train_args")
        told = told if isinstance(told, Mapping) else {}
        sizes = told.get("imgsz")
        sizes = [size for size in (sizes if isinstance(sizes, list) else [sizes]) if size is not None]
        if any(type(size) is not int or not SIZES[0] <= size <= SIZES[1] for size in sizes):
            raise CheckpointError(f"{self.path}: expected images of {SIZES[0]} to {SIZES[1]} px, found others")
        name = {"model": Path(told["model"]).name[:NAME]} if isinstance(told.get("model"), str) else {}
        return {**name, **({"imgsz": max(sizes)} if sizes else {})}


def read(path: Path, wanted: str) -> Weights:
    """A weights file of the `wanted` task: detect, segment, pose or classify. Raises CheckpointError for all else."""
    whole = archives.read(path, EXPECTED)
    model = (whole.get("ema") or whole.get("model")) if isinstance(whole, dict) else None
    if not isinstance(model, Record) or not model.name.startswith("ultralytics."):
        raise CheckpointError(f"{path}: expected {EXPECTED}, found a file without a model")
    task = _task(model)
    if task != wanted:
        raise CheckpointError(f"{path}: expected a model of the task {wanted!r}, found one of the task {task!r}")
    try:
        plan = layout.checked(_layout(model))
        rest = {key: plain(value) for key, value in whole.items() if key not in ("model", "ema")}
        return Weights(path, task, plan, dict(_tensors(model)), _names(model.state.get("names"), plan["nc"]), rest)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error


def write(path: Path, model: Any, rest: Mapping[str, Any], *, as_ema: bool = False) -> None:
    """A weights file as Ultralytics writes it, whole or not at all; `rest` wins over what such a file says anyway.

    In a state to go on from the model is a moving average, `as_ema`.
    """
    halved = deepcopy(model).half()
    for parameter in halved.parameters():
        parameter.requires_grad = False
    about = {"date": datetime.now(UTC).isoformat(), "version": version("ultralytics-opencv-headless"), **ABOUT}
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    models = {"model": None, "ema": halved} if as_ema else {"model": halved, "ema": None}
    torch.save({**about, "epoch": -1, **models, **rest}, part)
    part.replace(path)


def plain(value: Any) -> Any:
    """Words, numbers and tensors in lists and dictionaries; objects of classes are left out as None.

    Raises CheckpointError for what is nested too deeply, or names the same values again and again.
    """
    return _plain(value, 0, count())


def _plain(value: Any, depth: int, seen: Iterator[int]) -> Any:
    if depth > DEPTH or next(seen) > ITEMS:
        raise CheckpointError(f"expected {ITEMS:,} plain values at most, nested {DEPTH} deep at most, found more")
    if isinstance(value, dict):
        return {key: _plain(one, depth + 1, seen) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, depth + 1, seen) for one in value]
    return value if isinstance(value, str | int | float | bool | torch.Tensor) else None


def _layout(model: Record) -> Any:
    """The layout with the number of classes that the model has: that of early poses says 80, where it has one."""
    found, own = model.state.get("yaml"), model.state.get("nc")
    return {**found, "nc": own} if isinstance(found, Mapping) and type(own) is int else found


def _task(model: Record) -> str:
    head = _layer(model)
    task = next((task for task, heads in HEADS.items() if head in heads), head.lower() or "unknown")
    kind = OLD.get(model.kind, model.kind)
    return task if CLASSES.get(task, kind) == kind else kind


def _layer(model: Record) -> str:
    """The name of the last layer."""
    try:
        return str(model.state["yaml"]["head"][-1][2])[:NAME]
    except (KeyError, IndexError, TypeError):
        return ""


def _tensors(model: Record) -> Iterator[tuple[str, torch.Tensor]]:
    """Tensors by name, as `state_dict` of the module would give them. Raises CheckpointError."""
    waiting, seen = [("", model)], count()
    while waiting:
        prefix, module = waiting.pop()
        passing = module.state.get("_non_persistent_buffers_set") or ()
        for part in ("_parameters", "_buffers", "_modules"):
            for name, value in _items(module, part):
                if next(seen) > TENSORS:
                    raise CheckpointError(f"expected at most {TENSORS:,} layers and tensors, found more")
                if isinstance(value, torch.Tensor) and name not in passing:
                    yield f"{prefix}{name}", value
                elif isinstance(value, Record):
                    waiting.append((f"{prefix}{name}.", value))


def _items(module: Record, part: str) -> Sequence[tuple[Any, Any]]:
    found = module.state.get(part)
    return list(found.items()) if isinstance(found, dict) else []


def _names(given: Any, count: int) -> tuple[str, ...]:
    named = dict(enumerate(given)) if isinstance(given, list | tuple) else given
    if not isinstance(named, Mapping) or set(named) != set(range(count)):
        raise CheckpointError(f"expected the names of {count} classes in the file, found others")
    if not all(isinstance(name, str | int) and 0 < len(str(name)) <= NAME for name in named.values()):
        raise CheckpointError(f"expected class names of 1 to {NAME} characters in the file, found others")
    return tuple(str(named[number]) for number in range(count))
