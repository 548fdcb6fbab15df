"""The labeler: queue, canvas and panels in the browser; what it changes goes over `/api`, never through the page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from app.components.grid import write_token
from app.components.inline import component
from datasets.viewspec import ViewSpec

_draw = component("labeler", '<div class="labeler"></div>', "canvas", "editor")


@dataclass(frozen=True)
class LabelField:
    """A label field: its kind with the properties that the editor asks for; `predicted` fields are proposals."""

    name: str
    kind: str
    holds: str
    many: bool
    predicted: bool


@dataclass(frozen=True)
class Open:
    """What is opened: a field of a view, first at a sample, with a label selected; `reference` is shown below it."""

    spec: ViewSpec
    field: LabelField | None
    sample: str | None = None
    label: str | None = None
    reference: str | None = None


def labeler(
    asked: Open, fields: Sequence[LabelField], classes: Mapping[str, int | None], colours: Sequence[str],
    switch: Callable[[str], None],
) -> None:  # fmt: skip
    """Draw it.

    `classes` are those of the field with the values of their pixels (None but for whole masks); `colours` are the
    classes of the dataset, which together decide the colour of each. `switch` is called with the name of another field
    before the page is drawn again.
    """

    def switched() -> None:
        name = st.session_state["labeler"].get("field")
        if name:
            switch(str(name))

    data: dict[str, Any] = {
        "token": write_token(),
        "dataset": asked.spec.dataset,
        "spec": asked.spec.model_dump_json(exclude_defaults=True),
        "field": asdict(asked.field) if asked.field else None,
        "fields": [asdict(one) for one in fields],
        "classes": [{"name": name, "colour": None, "hotkey": None, "value": value} for name, value in classes.items()],
        "colours": list(colours),
        "sample": asked.sample,
        "label": asked.label,
        "reference": asked.reference,
        "revision": st.session_state.get("labels-revision", 0),  # labels were changed by this page
    }
    _draw(key="labeler", data=data, on_field_change=switched)
