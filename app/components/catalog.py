"""Sample datasets, made on this machine, and the catalog of public ones, downloaded only on click."""

from typing import Any

import streamlit as st

from app import samples, works
from app.components.markdown import link, md, plain
from datasets.samples import about


def sample_buttons() -> None:
    """A button for each sample dataset that can be made here."""
    with st.container(horizontal=True, gap="small", width="content"):
        for name in samples.addable():
            if st.button(
                md("Add {}", name), key=f"sample-{name}", icon=":material/add:", help=plain(about.TEXTS[name])
            ):
                works.make_sample(name)
                st.rerun()


@st.dialog("Public datasets", width="large")
def dialog() -> None:
    """The catalog: size and licence first, then the download."""
    st.caption("Each is downloaded from its publisher when you press its button, never before.")
    from datasets.exchange import catalog

    for entry in catalog.entries():
        _entry(entry)


def _entry(entry: Any) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"entry-{entry.name}"):
        facts = entry.task, entry.images, entry.size, entry.licence
        text = md("{}  \n:small[{:,} images · {} · licence: {}]", *facts)
        st.markdown(md("**{}** · {}", link(entry.title, entry.home), text), width="stretch")
        if st.button("Download", key=f"catalog-{entry.name}", icon=":material/download:"):
            works.download(entry)
            st.rerun()
