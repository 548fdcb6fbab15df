"""A YOLO model from a checked layout and the tensors of a file, within bounds."""

import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from pipelines.errors import CheckpointError

BRANCHES = ("cv3", "one2one_cv3")  # of Ultralytics' Detect and its kin: what tells the classes
BUDGET = 2_000_000_000  # numbers in all layers and what flows through them for an image of 256 px; yolov9e needs 0.3


def build(kind: Any, layout: Mapping[str, Any], state: Mapping[str, torch.Tensor]) -> Any:
    """The model of a checked layout, a class of Ultralytics, with the tensors of a file; in fp32.

    It is built without memory first: a layout that asks for more than its tensors, or too much, costs nothing.
    Raises CheckpointError when they do not belong together.
    """
    with torch.inference_mode(mode=False), torch.device("meta"), _Budget():
        wanted = _fitting(kind, layout, state).state_dict()
    needed = {name: tuple(value.shape) for name, value in wanted.items() if "num_batches_tracked" not in name}
    for name, shape in needed.items():
        if name not in state or tuple(state[name].shape) != shape:
            found = tuple(state[name].shape) if name in state else "none"
            raise CheckpointError(f"expected the tensors of its layout, {name} with {shape}, found {found}")
    with torch.inference_mode(mode=False), torch.random.fork_rng(devices=[]):
        model = _fitting(kind, layout, state)
    model.load_state_dict({name: state[name] for name in wanted if name in state}, strict=False)
    return model


def _fitting(kind: Any, layout: Mapping[str, Any], state: Mapping[str, torch.Tensor]) -> Any:
    """The model of a layout, the branches of its head that tell classes as wide as in the state.

    Their width follows from the number of classes, but a training keeps that of the weights it began with, as
    `ultralytics.nn.tasks.BaseModel.load` does. A layout with so many classes has branches of this width.
    """
    model = _made(kind, layout)
    head, at = model.model[-1], f"model.{len(model.model) - 1}"
    for name in BRANCHES:
        own: Any = getattr(head, name, None)
        last = state.get(f"{at}.{name}.0.{len(own[0]) - 1}.weight") if own is not None and len(own) else None
        if last is None or last.ndim != 4 or last.shape[1] in (own[0][-1].in_channels, 0):
            continue
        wide = getattr(_made(kind, {**layout, "nc": last.shape[1]}).model[-1], name)
        for branch, narrow in zip(wide, own, strict=True):
            branch[-1] = torch.nn.Conv2d(branch[-1].in_channels, narrow[-1].out_channels, 1)
        setattr(head, name, wide)
    return model


def _made(kind: Any, layout: Mapping[str, Any]) -> Any:
    from ultralytics.nn.modules.conv import Conv
    from ultralytics.utils import LOGGER

    usual, level = Conv.default_act, LOGGER.level  # of the whole process: put back only when all goes well
    LOGGER.setLevel(logging.ERROR)
    try:
        return kind(deepcopy(dict(layout)), ch=layout.get("channels", 3), verbose=False)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, AssertionError, ZeroDivisionError,
            RuntimeError, NotImplementedError) as error:  # fmt: skip
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"expected a layout that can be built, found {reason[:200]}") from error
    finally:
        Conv.default_act = usual
        LOGGER.setLevel(level)


class _Budget(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts what is made without memory, and ends a layout that would need too much."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.made = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # torch would import its compiler first: 1.6 s

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten._local_scalar_dense.default:
            return 8.0  # a tensor without memory has no value: that of a stride, which Ultralytics reads for biases
        found = _shaped(func, args)
        found = func(*args, **(kwargs or {})) if found is None else found
        for one in found if isinstance(found, tuple | list) else (found,):
            self.made += one.numel() if isinstance(one, torch.Tensor) else 0
        if self.made > BUDGET:
            raise CheckpointError(f"expected a layout of at most {BUDGET:,} numbers, found one that needs more")
        return found


def _shaped(func: Any, args: Any) -> Any:
    """Results of steps that torch would make of other steps, which imports its compiler: 1.6 s."""
    if "batch_norm" in func.__name__:
        whole = torch.empty_like(args[0])
        return (whole, whole.new_empty(0), whole.new_empty(0)) if len(func._schema.returns) > 1 else whole
    if func is torch.ops.aten.cat.default:
        parts, dim = args[0], args[1] if len(args) > 1 else 0
        size = list(parts[0].shape)
        size[dim] = sum(part.shape[dim] for part in parts)
        return parts[0].new_empty(size)
    if torch.Tag.pointwise in func.tags and not func._schema.is_mutable:
        given = [one for one in args if isinstance(one, torch.Tensor)]
        return given[0].new_empty(np.broadcast_shapes(*(one.shape for one in given)))
    return None
