"""The frame that every page shares: its header, figures, empty states and errors."""

from collections.abc import Iterable, Mapping
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def header(title: str, subtitle: str = "") -> DeltaGenerator:
    """Title and subtitle at the left. Returns the container at the right, for the page's actions."""
    with st.container(key="page-header", horizontal=True, vertical_alignment="bottom"):
        line = f'<div class="fv-subtitle">{escape(subtitle)}</div>' if subtitle else ""
        st.html(f'<div class="fv-title"><h1>{escape(title)}</h1>{line}</div>', width="stretch")
        return st.container(
            key="page-actions",
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            width="content",
            gap="small",
        )


def section(title: str, note: str = "") -> None:
    """A heading inside a page, with an optional quiet note beside it."""
    quiet = f'<span class="fv-note">{escape(note)}</span>' if note else ""
    st.html(f'<div class="fv-section"><h2>{escape(title)}</h2>{quiet}</div>')


def figures(values: Mapping[str, object]) -> None:
    """A row of named figures, such as counts."""
    cells = "".join(f"<div><span>{escape(k)}</span><b>{escape(str(v))}</b></div>" for k, v in values.items())
    st.html(f'<div class="fv-figures">{cells}</div>')


def facts(parts: Iterable[str]) -> None:
    """One quiet line of facts, separated by dots."""
    line = " · ".join(escape(part) for part in parts if part)
    st.html(f'<div class="fv-facts">{line}</div>')


def classes(counts: Mapping[str, int | None], colours: Mapping[str, str], more: int = 0) -> None:
    """A row of classes in their colours, with the number of their labels where it is known."""
    numbers = {name: "" if count is None else f"<b>{count:,}</b>" for name, count in counts.items()}
    chips_ = "".join(
        f'<span><i style="background:{colours.get(name, "gray")}"></i>{escape(name)} {text}</span>'
        for name, text in numbers.items()
    )
    rest = f"<span>{more} more</span>" if more else ""
    st.html(f'<div class="fv-classes">{chips_}{rest}</div>')


def chips(words: Iterable[str]) -> None:
    """A row of small words, such as tags or splits."""
    st.html(f'<div class="fv-chips">{"".join(f"<span>{escape(word)}</span>" for word in words)}</div>')


def empty(title: str, text: str, icon: str = "inbox") -> DeltaGenerator:
    """What stands where nothing is yet. Returns a container for what to do about it."""
    with st.container(key=f"empty-{icon}", border=True, horizontal_alignment="center"):
        body = f"<h3>{escape(title)}</h3><p>{escape(text)}</p>"
        st.html(f'<div class="fv-empty"><span class="fv-icon">{escape(icon)}</span>{body}</div>')
        return st.container(horizontal=True, horizontal_alignment="center")


def problem(error: Exception, title: str = "This did not work") -> None:
    """An error in words; its message says what was expected, what was found and what to do."""
    st.error(f"**{title}.** {error}", icon=":material/error:")
