"""FiftyOne's own App on the view, inside the page; its selection can be used here."""

from urllib.parse import quote, urlencode

import streamlit as st

from app import address, fiftyone_mount, navigation
from app.api.assets import FOLDER
from app.components import page as frame
from app.components.markdown import plain
from app.components.markup import markup
from datasets.errors import FieldError
from datasets.labeling import annotating
from datasets.storage import documents, label_schemas
from datasets.views import pages, resolve
from datasets.viewspec import ViewSpec

HEIGHT = 780
_settings = st.components.v2.component("foveal_settings", js=(FOLDER / "settings.js").read_text(encoding="utf-8"))
TAKEN = "fiftyone-taken"  # ids passed from the fragment to the page: a polling fragment cannot switch pages


def page() -> None:
    """Draw the page."""
    name = address.dataset()
    if name is None:
        frame.header("FiftyOne")
        with frame.empty("No dataset yet", "FiftyOne shows datasets that were imported.", "open_in_new"):
            navigation.link("Go to datasets", "datasets", icon=":material/dataset:")
        return
    spec = address.view(name)
    if taken := st.session_state.pop(TAKEN, None):
        navigation.go("browse", **address.query(ViewSpec(dataset=name, ids=tuple(taken))))
    address.show(spec)
    with frame.header("FiftyOne", f"{name} · {pages.count(spec):,} samples, in FiftyOne's own App"):
        navigation.link("Back to Browse", "browse", icon=":material/grid_view:", **address.query(spec))
        st.link_button("Open in a tab", _address(spec), icon=":material/open_in_new:")
    _selection(spec)
    _first_visit()
    st.iframe(_address(spec), height=HEIGHT)


def _address(spec: ViewSpec) -> str:
    dataset, slug = resolve.fiftyone_view(spec)
    query = {"proxy": fiftyone_mount.PREFIX, **({"view": slug} if slug else {})}
    return f"{fiftyone_mount.PREFIX}/datasets/{quote(dataset, safe='')}?{urlencode(query)}"


def _first_visit() -> None:
    """Initial settings of FiftyOne, which it keeps in the browser: our theme, without its advertisement."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    _settings(key="fiftyone-settings", data={"mui-mode": theme, "fiftyone-enterprise-tooltip-seen": "true"})


def _annotating(dataset: str) -> None:
    """Tells FiftyOne's Annotate tab the classes and attributes of the fields, whenever they changed."""
    found = documents.of(dataset)
    told = (found["_id"], label_schemas.versions(found))
    if st.session_state.get("fiftyone-annotating") != told:
        st.session_state["fiftyone-annotating"] = told
        try:
            annotating.tell(dataset)
        except FieldError as refused:
            st.caption(plain(refused))


@st.fragment(run_every=1)
def _selection(spec: ViewSpec) -> None:
    """Shows the current selection in FiftyOne."""
    chosen = fiftyone_mount.selected(spec.dataset)
    with st.container(horizontal=True, vertical_alignment="center", key="fiftyone-selection"):
        if not fiftyone_mount.is_loaded():
            st.caption("FiftyOne is loading; the first time this takes some seconds.")
            return
        _annotating(spec.dataset)
        if not chosen:
            st.caption("Select samples in FiftyOne to take them over as a view.")
            return
        st.html(
            markup('<span class="fv-selected"><strong>{:,}</strong> selected in FiftyOne</span>', len(chosen)),
            width="content",
        )
        if st.button("Take over as a view", type="primary", icon=":material/filter_center_focus:"):
            st.session_state[TAKEN] = chosen
            st.rerun()
