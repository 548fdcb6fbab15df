"""Shows background work: a bar with the time left, and a way to stop it."""

import streamlit as st

from app.background import Work
from app.components.markdown import md


def working(work: Work) -> None:
    """Progress of running work, with its cancel button. Draw it in a fragment that runs every second."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"work:{work.key}"):
        counted = _counted(work)
        left = md(" · {} left", _duration(work.left)) if work.left is not None and work.total > 1 else ""
        st.progress(work.share, text=md("**{}** · {}{}", work.title, counted, left))
        label = "Stopping…" if work.stopping else "Cancel"
        st.button(
            label, key=f"cancel:{work.key}", disabled=work.stopping, icon=":material/close:", on_click=work.cancel
        )


def _counted(work: Work) -> str:
    so_far = f"{work.done:,} so far" if work.done > 1 else ""
    counted = f"{work.done:,} of {work.total:,}" if work.total > 1 else so_far
    return " · ".join(filter(None, (work.stage, counted))) or "starting"


def _duration(seconds: float) -> str:
    """A duration, rounded to what matters to a waiting person."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
