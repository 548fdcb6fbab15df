"""The line of figures at the top of every board, with the card that says how they were made."""

from collections.abc import Mapping

import streamlit as st

from app.components import page as frame
from app.components.markdown import Markdown, joined, md


def headline(figures: Mapping[str, str], card: Mapping[str, str]) -> None:
    """Draw named figures, and their metric card as rows of a table; without it a figure says nothing."""
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="review-headline"):
        frame.figures(figures)
        with st.popover("Metric card", icon=":material/info:"):
            first, *others = [md("| **{}** | {} |", name, text) for name, text in card.items()]
            st.markdown(joined([first, Markdown("|---|---|"), *others], "\n"))
