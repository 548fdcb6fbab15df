"""Datasets: the home page. Which datasets there are, what they hold, and links to work with them."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app import background, navigation, samples
from app.components import annotators, catalog, labelhistory, newdataset, pictures, words
from app.components import page as frame
from app.components.markdown import md
from app.components.markup import markup
from app.components.palette import of_dataset
from app.components.progress import working
from datasets.evaluation.thresholds import SHOWN
from datasets.fieldnames import is_prediction
from datasets.samples.about import NAMES
from datasets.speed.latest import PATIENCE
from datasets.storage import store
from datasets.storage.store import DatasetSummary
from datasets.views import joined, legends, pages
from datasets.workspace import Workspace
from pipelines.runs.run import trained_by_dataset

PREVIEWS = 6
CLASSES_SHOWN = 6
MAKING = ("import:", "sample:", "catalog:")


def page() -> None:
    """Draw the page."""
    with frame.header("Datasets", "bring images in, train on them, and find out which ones are wrong"):
        if st.button("Public datasets", icon=":material/public:"):
            catalog.dialog()
        if st.button("Import", icon=":material/folder_open:"):
            navigation.go("import")
        if st.button("New dataset", type="primary", icon=":material/add_photo_alternate:"):
            newdataset.open_dialog()
    _going_on()
    found = _listed()
    if found:
        _cards(found)
    elif _running():
        text = "They appear here one after another. Make a dataset of your own images meanwhile."
        frame.empty("The first datasets are being made", text, "hourglass_top")
    else:
        text = "Make one of your own images, or start with the sample datasets."
        with frame.empty("No dataset yet", text, "dataset"):
            if st.button("New dataset", type="primary", icon=":material/add_photo_alternate:", key="new-first"):
                newdataset.open_dialog()
            catalog.sample_buttons()
    if found and samples.addable():
        frame.section("Sample datasets", "made on this machine, nothing is downloaded")
        catalog.sample_buttons()


def _listed() -> list[DatasetSummary]:
    """Summaries of all datasets: a person's own first, newest at the top, then the sample datasets."""
    found = store.list_datasets(patience=PATIENCE)[::-1]
    return sorted(found, key=lambda one: NAMES.index(one.name) + 1 if one.name in NAMES else 0)


def _cards(found: list[DatasetSummary]) -> None:
    runs = trained_by_dataset(Workspace.current())
    with st.container(key="cards"):
        for about in found:
            with st.container(border=True, key=f"card-{about.name}", gap="small"):
                _card(about, runs.get(about.name, []))


def _card(about: Any, runs: list[Any]) -> None:
    named = legends.coloured_classes(about.name, PATIENCE)
    colours = of_dataset(about.name)
    pictures.mosaic(_pictures(about), colours, link=f"/browse?{urlencode({'dataset': about.name})}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(markup('<span class="fv-name">{}</span>', about.name))
        with st.container(horizontal_alignment="right"):
            _menu(about)
    frame.facts(_facts(about))
    frame.facts(_splits(about))
    counts = legends.main_classes(about) or dict.fromkeys(named)
    frame.classes(dict(list(counts.items())[:CLASSES_SHOWN]), colours, more=max(0, len(counts) - CLASSES_SHOWN))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        navigation.link("Browse", "browse", icon=":material/grid_view:", dataset=about.name)
        navigation.link("Label", "label", icon=":material/edit_square:", dataset=about.name)
        navigation.link("Train", "train", icon=":material/model_training:", dataset=about.name)
        if runs or any(map(is_prediction, about.label_fields)):
            navigation.link("Review", "review", icon=":material/rate_review:", dataset=about.name)
    _last_runs(runs)


def _pictures(about: Any) -> list[pictures.Picture]:
    """Some samples, spread over the dataset, with the labels of its first field."""
    field = next(iter(legends.label_fields(about)), None)
    edges = joined.edges(about.name).get(field or "")
    found = []
    for row in pages.spread(about.name, PREVIEWS):
        source = pictures.of_sample(about.name, row.id)
        held = row.labels.get(field or "", ())
        labels = tuple(one for one in held if one.confidence is None or one.confidence >= SHOWN)
        masked = field and any(label.mask_path or label.mask for label in labels)
        masks = pictures.masks_of_sample(about.name, row.id, str(field)) if masked else ""
        found.append(pictures.Picture(source, row.path, row.width or 4, row.height or 3, labels, masks, edges))
    return found


def _facts(about: Any) -> list[str]:
    """How much the dataset holds, and of which kinds."""
    labels = sum(sum(counts.values()) for name, counts in about.class_counts.items() if not is_prediction(name))
    kinds = ", ".join(sorted({kind for name, kind in about.label_fields.items() if not is_prediction(name)}))
    return [f"{about.count:,} samples", f"{labels:,} labels" if labels else "", kinds or "no labels"]


def _splits(about: Any) -> list[str]:
    """Samples per split, in the order of a training."""
    return [f"{name or 'no split'} {count:,}" for name, count in words.by_split(about.splits).items()]


def _last_runs(runs: list[Any]) -> None:
    if not runs:
        return
    newest = runs[0].request
    created = newest.created if newest.created.tzinfo else newest.created.replace(tzinfo=UTC)
    rest = md(" and {} more", len(runs) - 1) if len(runs) > 1 else ""
    ago = words.ago(min(created, datetime.now(UTC)).timestamp())
    st.caption(md("last run: {}, {}{}", newest.name or newest.run, ago, rest))


def _menu(about: Any) -> None:
    chosen = st.menu_button(
        "More",
        ["Add images", "Annotators", "History of labels", "Rename", "Delete"],
        key=f"menu-{about.name}",
        icon=":material/more_horiz:",
        type="tertiary",
    )
    if chosen == "Add images":
        newdataset.add_dialog(about.name)
    elif chosen == "Annotators":
        annotators.dialog(about.name)
    elif chosen == "History of labels":
        labelhistory.dialog(about.name)
    elif chosen == "Rename":
        _rename(about.name)
    elif chosen == "Delete":
        _delete(about.name, about.count)


@st.dialog("Rename dataset")
def _rename(name: str) -> None:
    new = st.text_input("New name", name)
    if st.button("Rename", type="primary", disabled=not new.strip() or new.strip() == name):
        store.rename(name, new.strip())
        st.rerun()


@st.dialog("Delete dataset")
def _delete(name: str, count: int) -> None:
    text = "**{}** with {:,} samples, its labels, predictions and saved views are removed. The image files stay."
    st.markdown(md(text, name, count))
    if st.button("Delete for good", type="primary", icon=":material/delete:"):
        store.delete(name)
        st.rerun()


def _going_on() -> None:
    """Running imports and preparations; another tab may have started them."""
    with st.container(key="works", gap="small"):
        if running := _running():
            st.fragment(_progress, run_every=1)(running)
        for work in _works():
            if work.state == "failed":
                frame.problem(work.error or RuntimeError("unknown"), work.title)
                st.button("Dismiss", key=f"dismiss:{work.key}", on_click=background.forget, args=(work.key,))


def _progress(known: list[str]) -> None:
    """Progress of running work; once some has ended, the page is drawn again, with its dataset."""
    if _running() != known:
        st.rerun()
    for work in _works():
        if work.key in known:
            working(work)


def _running() -> list[str]:
    return [work.key for work in _works() if work.state == "running"]


def _works() -> list[background.Work]:
    """Work that makes datasets."""
    return [work for work in background.all_works() if work.key.startswith(MAKING)]
