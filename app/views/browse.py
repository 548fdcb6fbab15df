"""Browse: the samples of a view, with labels drawn over; filters, tags, saved views, and links to what comes next."""

import re
from collections.abc import Mapping

import streamlit as st

from app import address, navigation
from app.components import exporting, filters, newdataset, saved, schema, selection, words
from app.components import page as frame
from app.components.grid import SIZES, GridField, grid
from app.components.markdown import Markdown, md, plain
from datasets.fieldnames import is_prediction
from datasets.kinds import kind
from datasets.speed.latest import PATIENCE
from datasets.storage import connection, store
from datasets.views import joined, legends, pages
from datasets.viewspec import ViewSpec


def page() -> None:
    """Draw the page."""
    name = address.dataset()
    if name is None:
        frame.header("Browse")
        with frame.empty(
            "No dataset yet", "Import images, or add a sample dataset, to look at them here.", "grid_view"
        ):
            navigation.link("Go to datasets", "datasets", icon=":material/dataset:")
        return
    spec = address.view(name)
    about = store.summary(name, patience=PATIENCE)
    total = pages.count(spec)
    named = len(legends.main_classes(about)) or len(legends.coloured_classes(name, PATIENCE))
    classes = words.counted(named, "class") if about.label_fields else "no labels"
    samples = words.counted(total, "sample") if total == about.count else f"{total:,} of {about.count:,} samples"
    with frame.header("Browse", f"{name} · {samples} · {classes}"):
        _ways_on(spec)
    fields = legends.label_fields(about)
    spec = _controls(spec, fields)
    _samples(spec, fields)


def _ways_on(spec: ViewSpec) -> None:
    query = address.query(spec)
    navigation.link("Label", "label", icon=":material/edit_square:", help="Label the samples of this view", **query)
    navigation.link("Review", "review", icon=":material/rate_review:", dataset=spec.dataset)
    navigation.link("FiftyOne", "fiftyone", icon=":material/open_in_new:", help="The same view in FiftyOne", **query)
    if st.button("Add images", icon=":material/add_photo_alternate:"):
        newdataset.add_dialog(spec.dataset)
    if schema.fields(spec.dataset) and st.button("Classes", icon=":material/label:", help="Classes and attributes"):
        schema.dialog(spec.dataset)
    if st.button("Export", icon=":material/download:"):
        exporting.dialog(spec)
    if st.button("Train on this view", type="primary", icon=":material/model_training:"):
        navigation.go("train", **query)


def _controls(spec: ViewSpec, fields: list[str]) -> ViewSpec:
    """The row of controls above the grid. Returns the view that they express."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="browse-controls"):
        _dataset(spec)
        field = fields[0] if fields else None
        with st.popover(md("Filter{}", _counted(spec)), icon=":material/filter_list:"):
            if len(fields) > 1:
                field = st.selectbox("Filter by labels of", fields, key="filter-field")
            shown = _filters(spec, field)
        _sorting(spec)
        saved.popover(spec)
        st.selectbox("Per page", SIZES, index=1, key="browse-size", width=90)
    if spec.filters or spec.ids is not None or spec.saved:
        _chips(spec)
    st.session_state["browse-known"] = address.pack(spec)
    _ = shown
    return spec


def _counted(spec: ViewSpec) -> Markdown:
    return md(" · {}", len(spec.filters)) if spec.filters else Markdown()


def _dataset(spec: ViewSpec) -> None:
    known = store.names()

    def changed() -> None:
        address.show(ViewSpec(dataset=st.session_state["browse-dataset"]))

    st.session_state["browse-dataset"] = spec.dataset
    st.selectbox("Dataset", known, key="browse-dataset", on_change=changed, width=220)


def _filters(spec: ViewSpec, field: str | None) -> list[filters.Control]:
    """The controls inside the popover; changing one changes the address."""
    simple = [
        one.name
        for one in [*store.schema(spec.dataset), *store.frame_schema(spec.dataset)]
        if (one.numeric or one.kind == "string") and one.name not in ("filepath", "split", "id")
    ]
    extra = st.multiselect("Other fields", simple, key="filter-extra", placeholder="add a field") if simple else []
    shown = filters.controls(spec.dataset, field, extra)
    filters.spread(spec, shown, force=st.session_state.get("browse-known") != address.pack(spec))
    for control in shown:
        control.draw(lambda: address.show(filters.gather(spec, shown)))
    if field and kind(store.summary(spec.dataset, patience=PATIENCE).label_fields[field]).many:
        filters.counting(spec, field, lambda one: address.show(spec.narrowed(one)))
    return shown


def _sorting(spec: ViewSpec) -> None:
    numbers = [one.name for one in filters.all_fields(spec.dataset) if one.numeric and "." not in one.name]
    choices = ["order of import", "filepath", *numbers]

    def changed() -> None:
        chosen = st.session_state["browse-sort"]
        sort = None if chosen == choices[0] else chosen
        down = sort is not None and st.session_state.get("browse-descending") == "desc"
        address.show(spec.model_copy(update={"sort": sort, "descending": down}))

    st.session_state["browse-sort"] = spec.sort if spec.sort in choices else choices[0]
    st.selectbox("Sort by", choices, key="browse-sort", on_change=changed, width=170)
    if spec.sort:
        st.session_state["browse-descending"] = "desc" if spec.descending else "asc"
        icons = {"asc": ":material/arrow_upward:", "desc": ":material/arrow_downward:"}
        st.segmented_control(
            "Order", list(icons), format_func=icons.__getitem__, key="browse-descending", on_change=changed,
            label_visibility="collapsed", required=True,
        )  # fmt: skip


def _chips(spec: ViewSpec) -> None:
    """The conditions that narrow the view; a click removes one."""
    with st.container(horizontal=True, gap="xsmall", key="browse-chips"):
        for index, one in enumerate(spec.filters):
            rest = (*spec.filters[:index], *spec.filters[index + 1 :])
            _chip(filters.words(one), f"chip-{index}", spec.model_copy(update={"filters": rest}))
        if spec.ids is not None:
            _chip(f"{len(spec.ids):,} chosen samples", "chip-ids", spec.model_copy(update={"ids": None}))
        if spec.saved:
            _chip(f"view {spec.saved}", "chip-saved", spec.model_copy(update={"saved": None}))
        st.button("Clear all", type="tertiary", on_click=address.show, args=(ViewSpec(dataset=spec.dataset),))


def _chip(label: str, key: str, without: ViewSpec) -> None:
    icon = ":material/close:"
    st.button(
        plain(label), key=key, icon=icon, icon_position="right", help="Remove", on_click=address.show, args=(without,)
    )


@st.fragment
def _samples(spec: ViewSpec, fields: list[str]) -> None:
    """The grid and what can be done with the selection; only this part runs again when the selection changes."""
    with connection.moment():
        _grid(spec, fields)


def _grid(spec: ViewSpec, fields: list[str]) -> None:
    size = st.session_state.get("browse-size", 60)
    legend = legends.legend(spec, fields[0], PATIENCE) if fields else {}
    if _uncounted(spec, fields, legend):
        st.fragment(_counting, run_every=1.0)(spec, fields)
    state = grid(
        spec,
        _fields(spec.dataset, fields),
        legends.coloured_classes(spec.dataset, PATIENCE),
        legend,
        page=_number(st.query_params.get("page")),
        sample=st.query_params.get("sample"),
        size=size,
        revision=str(st.session_state.get("browse-revision", 0)),
        clear=int(st.session_state.get("browse-clear", 0)),
    )
    if state.label:
        navigation.go("label", **address.query(spec), sample=state.label)
    address.show(spec, page=state.page if state.page > 1 else None, sample=state.sample)
    if state.selected:
        selection.bar(spec, state.selected)


def _uncounted(spec: ViewSpec, fields: list[str], legend: Mapping[str, int | None]) -> bool:
    return any(one is None for one in legend.values()) and fields[0] not in legends.whole_masks(
        store.summary(spec.dataset, patience=PATIENCE)
    )


def _counting(spec: ViewSpec, fields: list[str]) -> None:
    """Adds numbers to the legend of a narrowed view once they are counted."""
    if not _uncounted(spec, fields, legends.legend(spec, fields[0], PATIENCE)):
        st.rerun(scope="app")


def _fields(dataset: str, names: list[str]) -> list[GridField]:
    """Masks that cover whole images are hidden at first where they would cover other labels, or each other."""
    whole = legends.whole_masks(store.summary(dataset, patience=PATIENCE))
    alone = [name for name in names if not is_prediction(name)] == [name for name in names if name in whole][:1]
    posed = joined.edges(dataset)
    return [
        GridField(
            name, is_prediction(name), hidden=name in whole and (is_prediction(name) or not alone),
            posed=name in posed, edges=posed.get(name, ()),
        )
        for name in names
    ]  # fmt: skip


def _number(text: str | None) -> int:
    return max(1, int(text)) if text and re.fullmatch(r"[0-9]{1,9}", text) else 1
