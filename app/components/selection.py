"""What can be done with selected samples: tag, untag, split, show only these, save them as a view."""

from collections.abc import Sequence

import streamlit as st

from app import address, navigation
from app.components import splitting
from app.components.markdown import Markdown, md
from app.components.markup import markup
from datasets.editing import tags
from datasets.fieldnames import is_prediction
from datasets.speed.latest import PATIENCE
from datasets.storage import store
from datasets.views import legends, pages
from datasets.viewspec import ViewSpec


def bar(spec: ViewSpec, ids: Sequence[str]) -> None:
    """A row of actions on the selected samples."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="selection-bar"):
        st.html(markup('<span class="fv-selected"><strong>{:,}</strong> selected</span>', len(ids)), width="content")
        if st.button("Label", icon=":material/edit_square:"):
            navigation.go("label", **address.query(ViewSpec(dataset=spec.dataset, ids=tuple(ids))))
        with st.popover("Tag", icon=":material/new_label:"):
            _tag(spec, ids)
        with st.popover("Untag", icon=":material/label_off:"):
            _untag(spec, ids)
        with st.popover("Split", icon=":material/call_split:"):
            _split(spec, ids)
        if st.button("Show only these", icon=":material/filter_center_focus:"):
            address.show(ViewSpec(dataset=spec.dataset, ids=tuple(ids)))
            _clear()
            st.rerun()
        with st.popover("Save as view", icon=":material/bookmark_add:"):
            _save(spec, ids)
        if st.button("Clear", type="tertiary"):
            _clear()
            st.rerun(scope="fragment")


def _tag(spec: ViewSpec, ids: Sequence[str]) -> None:
    known = list(store.summary(spec.dataset, patience=PATIENCE).tags)
    word = st.selectbox(
        "Tag", known, index=None, accept_new_options=True, placeholder="a new or known tag", key="tag-word"
    )
    if st.button(md("Tag {:,} samples", len(ids)), type="primary", disabled=not word):
        _changed(tags.add(spec.dataset, ids, str(word).strip()), md("tagged “{}”", word))


def _untag(spec: ViewSpec, ids: Sequence[str]) -> None:
    known = list(pages.distinct(ViewSpec(dataset=spec.dataset, ids=tuple(ids)), "tags"))
    word = st.selectbox("Tag to take away", known, key="untag-word", placeholder="no tags here")
    if st.button(md("Untag {:,} samples", len(ids)), type="primary", disabled=not word):
        _changed(tags.remove(spec.dataset, ids, str(word)), md("no longer tagged “{}”", word))


def _split(spec: ViewSpec, ids: Sequence[str]) -> None:
    where = splitting.by_hand(spec, ids)
    if where is not None:
        _changed(len(ids), md("are in {} now", where) if where else md("are in no split now"))
    fields = legends.label_fields(store.summary(spec.dataset, patience=PATIENCE))
    field = next((name for name in fields if not is_prediction(name)), None)
    if field and st.button("Split them by shares", type="tertiary", icon=":material/pie_chart:", key="split-by-shares"):
        splitting.dialog(ViewSpec(dataset=spec.dataset, ids=tuple(ids)), field)


def _save(spec: ViewSpec, ids: Sequence[str]) -> None:
    from datasets.views import resolve

    name = st.text_input("Name of the view", key="selection-view")
    if st.button("Save", type="primary", disabled=not name.strip(), key="selection-save"):
        resolve.save_view(name.strip(), ViewSpec(dataset=spec.dataset, ids=tuple(ids)))
        st.toast(md("Saved view “{}”", name.strip()), icon=":material/bookmark:")


def _changed(number: int, what: Markdown) -> None:
    st.toast(md("{:,} samples {}", number, what), icon=":material/check:")
    st.session_state["browse-revision"] = st.session_state.get("browse-revision", 0) + 1
    st.rerun()


def _clear() -> None:
    st.session_state["browse-clear"] = st.session_state.get("browse-clear", 0) + 1
