"""How long a training may take, estimated from the speed of earlier runs on this machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from datasets.workspace import Workspace
from pipelines.registry import Task
from pipelines.runs import progress
from pipelines.runs.run import Run

LOOKED_AT = 30  # newest runs
# Options that decide how long one image takes, where a task has them.
SAME = ("model", "architecture", "image_size", "crop_size", "learn")
Setup = tuple[str, ...]


def seconds(workspace: Workspace, task: Task, config: Mapping[str, Any], images: int) -> float | None:
    """Seconds for all epochs, by the newest run of the same model and image size; None while there was none."""
    speed = _speeds(str(workspace.home), task.name).get(_setup(config))
    if not images or not speed or "epochs" not in config:
        return None
    return float(images * config["epochs"] / speed)


@st.cache_data(ttl=15, show_spinner=False)
def _speeds(home: str, task: str) -> dict[Setup, float]:
    """Images per second of the newest run of each setup."""
    found: dict[Setup, float] = {}
    for run in Run.all(Workspace(Path(home)))[:LOOKED_AT]:
        request = run.request
        speed = progress.status(run).speed if (request.kind, request.task) == ("train", task) else None
        if speed:
            found.setdefault(_setup(request.config), speed)
    return found


def _setup(config: Mapping[str, Any]) -> Setup:
    return tuple(str(config.get(name)) for name in SAME)
