"""Changes of classes with all their labels: rename, merge, split, delete; what they would do, and how to undo them."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

import streamlit as st
from pydantic import ValidationError

from app import background
from app.components.asking import person
from app.components.markdown import joined, md, plain
from app.components.words import ago, counted
from datasets.errors import DatasetsError
from datasets.labeling import classes, schemas
from datasets.labeling.class_changes import ClassChange
from datasets.records import Progress
from datasets.storage.label_schemas import Held
from datasets.viewspec import Filter, ViewSpec

ICONS = {"rename": "edit", "merge": "merge", "split": "call_split", "delete": "delete"}
WHERE = ("value of an attribute", "tag of the image", "split")


def change(dataset: str, field: str, held: Held, chosen: list[str]) -> None:
    """What can be done with the chosen classes and all their labels."""
    key = f"{dataset}:{field}:{'|'.join(chosen)}"
    possible = ["merge", "delete"] if len(chosen) > 1 else ["rename", "merge", "split", "delete"]
    if held.kind.whole_mask:
        possible = [one for one in possible if one != "split"]
    with st.container(border=True):
        st.markdown(md("**{}** with all labels", ", ".join(chosen) if len(chosen) < 4 else f"{len(chosen)} classes"))
        action = st.segmented_control(
            "Change", possible, default=possible[0], required=True, label_visibility="collapsed", key=f"change:{key}",
            format_func=lambda one: plain(one.title()),
        )  # fmt: skip
        made = _wish(str(action), chosen, held, dataset, key)
        if made is not None:
            _preview(dataset, field, made, key)


def history(dataset: str, field: str) -> None:
    """The changes that were made, each with its undo."""
    done = classes.history(dataset, field)
    if not done:
        st.caption("Classes that are renamed, merged, split or deleted with their labels are listed here.")
    for one in done:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            what = f"{counted(one.labels, 'label')} in {counted(one.samples, 'sample')}"
            left = f"{counted(one.left, 'label')} stayed: changed since" if one.left else ""
            state = "undone" if one.state == "undone" else "" if one.state == "done" else "not finished"
            parts = (what, left, state, one.who, ago(one.made.replace(tzinfo=UTC).timestamp()))
            st.markdown(md("**{}**  \n:small[{}]", one.words, joined(filter(None, parts), " · ")))
            if one.state != "undone":
                _back(dataset, field, one)


def _back(dataset: str, field: str, one: classes.Done) -> None:
    """The button that takes a change back, or finishes one that was cut off."""
    whole = one.state == "done"
    if not st.button("Undo" if whole else "Finish", icon=":material/undo:", key=f"undo:{one.id}"):
        return
    title = f"Undo {one.words}" if whole else f"Finish {one.words}"

    who = person().who

    def run(progress: Progress) -> object:
        return classes.undo(dataset, one.id, who=who, progress=progress) if whole else classes.finish(dataset)

    _start(dataset, field, title, run)
    st.rerun(scope="fragment")


def _wish(action: str, chosen: list[str], held: Held, dataset: str, key: str) -> ClassChange | None:
    """The change that the form describes; None while something is missing."""
    given: dict[str, Any] = {"action": action, "names": tuple(chosen)}
    if action == "rename":
        given["into"] = st.text_input("New name", key=f"name:{key}").strip()
    elif action == "merge":
        others = [one for one in held.schema.names if len(chosen) > 1 or one not in chosen]
        given["into"] = st.selectbox("Into", others, index=None, accept_new_options=True, key=f"into:{key}",
                                     placeholder="a class, or a new name")  # fmt: skip
    elif action == "split":
        given["into"] = st.text_input("New class", key=f"new:{key}").strip()
        given |= _by(held, chosen[0], dataset, key)
    if action != "delete" and not given["into"]:
        return None
    try:
        return ClassChange(**given)
    except ValidationError as wrong:
        st.caption(plain(schemas.words(wrong)))
        return None


def _by(held: Held, name: str, dataset: str, key: str) -> dict[str, Any]:
    """What the labels of a split have in common."""
    where = st.radio("Labels with", WHERE, horizontal=True, key=f"where:{key}")
    if where == WHERE[0]:
        said = {one.name: one for one in held.schema.attributes_of(name)}
        attribute = st.selectbox("Attribute", list(said), key=f"attribute:{key}", accept_new_options=True, index=None)
        if attribute in said and said[attribute].kind in ("choice", "flag"):
            options: list[Any] = list(said[attribute].choices) or [True, False]
            return {"attribute": attribute, "value": st.selectbox("Value", options, key=f"value:{key}")}
        text = st.text_input("Value", key=f"text:{key}").strip()
        return {"attribute": attribute, "value": _number(text)} if attribute and text else {}
    named = "tags" if where == WHERE[1] else "split"
    value = st.text_input(plain(where.capitalize()), key=f"filter:{key}").strip()
    view = ViewSpec(dataset=dataset, filters=(Filter(field=named, op="any_of", values=(value,)),))
    return {"view": view} if value else {}


def _preview(dataset: str, field: str, made: ClassChange, key: str) -> None:
    """What the change would do, and the button that makes it."""
    try:
        extent = classes.preview(dataset, field, made)
    except DatasetsError as refused:
        st.warning(plain(refused), icon=":material/warning:")
        return
    if extent.total:
        parts = ", ".join(f"{name} ({count:,})" for name, count in extent.labels.items())
        told = f"{counted(extent.total, 'label')} in {counted(extent.samples, 'sample')} change: {parts}."
        st.caption(md("{} It can be undone under History.", told))
    elif made.action == "delete":
        st.caption("No label has this class: it is taken off the list.")
    label = f"{made.action.capitalize()} {counted(extent.total, 'label')}" if extent.total else made.action.capitalize()
    if st.button(plain(label), type="primary", icon=f":material/{ICONS[made.action]}:", key=f"do:{key}"):
        who = person().who
        _start(dataset, field, made.words.capitalize(), lambda progress: classes.apply(
            dataset, field, made, who=who, progress=progress))  # fmt: skip
        st.rerun(scope="fragment")


def wait(dataset: str, field: str) -> None:
    """Progress of a change that runs, until it is over; it goes on when the dialog is closed."""
    work = background.find(_work(dataset, field))
    if work is None:
        return
    place = st.empty()
    while work.state == "running":
        share = f" · {work.done:,} of {work.total:,} samples" if work.total > 1 else ""
        place.progress(work.share, text=md("**{}**{}", work.title, share))
        work.wait(0.3)
    place.empty()
    if work.state == "failed":
        st.error(md("**{}** failed: {}", work.title, work.error), icon=":material/error:")


def _start(dataset: str, field: str, title: str, run: Callable[[Progress], object]) -> None:
    background.start(_work(dataset, field), title, run)
    wait(dataset, field)


def _work(dataset: str, field: str) -> str:
    return f"classes:{dataset}:{field}"


def _number(text: str) -> Any:
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text.lower(), text)
