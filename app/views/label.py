"""Label: the samples of a view one by one, their labels drawn and corrected; everything is saved as it is made."""

from collections.abc import Mapping

import streamlit as st

from app import address, navigation
from app.components import learning, newdataset, prelabel, schema, words
from app.components import page as frame
from app.components.inline import style
from app.components.labeler import LabelField, Open, labeler
from app.components.markdown import md
from datasets.fieldnames import is_prediction
from datasets.kinds import kind
from datasets.speed.latest import PATIENCE
from datasets.storage import handle, store
from datasets.storage.store import DatasetSummary
from datasets.views import legends, pages
from datasets.viewspec import ViewSpec

HOLDS = ("objects", "polylines", "keypoints", "one class", "many classes", "whole mask")  # what the editor edits


def page() -> None:
    """Draw the page."""
    style("labelpage")
    name = address.dataset()
    if name is None:
        frame.header("Label")
        with frame.empty("No dataset yet", "Bring images in first, then label them here.", "edit_square"):
            navigation.link("Go to datasets", "datasets", icon=":material/dataset:")
        return
    if "/" in name:  # it would be a path in the addresses of samples
        frame.header("Label", name)
        frame.empty("Rename this dataset first", "Its name has a slash, which addresses cannot carry.", "edit_square")
        return
    spec = address.view(name)
    about = store.summary(name, patience=PATIENCE)
    fields = _fields(about)
    field = _chosen(fields)
    with frame.header("Label", _subtitle(spec, about, field)):
        _ways_on(spec, field)
    asked = Open(spec, field, *(st.query_params.get(part) or None for part in ("sample", "label", "reference")))
    classes = _classes(about, field)
    labeler(asked, fields, classes, legends.coloured_classes(name, PATIENCE), _switch)


def _subtitle(spec: ViewSpec, about: DatasetSummary, field: LabelField | None) -> str:
    total = pages.count(spec)
    samples = words.counted(total, "sample") if total == about.count else f"{total:,} of {about.count:,} samples"
    return " · ".join([spec.dataset, samples, kind(field.kind).word if field else "no labels yet"])


def _ways_on(spec: ViewSpec, field: LabelField | None) -> None:
    query = address.query(spec)
    if st.button("Add images", icon=":material/add_photo_alternate:"):
        newdataset.add_dialog(spec.dataset)
    if field:
        _made_ahead(spec, field)
    navigation.link("Browse", "browse", icon=":material/grid_view:", **query)
    if field:
        picked = spec.ids is not None  # a list by hand is what to look at, not what to learn from
        query = {"dataset": spec.dataset} if picked else query
        help_ = "Train on the whole dataset" if picked else "Train on this view"
        navigation.link("Train", "train", icon=":material/model_training:", help=help_, **query)


def _made_ahead(spec: ViewSpec, field: LabelField) -> None:
    """What a person decides before the next images: classes, what a model proposes, what comes next."""
    if st.button("Classes", icon=":material/palette:", help="Classes, attributes and rules of this field"):
        schema.dialog(spec.dataset, field.name)
    if st.button("Pre-label", icon=":material/auto_awesome:", key="prelabel-open", help="Let a model propose labels"):
        prelabel.dialog(spec, field.name)
    if st.button("What next", icon=":material/low_priority:", help="Let a model choose what to label next"):
        learning.dialog(ViewSpec(dataset=spec.dataset), field.name)


def _fields(about: DatasetSummary) -> list[LabelField]:
    """The label fields that can be edited, or whose labels can be accepted into another; labels before predictions."""
    return [
        LabelField(name, about.label_fields[name], of.holds, of.many, is_prediction(name))
        for name in legends.label_fields(about)
        if (of := kind(about.label_fields[name])).holds in HOLDS
    ]


def _chosen(fields: list[LabelField]) -> LabelField | None:
    """The field that the address names, else the first that is no prediction."""
    asked = st.query_params.get("field")
    known = {one.name: one for one in fields}
    if asked and asked not in known:
        st.warning(md("There is no field {} of labels that can be edited here.", asked), icon=":material/search_off:")
    return known.get(asked or "") or next((one for one in fields if not one.predicted), None)


def _classes(about: DatasetSummary, field: LabelField | None) -> Mapping[str, int | None]:
    """The classes of a field; of whole masks with the values of their pixels."""
    if field is None:
        return {}
    if kind(field.kind).whole_mask:
        targets = handle.of(about.name).targets(field.name)
        return {name: value for value, name in targets.items()}
    used = about.class_counts.get(field.name, {})
    return dict.fromkeys([name for name in about.classes if name in used] or about.classes)


def _switch(name: str) -> None:
    """Another field was chosen, or made."""
    st.query_params["field"] = name
    st.query_params.pop("label", None)
