"""Review: how good a run is, and which images and labels are wrong; drawn by the board of the run's protocol.

A protocol names its board, a module of `app.views.boards` that is imported on demand. Each has
`draw(chosen: Scored, split: str | None, bar: DeltaGenerator)`, which draws all below the choice of run and split:
figures with their card, charts, galleries. `split` None is all of them; `bar` is the space beside that choice, for the
board's own controls. It runs inside a fragment.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import navigation
from app.components import page as frame
from app.components.inline import style
from app.components.markdown import plain
from app.views import _reviewed


def page() -> None:
    """Draw the page."""
    style("models")
    scored = _reviewed.scored()
    if not scored:
        _nothing()
        return
    chosen = _chosen(scored)
    actions = frame.header("Review", f"{chosen.name} on {chosen.dataset}")
    with actions:
        navigation.link("Run", "jobs", icon=":material/model_training:", run=chosen.run)
        navigation.link("Browse", "browse", icon=":material/grid_view:", dataset=chosen.dataset)
    _body(chosen, scored)


def _nothing() -> None:
    frame.header("Review")
    with frame.empty(
        "No run has been scored yet",
        "Train a model, or bring a weights file and predict with it: its mistakes will be shown here.",
        "rate_review",
    ):
        navigation.link("Train a model", "train", icon=":material/model_training:")
        navigation.link("Bring weights", "models", icon=":material/deployed_code:")


def _chosen(scored: Sequence[_reviewed.Scored]) -> _reviewed.Scored:
    """The run that the address names, by its run, its dataset or both; else the newest."""
    run, dataset = st.query_params.get("run"), st.query_params.get("dataset")
    fitting = [one for one in scored if run in (None, one.run) and dataset in (None, one.dataset)]
    return (fitting or list(scored))[0]


@st.fragment
def _body(chosen: _reviewed.Scored, scored: Sequence[_reviewed.Scored]) -> None:
    split, bar = _bar(chosen, scored)
    board: Any = import_module(f"app.views.boards.{chosen.protocol.board}")
    board.draw(chosen, split, bar)


def _bar(chosen: _reviewed.Scored, scored: Sequence[_reviewed.Scored]) -> tuple[str | None, DeltaGenerator]:
    run, part, rest = st.columns([2.6, 1.7, 4.6], gap="medium", vertical_alignment="bottom")
    with run:
        wanted = st.selectbox("Run", scored, scored.index(chosen), format_func=str)
        if wanted != chosen:
            st.query_params.update(run=wanted.run, dataset=wanted.dataset)
            st.rerun(scope="app")
    with part:
        splits = ["all", *chosen.splits]
        first = next((name for name in ("test", "val") if name in splits), "all")
        picked = st.segmented_control(
            "Split",
            splits,
            default=_split(splits, first),
            key=f"split-{chosen.run}",
            required=True,
            format_func=plain,
        )
    return None if picked == "all" else picked, rest


def _split(splits: Sequence[str], first: str) -> str:
    asked = st.query_params.get("split")
    return asked if asked and asked in splits else first
