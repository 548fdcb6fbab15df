"""The dialogs that make a dataset of images, dropped, pasted or in a folder, and that add images to one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import streamlit as st

from app import background, navigation, works
from app.components import page as frame
from app.components.dropping import Dropped, drop, new_key
from app.components.folders import folder_input
from app.components.markdown import Markdown, md, plain
from app.components.progress import working
from app.components.words import counted
from datasets import kinds
from datasets.errors import DatasetsError
from datasets.kinds import Kind
from datasets.storage import store

FIELD = "ground_truth"
HERE, FOLDER = "Drop or paste", "A folder of this machine"


@dataclass(frozen=True)
class Aim:
    """What a person wants to label: in their words, as a kind of field (None: nothing yet), with an icon."""

    words: str
    kind: Kind | None
    icon: str


AIMS: Mapping[str, Aim] = MappingProxyType(
    {
        one.words: one
        for one in (
            Aim("Boxes", kinds.DETECTIONS, "crop_square"),
            Aim("Masks", kinds.DETECTIONS, "gesture"),
            Aim("Polygons", kinds.POLYLINES, "polyline"),
            Aim("Key points", kinds.KEYPOINTS, "accessibility_new"),
            Aim("One class", kinds.CLASSIFICATION, "label"),
            Aim("Several classes", kinds.CLASSIFICATIONS, "new_label"),
            Aim("Every pixel", kinds.SEGMENTATION, "format_paint"),
            Aim("Nothing yet", None, "schedule"),
        )
    }
)


def open_dialog() -> None:
    """Open the dialog of a new dataset, empty."""
    st.session_state["new-dataset"] = {"key": new_key(), "made": ""}
    _new()


@st.dialog("Add images", width="large")
def add_dialog(dataset: str) -> None:
    """Add images to a dataset by dropping, pasting or choosing them."""
    st.caption(md("Images that **{}** has already are not added twice.", dataset))
    key = st.session_state.setdefault(f"adding-{dataset}", new_key())
    done = drop(key, dataset)
    if done.over and done.added:
        works.cut_thumbnails(dataset)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if done.over and st.button("Done", type="primary", icon=":material/check:"):
            del st.session_state[f"adding-{dataset}"]
            st.session_state["browse-revision"] = st.session_state.get("browse-revision", 0) + 1
            st.rerun()


@st.dialog("New dataset", width="large")
def _new() -> None:
    state = st.session_state["new-dataset"]
    form, files, end = st.container(), st.container(), st.container()  # the files stay where they are drawn first
    with form:
        if state["made"]:
            _made(state["made"])
        wish = None if state["made"] else _form(state["key"])
    source = HERE if wish is None else wish.source
    with files:
        dropped = drop(state["key"], state["made"]) if source == HERE else Dropped()
        path = folder_input("Folder on this machine", key=f"folder-{state['key']}") if source == FOLDER else ""
    with end:
        if wish is None:
            _finish(state["made"], dropped)
        elif work := background.find(f"import:{path}") if path else None:
            st.fragment(_following, run_every=0.5)(work.key)
        else:
            _create(wish, dropped, path)


@dataclass(frozen=True)
class _Wish:
    """What the form asks for."""

    name: str
    kind: Kind | None
    classes: tuple[str, ...]
    points: tuple[str, ...]
    source: str

    @property
    def problem(self) -> str:
        """Why no dataset can be made of it yet; "" for nothing."""
        if not self.name:
            return "Give it a name"
        if self.name in store.names():
            return f"There is a dataset {self.name} already: choose another name, or add images to it"
        return ""


def _form(key: str) -> _Wish:
    left, right = st.columns([1, 1])
    name = left.text_input("Name", _free("my-images"), key=f"name-{key}").strip()
    source = right.segmented_control("Images", [HERE, FOLDER], default=HERE, required=True, key=f"source-{key}")
    words = st.pills(
        "What do you want to label?", list(AIMS), default="Boxes", required=True, key=f"aim-{key}",
        format_func=lambda one: md(":material/{}: {}", Markdown(AIMS[one].icon), one),
    )  # fmt: skip
    kind = AIMS[str(words)].kind
    classes, points = "", ""
    if kind:
        help_ = "Separated by commas. You can add and rename classes at any time."
        classes = st.text_input("Classes", key=f"classes-{key}", placeholder="cat, dog", help=help_)
        if kind.posed:
            points = st.text_input("Names of the points", key=f"points-{key}", placeholder="nose, left eye, right eye")
    return _Wish(name, kind, _listed(classes), _listed(points), str(source))


def _create(wish: _Wish, dropped: Dropped, path: str) -> None:
    what = dropped.chosen if wish.source == HERE else bool(path)
    problem = wish.problem or ("" if what else "Choose images" if wish.source == HERE else "Name a folder")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.caption(plain(problem), width="stretch")
        label = "Create and label" if wish.kind else "Create"
        pressed = st.button(
            label, type="primary", icon=":material/check:", disabled=bool(problem), key="create-dataset"
        )
    if pressed and wish.source == FOLDER:
        works.make_of_folder(Path(path), wish.name, wish.kind.name if wish.kind else "", wish.classes, wish.points)
        st.rerun(scope="fragment")
    elif pressed:
        try:
            with st.spinner("Making the dataset"):
                _begin(wish)
        except DatasetsError as error:
            frame.problem(error, "No dataset was made")
            return
        st.session_state["new-dataset"]["made"] = wish.name
        st.rerun(scope="fragment")


def _begin(wish: _Wish) -> None:
    from datasets.labeling import newfields

    if wish.kind:
        newfields.begin(wish.name, FIELD, wish.kind.name, wish.classes, points=wish.points)
    else:
        store.create(wish.name)


def _made(name: str) -> None:
    fields = store.summary(name).label_fields
    what = ", ".join(kinds.kind(kind).word for kind in fields.values())
    st.caption(md("**{}** is made{}. These images go into it; more can follow.", name, f", for {what}" if what else ""))


def _finish(name: str, dropped: Dropped) -> None:
    """Once all files were sent: straight on if every one was taken, else a person sees first what was not."""
    if not dropped.over:
        return
    works.cut_thumbnails(name)
    if dropped.clean:
        go_labeling(name)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Browse", icon=":material/grid_view:"):
            navigation.go("browse", dataset=name)
        if store.summary(name).label_fields and st.button("Label", type="primary", icon=":material/edit_square:"):
            go_labeling(name)


def go_labeling(name: str) -> None:
    """Open the first label field of a dataset in the labeler; without one, its images."""
    field = next(iter(store.summary(name).label_fields), None)
    if field:
        navigation.go("label", dataset=name, field=field)
    navigation.go("browse", dataset=name)


def _following(key: str) -> None:
    """A folder is read and imported."""
    work = background.find(key)
    if work is None:
        st.rerun()
    elif work.state == "running":
        working(work)
    elif work.state == "done":
        report = work.result
        if not report.findings:
            background.forget(key)
            go_labeling(report.dataset)
        st.success(md("{} in **{}**", counted(report.added, "image"), report.dataset), icon=":material/check:")
        for finding in report.findings[:5]:
            st.caption(md("{}", finding))
        if st.button("Label", type="primary", icon=":material/edit_square:"):
            background.forget(key)
            go_labeling(report.dataset)
    else:
        frame.problem(work.error or RuntimeError("it was cancelled"), "No dataset was made")
        st.button("Back", icon=":material/arrow_back:", on_click=background.forget, args=(key,))


def _listed(text: str) -> tuple[str, ...]:
    """Names between commas, semicolons or line breaks, each once."""
    return tuple(dict.fromkeys(one.strip() for one in re.split(r"[,;\n]", text) if one.strip()))


def _free(name: str, known: Sequence[str] = ()) -> str:
    """A name like this one that no dataset has."""
    taken = {*known, *store.names()}
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, 10_000))) if one not in taken)
