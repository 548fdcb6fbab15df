"""What this machine has and how busy it is: device slots for jobs, percentages for the page. Imports no torch."""

import os
import platform
import shutil
from collections.abc import Sequence
from functools import cache
from typing import Any

import psutil
import pynvml  # type: ignore[import-untyped]

from datasets.workspace import Workspace

LEAST_ROOM = 4 << 20  # bytes


def devices(workspace: Workspace | None = None) -> list[str]:  # noqa: ARG001  (later: slots of a workspace's cluster)
    """The slots that jobs can hold: `cuda:N` for each GPU that CUDA_VISIBLE_DEVICES leaves visible, and `cpu`.

    FOVEAL_DEVICES names others, with commas between.
    """
    named = [name.strip() for name in os.environ.get("FOVEAL_DEVICES", "").split(",") if name.strip()]
    return named or [*(f"cuda:{index}" for index in range(len(_gpus())) if _visible(index)), "cpu"]


def fitting(wish: str, slots: Sequence[str]) -> list[str]:
    """The slots that a job with this wish may hold: `auto` takes a GPU where there is one, `cuda` any GPU."""
    gpus = [slot for slot in slots if slot.startswith("cuda")]
    if wish == "auto":
        return gpus or list(slots)
    if wish == "cuda":
        return gpus
    return [slot for slot in slots if slot == wish]


def environment(slot: str, wish: str = "auto") -> dict[str, str]:
    """Variables that show a job its own GPU as the only one.

    A job that asked for `cuda:N` by number sees the GPUs up to N, so that its number keeps its meaning.
    """
    number = slot.removeprefix("cuda:") if slot.startswith("cuda:") else ""
    if number and wish == slot:
        number = ",".join(str(index) for index in range(int(number) + 1))
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": number}


def sample() -> dict[str, float | None]:
    """CPU, RAM, GPU and GPU memory in use, percent of the machine; the GPU values are None where there is none.

    CPU is the mean since the last call; GPU values belong to the busiest GPU.
    """
    gpu, gpu_ram = _gpu_load()
    return {"cpu": psutil.cpu_percent(), "ram": psutil.virtual_memory().percent, "gpu": gpu, "gpu_ram": gpu_ram}


def is_full(workspace: Workspace) -> bool:
    """Whether the disk of the workspace has so little room left that a job could not even say why it ends."""
    try:
        return shutil.disk_usage(workspace.home).free < LEAST_ROOM
    except OSError:
        return False


def machine() -> dict[str, Any]:
    """What a run was made on: processor, cores, memory in GiB, GPUs by name, platform."""
    return {
        "platform": platform.platform(),
        "python": platform.python_version(),
        "cores": psutil.cpu_count(),
        "ram": round(psutil.virtual_memory().total / 2**30, 1),
        "gpus": [_text(pynvml.nvmlDeviceGetName(gpu)) for gpu in _gpus()],
    }


def _visible(index: int) -> bool:
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    return named is None or str(index) in named.split(",")


@cache
def _gpus() -> tuple[Any, ...]:
    try:
        pynvml.nvmlInit()
        return tuple(pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount()))
    except pynvml.NVMLError:  # no driver on this machine
        return ()


def _gpu_load() -> tuple[float | None, float | None]:
    loads = [load for load in map(_load, _gpus()) if load is not None]
    return max(loads, default=(None, None))


def _load(gpu: Any) -> tuple[float, float] | None:
    try:
        memory = pynvml.nvmlDeviceGetMemoryInfo(gpu)
        return float(pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu), 100 * memory.used / memory.total
    except pynvml.NVMLError:  # a MIG slice tells no utilization
        return None


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
