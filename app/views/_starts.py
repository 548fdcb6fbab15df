"""The inputs of a training: counts of its view, its weights, and the options of an earlier run."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components.markdown import md
from datasets.views import pages
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import weights
from pipelines.config import TaskConfig
from pipelines.errors import RunNotFound
from pipelines.registry import Task
from pipelines.runs.run import Run


def count(view: ViewSpec, split: str | None = None) -> int:
    """How many samples a view holds, in one split or altogether."""
    return pages.count(view.of_splits(split) if split else view)


def take_over(task: Task, preset: str, base: Mapping[str, Any], key: str) -> None:
    """With `run` in the address, copy the options of that run into the form once."""
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


def origin(task: Task, config: TaskConfig, view: ViewSpec) -> None:
    """Which network is trained where the options leave that open, and whether its pretrained weights are here."""
    asked = config.model_dump(mode="json")
    if asked.get("weights") not in ("auto", "pretrained", "none"):
        return
    model = str(asked["model"])
    if model == "auto" and (side := _longest_side(view.of_splits("train"))):
        model = task.choose(config, side)
    offer = task.offer(model) if asked["weights"] != "none" else None
    learns = md("**{}** learns: ", model) if model != asked["model"] else ""
    if offer is None:
        if learns:
            st.caption(md(":material/neurology: **{}** learns, from scratch", model))
    elif found := weights.look(offer):
        st.caption(md(":material/check_circle: {}starts from **{}**, which is on this machine", learns, found.name))
    elif asked.get("allow_download") and offer.url:
        site = offer.url.split("/")[2]
        st.caption(md(":material/download: {}**{}** will be downloaded from {}", learns, offer.file, site))
    else:
        where = weights.folders()[0]
        st.warning(
            md(
                "**{}** is not on this machine: learning starts from scratch, which needs far more data and time. "
                "Put the file into **{}**, or allow its download under Advanced options.",
                offer.file,
                where,
            ),
            icon=":material/download:",
        )


def _longest_side(view: ViewSpec) -> int:
    """The longest side of the images, in pixels; 0 if the dataset does not know their sizes."""
    sides = [pages.number_range(view, f"metadata.{side}") for side in ("width", "height")]
    return int(max((found[1] for found in sides if found), default=0))
