"""The frame that every page shares: its header, figures, empty states and errors."""

from collections.abc import Iterable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.markdown import md
from app.components.markup import markup, together


def header(title: str, subtitle: str = "") -> DeltaGenerator:
    """Title and subtitle on the left. Returns the container on the right, for the page's actions."""
    with st.container(key="page-header", horizontal=True, vertical_alignment="bottom"):
        line = markup('<div class="fv-subtitle">{}</div>', subtitle) if subtitle else ""
        st.html(markup('<div class="fv-title"><h1>{}</h1>{}</div>', title, line), width="stretch")
        return st.container(
            key="page-actions",
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            width="content",
            gap="small",
        )


def section(title: str, note: str = "") -> None:
    """A heading inside a page, with an optional muted note beside it."""
    quiet = markup('<span class="fv-note">{}</span>', note) if note else ""
    st.html(markup('<div class="fv-section"><h2>{}</h2>{}</div>', title, quiet))


def figures(values: Mapping[str, object]) -> None:
    """A row of named figures, such as counts."""
    cells = together(markup("<div><span>{}</span><b>{}</b></div>", *pair) for pair in values.items())
    st.html(markup('<div class="fv-figures">{}</div>', cells))


def facts(parts: Iterable[str]) -> None:
    """One muted line of facts, separated by dots."""
    st.html(markup('<div class="fv-facts">{}</div>', " · ".join(part for part in parts if part)))


def classes(counts: Mapping[str, int | None], colours: Mapping[str, str], more: int = 0) -> None:
    """A row of classes in their colours, with the number of their labels where it is known."""
    numbers = {name: "" if count is None else markup("<b>{:,}</b>", count) for name, count in counts.items()}
    cells = together(
        markup('<span><i style="background:{}"></i>{} {}</span>', colours.get(name, "gray"), name, text)
        for name, text in numbers.items()
    )
    rest = markup("<span>{} more</span>", more) if more else ""
    st.html(markup('<div class="fv-classes">{}{}</div>', cells, rest))


def chips(words: Iterable[str]) -> None:
    """A row of small words, such as tags or splits."""
    st.html(markup('<div class="fv-chips">{}</div>', together(markup("<span>{}</span>", word) for word in words)))


def empty(title: str, text: str, icon: str = "inbox") -> DeltaGenerator:
    """An empty state. Returns a container for what to do about it."""
    with st.container(key=f"empty-{icon}", border=True, horizontal_alignment="center"):
        body = markup("<h3>{}</h3><p>{}</p>", title, text)
        st.html(markup('<div class="fv-empty"><span class="fv-icon">{}</span>{}</div>', icon, body))
        return st.container(horizontal=True, horizontal_alignment="center")


def problem(error: Exception, title: str = "This did not work") -> None:
    """An error in words; its message says what was expected, what was found and what to do."""
    st.error(md("**{}.** {}", title, error), icon=":material/error:")
