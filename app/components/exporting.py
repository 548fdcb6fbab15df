"""The dialog that writes a view to disk in a format of choice."""

import re

import streamlit as st

from app import background, data
from app.components.progress import working
from datasets.records import Progress
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

IMAGES_ALONE = "no labels, images alone"
MEDIA = {"link": "link to the images", "copy": "copy the images", "none": "labels only"}


@st.dialog("Export", width="medium")
def dialog(spec: ViewSpec) -> None:
    """Choose format, labels and folder; the work goes on when the dialog is closed."""
    folder = _form(spec)
    _progress(f"export:{folder}")


def _form(spec: ViewSpec) -> str:
    fields = data.summary(spec.dataset).label_fields
    st.caption(f"{data.count(spec):,} samples of {spec.dataset}")
    left, right = st.columns(2)
    field = left.selectbox("Labels", [*fields, IMAGES_ALONE])
    kind = fields.get(field)
    titles = data.formats_for(kind)
    format_name = right.selectbox("Format", list(titles), format_func=titles.__getitem__)
    if not titles:
        st.warning(f"No format writes labels of the kind {kind} yet.", icon=":material/info:")
    media = st.radio("Images", list(MEDIA), format_func=MEDIA.__getitem__, horizontal=True)
    safe = re.sub(r"\W+", "-", spec.dataset).strip("-") or "dataset"
    folder = st.text_input("Folder", str(Workspace.current().exports / f"{safe}-{format_name}"))
    if st.button("Export", type="primary", disabled=not folder.strip() or not titles):
        _start(spec, folder.strip(), format_name, field if kind else None, media)
    return folder.strip()


def _start(spec: ViewSpec, folder: str, format_name: str, field: str | None, media: str) -> None:
    def run(progress: Progress) -> object:
        return data.export(spec, folder, format_name, progress, field=field, media=media)

    background.start(f"export:{folder}", f"Exporting {spec.dataset} to {folder}", run)


@st.fragment(run_every=1)
def _progress(key: str) -> None:
    work = background.find(key)
    if work is None:
        return
    if work.state == "running":
        working(work)
    elif work.state == "done":
        st.success(f"{work.title}: done", icon=":material/check:")
    elif work.state == "failed":
        st.error(f"{work.title}: {work.error}", icon=":material/error:")
    else:
        st.info(f"{work.title}: cancelled; nothing half-written is left", icon=":material/info:")
