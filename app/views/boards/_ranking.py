"""ROC and precision-recall curves of a few classes: the worst separated ones, unless a person chooses others."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.components import page as frame
from app.components.curves import curves
from app.components.palette import colouring, colours
from app.views.boards import _class_charts
from datasets.evaluation.cards import Value
from datasets.review.classes import ClassCurves

MOST = 8  # classes in one chart; more cannot be distinguished


def draw(
    classes: Sequence[str],
    per_class: Mapping[str, Mapping[str, Value]],
    of: Callable[[Sequence[str]], list[ClassCurves]],
) -> None:
    """Draw both charts; `of` gives the curves of some classes."""
    known = [name for name in classes if per_class[name]["ap"] is not None]
    worst = sorted(known, key=lambda name: per_class[name]["ap"] or 0)
    shown = worst[:MOST]
    if len(worst) > MOST:
        frame.section("Curves", f"of the {MOST} classes that are told apart worst, or those that you choose")
        shown = st.multiselect("Classes", worst, shown, max_selections=MOST, label_visibility="collapsed")
    palette = colouring(per_class if len(per_class) <= len(colours()) else shown)
    if found := of(sorted(shown, key=classes.index)):
        curves(_class_charts.ranking(found, per_class, palette), "class-charts", columns=2, least=250)
