"""Augmentation on the Train page: a one-line summary, and an editor with sixteen samples that show its effect."""

import json
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.api.augmented import SIDES
from app.components import page as frame
from app.components import steps
from app.components.inline import component
from app.components.markdown import joined, md
from app.components.steps import Spec
from datasets.viewspec import ViewSpec

SHOWN = 16
_DRAWN = 64

_draw = component("augmented", '<div class="augmented"></div>', "canvas")


@dataclass(frozen=True)
class Source:
    """The source of the samples: a view, its label field, and the size in pixels of training images.

    A size of 0 is that of the images themselves.
    """

    view: ViewSpec
    field: str
    size: int

    @property
    def side(self) -> int:
        """The size of the images that the preview changes."""
        return next((side for side in SIDES if side >= max(self.size or SIDES[-1], 256)), SIDES[-1])


def section(base: Spec, key: str, source: Source) -> Spec:
    """Draw the line and its button. Returns the chosen steps, stored under `key`, initially those of `base`."""
    spec = st.session_state[key] = steps.desk(st.session_state.get(key, base), key).known
    frame.section("Augmentation", "random changes of the training images")
    with st.container(horizontal=True, vertical_alignment="center", key="augmentation"):
        badges = [md(":blue-badge[{} {}]", step["name"], steps.percent(step["p"])) for step in spec]
        st.markdown(joined(badges, " ") or "No steps yet.")
        if st.button("Edit and preview", icon=":material/auto_awesome_motion:", key=f"{key}-edit"):
            _editor(base, key, source)
    return spec


@st.dialog("Augmentation", width="large", icon=":material/auto_awesome_motion:", on_dismiss="rerun")
def _editor(base: Spec, key: str, source: Source) -> None:
    desk = steps.desk(st.session_state[key], key)
    st.session_state[key] = desk.known
    left, right = st.columns([1, 1.35], gap="medium")
    with left, st.container(height=590, border=False, key="augmentation-steps"):
        steps.edit(desk, base, key)
    with right, st.container(key="augmentation-preview"):
        _preview(desk.known, key, source)


def _preview(spec: Spec, key: str, source: Source) -> None:
    data = {
        "dataset": source.view.dataset,
        "field": source.field,
        "side": source.side,
        "steps": json.dumps(spec),
        "ids": _ids(source.view, key),
        "count": SHOWN,
    }
    _draw(key=f"{key}-preview", data=data)
    st.caption(md("Training samples at {} px and their labels. The spec is stored with the run.", source.side))


def _ids(view: ViewSpec, key: str) -> list[str]:
    from datasets.showing import scenes

    kept: Any = st.session_state.get(f"{key}-ids")
    if not kept or kept[0] != view:
        kept = st.session_state[f"{key}-ids"] = (view, scenes.few(view, _DRAWN))
    ids: list[str] = kept[1]
    return ids
