"""Sample datasets, made on this machine, and the catalog of public ones, downloaded only on a click."""

from typing import Any

import streamlit as st

from app import background, data, samples
from app.components.markdown import link, md, plain
from datasets.records import Progress


def addable() -> list[str]:
    """Sample datasets that are not there, not being made and not about to be."""
    making = {work.key for work in background.all_works("sample:") if work.state == "running"}
    return [name for name in data.missing_samples() if f"sample:{name}" not in making and name not in samples.waiting]


def sample_buttons() -> None:
    """A button for each sample dataset that can be made here."""
    with st.container(horizontal=True, gap="small"):
        for name in addable():
            if st.button(
                md("Add {}", name), key=f"sample-{name}", icon=":material/add:", help=plain(data.sample_text(name))
            ):
                samples.make(name)
                st.rerun()


@st.dialog("Public datasets", width="large")
def dialog() -> None:
    """The catalog: size and licence first, then the download."""
    st.caption("Each is downloaded from its publisher when you press its button, never before.")
    for entry in data.catalog():
        _entry(entry)


def _entry(entry: Any) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"entry-{entry.name}"):
        about = entry.task, entry.images, entry.size, entry.licence
        text = md("{}  \n:small[{:,} images · {} · licence: {}]", *about)
        st.markdown(md("**{}** · {}", link(entry.title, entry.home), text), width="stretch")
        if st.button("Download", key=f"catalog-{entry.name}", icon=":material/download:"):
            background.start(f"catalog:{entry.name}", f"Downloading {entry.title}", _downloading(entry.name))
            st.rerun()


def _downloading(name: str) -> Any:
    def run(progress: Progress) -> Any:
        return data.download(name, progress)

    return run
