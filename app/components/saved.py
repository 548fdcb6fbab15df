"""Saved views of a dataset: open, save, delete."""

import streamlit as st

from app import address
from app.components.markdown import md, plain
from datasets.viewspec import ViewSpec


def popover(spec: ViewSpec) -> None:
    """The menu of saved views; they are FiftyOne's saved views too."""
    from datasets.views import resolve

    known = resolve.list_views(spec.dataset)
    with st.popover(md("Views · {}", len(known)) if known else "Views", icon=":material/bookmark:"):
        for one in known:
            _entry(spec, one.name)
        if not known:
            st.caption("No view is saved yet. A saved view keeps filters and order, not a copy of the samples.")
        st.divider()
        name = st.text_input("Save this view as", key="view-name", placeholder="name")
        if st.button("Save", type="primary", disabled=not name.strip(), key="view-save"):
            resolve.save_view(name.strip(), spec)
            address.show(ViewSpec(dataset=spec.dataset, saved=name.strip()))
            st.rerun()


def _entry(spec: ViewSpec, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = ViewSpec(dataset=spec.dataset, saved=name)
        st.button(
            plain(name), key=f"open:{name}", type="tertiary", width="stretch", on_click=address.show, args=(wanted,)
        )
        icon = ":material/delete:"
        if st.button("Delete", key=f"delete:{name}", type="tertiary", icon=icon, help=md("Delete view {}", name)):
            _delete(spec, name)


def _delete(spec: ViewSpec, name: str) -> None:
    from datasets.views import resolve

    resolve.delete_view(spec.dataset, name)
    if spec.saved == name:
        address.show(ViewSpec(dataset=spec.dataset))
    st.rerun()
