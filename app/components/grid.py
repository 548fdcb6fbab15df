"""The grid component: pages of thumbnails with labels drawn over, selection, and the sample view."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from app import guard
from app.access.seal import seal
from app.components.inline import component
from app.components.palette import chosen
from datasets.skeleton import Edges
from datasets.viewspec import ViewSpec

SIZES = (30, 60, 120, 240)
_draw = component("grid", '<div class="foveal-grid"></div>', "canvas")


@dataclass(frozen=True)
class GridField:
    """A label field that can be drawn; predictions are drawn dashed and obey the confidence threshold.

    A field that is `hidden` is drawn only once a person turns it on. Fields that are `posed` hold key points, which
    `edges`, pairs of their positions, join by lines.
    """

    name: str
    predicted: bool = False
    hidden: bool = False
    posed: bool = False
    edges: Edges = ()


@dataclass(frozen=True)
class GridState:
    """What the grid reports: ids of the selected samples, id of the open one, and the page (from 1).

    `label` is the id of a sample that is to be labeled now.
    """

    selected: tuple[str, ...]
    sample: str | None
    page: int
    label: str | None = None


def grid(
    spec: ViewSpec,
    fields: Sequence[GridField],
    classes: Sequence[str],
    counts: Mapping[str, int | None],
    *,
    key: str = "grid",
    page: int = 1,
    size: int = 60,
    sample: str | None = None,
    revision: str = "",
    clear: int = 0,
) -> GridState:
    """Draw the samples of a view.

    `counts` are labels per class, for the legend; None where they are not counted. `page` and `sample` are where a
    new grid starts. A changed `revision` reloads the page (labels or tags changed); a changed `clear` empties the
    selection.
    """
    data = {
        "token": write_token(),
        "dataset": spec.dataset,
        "spec": spec.model_dump_json(exclude_defaults=True),
        "size": size,
        "page": page,
        "sample": sample,
        "fields": [asdict(field) for field in fields],
        "classes": list(classes),
        "colours": chosen(spec.dataset),
        "counts": dict(counts),
        "revision": revision,
        "clear": clear,
    }
    told: Any = _draw(
        key=key,
        data=data,
        default={"selected": [], "sample": "", "page": 0},  # constant: the browser reports only what differs from it
        on_selected_change=_ignore,
        on_sample_change=_ignore,
        on_page_change=_ignore,
        on_label_change=_ignore,
    )
    open_ = sample if told.sample == "" else told.sample
    return GridState(tuple(told.selected or ()), open_, int(told.page or page), told.label or None)


def write_token() -> str:
    """The write token of this browser session, for components that use `/api`; valid for its reader alone."""
    reader = st.context.headers.get(guard.READER_HEADER, "")
    known = st.session_state.get("api-token")
    if known is None or known[0] != reader:
        known = st.session_state["api-token"] = (reader, seal().issue("write", reader))
    return str(known[1])


def _ignore() -> None:
    """Does nothing: the value is read where the grid is drawn."""
