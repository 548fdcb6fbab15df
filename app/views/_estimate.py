"""How long a training may take, by the speed of earlier runs on this machine."""

from collections.abc import Mapping
from typing import Any

from datasets.workspace import Workspace
from pipelines import progress
from pipelines.registry import Task
from pipelines.runs import Run

LOOKED_AT = 30  # newest runs
SAME = ("model", "image_size")  # options that decide how long one image takes, where a task has them


def seconds(workspace: Workspace, task: Task, config: Mapping[str, Any], images: int) -> float | None:
    """Seconds for all epochs, by the newest run of the same model and image size; None while there was none."""
    if not images or "epochs" not in config:
        return None
    for run in Run.all(workspace)[:LOOKED_AT]:
        request = run.request
        alike = all(request.config.get(name) == config.get(name) for name in SAME)
        if request.kind == "train" and request.task == task.name and alike:
            speed = progress.status(run).speed
            if speed:
                return float(images * config["epochs"] / speed)
    return None
