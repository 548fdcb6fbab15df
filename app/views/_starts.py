"""What a training starts from: counts of its view, its weights, and the options of an earlier run."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components.words import number
from datasets import pages
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import weights
from pipelines.errors import RunNotFound
from pipelines.registry import Task
from pipelines.runs import Run


def count(view: ViewSpec, split: str | None = None) -> int:
    """How many samples a view holds, in one split or altogether."""
    return pages.count(view.of_splits(split) if split else view)


def take_over(task: Task, preset: str, base: Mapping[str, Any], key: str) -> None:
    """With `run` in the address, the options of that run are put into the form once."""
    asked = st.query_params.get("run")
    if not asked or st.session_state.get("taken-over") == asked:
        return
    try:
        request = Run.find(Workspace.current(), asked).request
    except RunNotFound:
        return
    if request.task != task.name:
        return
    if request.preset in task.presets and request.preset != preset:
        st.session_state[f"preset-{task.name}"] = request.preset
        st.rerun()
    st.session_state["taken-over"] = asked
    for name, value in request.config.items():
        if name in base:
            st.session_state[f"{key}-{name}"] = value


def origin(task: Task, config: Mapping[str, Any]) -> None:
    """Whether the pretrained weights of the chosen model are on this machine, and what happens if not."""
    model = str(config.get("model"))
    offer = task.offer(model)
    if offer is None or config.get("weights") not in ("auto", "pretrained"):
        return
    if found := weights.look(offer):
        st.caption(f":material/check_circle: starts from `{found.name}`, which is on this machine")
    elif config.get("allow_download") and offer.url:
        st.caption(f":material/download: `{offer.file}` will be downloaded from {offer.url.split('/')[2]}")
    else:
        where = weights.folders()[0]
        st.warning(
            f"`{offer.file}` is not on this machine: {number(model)} would learn from scratch, which needs far more "
            f"data and time. Put the file into `{where}`, or allow its download under Advanced options.",
            icon=":material/download:",
        )
