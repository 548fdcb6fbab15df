"""How long a training may take, by the speed of earlier runs on this machine."""

from collections.abc import Mapping
from typing import Any

from datasets.workspace import Workspace
from pipelines import progress
from pipelines.registry import Task
from pipelines.runs import Run

LOOKED_AT = 20  # newest runs


def seconds(workspace: Workspace, task: Task, config: Mapping[str, Any], images: int) -> float | None:
    """Seconds for all epochs, by the newest run of the same model; None while there was none.

    A run with another image size counts by the number of pixels.
    """
    if not images or "epochs" not in config:
        return None
    for run in Run.all(workspace)[:LOOKED_AT]:
        request = run.request
        if request.kind != "train" or request.task != task.name or request.config.get("model") != config.get("model"):
            continue
        speed = progress.status(run).speed
        if speed:
            size = request.config.get("image_size") or 1
            return float(images * config["epochs"] / speed * (config.get("image_size", size) / size) ** 2)
    return None
