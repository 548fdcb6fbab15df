"""The line of figures at the top of every board, with the card that says how they were made."""

from collections.abc import Iterable, Mapping

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from app.components import page as frame
from app.components.markdown import Markdown, joined, md, plain
from datasets.evaluation.cards import Value
from datasets.evaluation.figures import PER_CLASS, Figure, find


def headline(figures: Mapping[str, str], card: Mapping[str, str]) -> None:
    """Draw named figures, and their metric card as rows of a table; without it figures mean nothing."""
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="review-headline"):
        frame.figures(figures)
        with st.popover("Metric card", icon=":material/info:"):
            first, *others = [md("| **{}** | {} |", name, text) for name, text in card.items()]
            st.markdown(joined([first, Markdown("|---|---|"), *others], "\n"))


def told(figures: Iterable[Figure], metrics: Mapping[str, Value]) -> dict[str, str]:
    """Figures in words by their titles; those missing from the report are left out."""
    return {one.title: one.text(metrics[one.name]) for one in figures if one.name in metrics}


def columns(names: Iterable[str], widths: int | Mapping[str, int]) -> dict[str, ColumnConfig]:
    """Columns of a table of classes; `widths` in pixels, one for all or one by name."""
    made: dict[str, ColumnConfig] = {}
    for name in names:
        one = find(PER_CLASS, name)
        width = widths if isinstance(widths, int) else widths[name]
        made[name] = st.column_config.NumberColumn(one.title, format=one.printf, width=width, help=plain(one.help))
    return made


def meter(name: str, width: int) -> ColumnConfig:
    """A column of bars, for the figure that a table of classes is about."""
    one = find(PER_CLASS, name)
    low, high = one.range
    return st.column_config.ProgressColumn(
        one.title, width=width, format=one.printf, min_value=low, max_value=high, help=plain(one.help)
    )
