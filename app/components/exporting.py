"""The dialog that writes a view to disk in a chosen format."""

import re
from typing import TYPE_CHECKING

import streamlit as st

from app import background, works
from app.components.markdown import joined, md
from app.components.progress import working
from app.components.words import counted
from datasets.speed.latest import PATIENCE
from datasets.storage import store
from datasets.views import pages
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

if TYPE_CHECKING:
    from datasets.exchange.exporting import ExportReport

IMAGES_ALONE = "no labels, images alone"
MEDIA = {"link": "link to the images", "copy": "copy the images", "none": "labels only"}


@st.dialog("Export", width="medium")
def dialog(spec: ViewSpec) -> None:
    """Choose format, labels and folder; the work continues when the dialog is closed."""
    folder = _form(spec)
    _progress(f"export:{folder}")


def _form(spec: ViewSpec) -> str:
    from datasets.exchange import exporting

    fields = store.summary(spec.dataset, patience=PATIENCE).label_fields
    st.caption(md("{:,} samples of {}", pages.count(spec), spec.dataset))
    left, right = st.columns(2)
    field = left.selectbox("Labels", [*fields, IMAGES_ALONE])
    kind = fields.get(field)
    titles = exporting.formats_for(kind)
    format_name = right.selectbox("Format", list(titles), format_func=titles.__getitem__)
    if not titles:
        st.warning(md("No format writes labels of the kind {} yet.", kind), icon=":material/info:")
    media = st.radio("Images", list(MEDIA), format_func=MEDIA.__getitem__, horizontal=True)
    safe = re.sub(r"\W+", "-", spec.dataset).strip("-") or "dataset"
    folder = st.text_input("Folder", str(Workspace.current().exports / f"{safe}-{format_name}"))
    replace = st.checkbox("Replace what was written there before", help="only an earlier export, never anything else")
    if st.button("Export", type="primary", disabled=not folder.strip() or not titles):
        options = {"field": field if kind else None, "media": media, "force": replace}
        works.export(spec, folder.strip(), format_name, options)
    return folder.strip()


@st.fragment(run_every=1)
def _progress(key: str) -> None:
    work = background.find(key)
    if work is None:
        return
    if work.state == "running":
        working(work)
    elif work.state == "done":
        done: ExportReport = work.result
        counts = counted(done.samples, "sample"), counted(done.labels, "label")
        st.success(md("{} with {} are in **{}**", *counts, done.folder), icon=":material/check:")
        if done.findings:
            st.caption(joined(done.findings[:8], "  \n"))
    elif work.state == "failed":
        st.error(md("**Nothing was exported.** {}", _reason(work.error)), icon=":material/error:")
    else:
        st.info(md("{}: cancelled; nothing half-written is left", work.title), icon=":material/info:")


def _reason(error: Exception | None) -> str:
    if isinstance(error, OSError):
        return f"The folder cannot be written: {error.strerror or error}. Choose one that you may write to."
    return str(error).replace("use force to replace it", "tick “Replace …” above, or choose another folder")
