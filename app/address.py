"""The state in the address of a page, so that it can be shared: dataset, view, page, sample."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from app.components.markdown import md
from datasets import faults
from datasets.errors import BadValue, FieldError, ViewError
from datasets.storage import store
from datasets.views import pages, resolve
from datasets.viewspec import ViewSpec

LONGEST = 6000  # letters; servers refuse addresses of 8 KB and more


def dataset() -> str | None:
    """The dataset that the address names, else the last one used in this tab, else the newest; None without any."""
    known = store.names()
    asked = st.query_params.get("dataset")
    if asked and asked not in known:
        st.warning(
            md("There is no dataset {}; it may have been renamed or deleted.", asked), icon=":material/search_off:"
        )
    for name in (asked, st.session_state.get("dataset")):
        if name in known:
            st.session_state["dataset"] = name
            return str(name)
    return known[-1] if known else None


def view(name: str) -> ViewSpec:
    """The view in the address on this dataset; if it cannot be read, a warning and the whole dataset."""
    text = st.query_params.get("view") or ""
    if not text and "dataset" not in st.query_params:
        text = st.session_state.get(f"view:{name}", "")
    try:
        with faults.in_words():
            spec = unpack(name, text)
            if text:
                pages.count(spec)
    except ValidationError:
        st.warning("The view in this address cannot be read: the whole dataset is shown.", icon=":material/warning:")
    except (ViewError, FieldError, BadValue) as error:
        st.warning(
            md("The whole dataset is shown, for this view cannot be opened: {}", error), icon=":material/warning:"
        )
    else:
        return spec
    return ViewSpec(dataset=name)


def show(spec: ViewSpec, **more: Any) -> None:
    """Write a view into the address, and remember it for this browser tab; None and empty values are omitted."""
    text = pack(short(spec))
    st.session_state["dataset"] = spec.dataset
    st.session_state[f"view:{spec.dataset}"] = text
    values = {"dataset": spec.dataset, "view": text, **more}
    wanted = {name: str(value) for name, value in values.items() if value not in (None, "", 0)}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def query(spec: ViewSpec) -> dict[str, str]:
    """The query of a link to another page on the same view."""
    text = pack(short(spec))
    return {"dataset": spec.dataset, **({"view": text} if text else {})}


def short(spec: ViewSpec) -> ViewSpec:
    """The same samples in short form: a view too long for an address (many ids) becomes a named scratch view."""
    if len(pack(spec)) <= LONGEST:
        return spec
    dataset_, slug = resolve.fiftyone_view(spec)
    return ViewSpec(dataset=dataset_, saved=slug)


def pack(spec: ViewSpec) -> str:
    """A view as short JSON, without its dataset; empty for the whole dataset."""
    text = spec.model_dump_json(exclude_defaults=True, exclude={"dataset"})
    return "" if text == "{}" else text


def unpack(name: str, text: str) -> ViewSpec:
    """The inverse of `pack`. Raises pydantic's ValidationError."""
    bare = ViewSpec.model_validate_json('{"dataset": "-", ' + text.strip()[1:]) if text else ViewSpec(dataset=name)
    return bare.model_copy(update={"dataset": name})
