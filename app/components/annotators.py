"""The dialog about the people who label: how far they are, how far they agree, and what most of them say."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import address, background, navigation, works
from app.components import page as frame
from app.components import words
from app.components.markdown import md, plain
from app.components.markup import Markup, markup, together
from app.components.progress import working
from datasets import kinds
from datasets.errors import DatasetsError
from datasets.labeling import agreement, agreement_samples, progress, queue
from datasets.labeling.progress import Share
from datasets.speed.latest import PATIENCE
from datasets.storage import store
from datasets.views import legends
from datasets.viewspec import ViewSpec

DASH = "–"


@st.dialog("Annotators", width="large")
def dialog(dataset: str, field: str | None = None) -> None:
    """Progress and agreement of the people who label a dataset; first of `field`."""
    fields = legends.label_fields(store.summary(dataset, patience=PATIENCE))
    if not fields:
        st.info("No field of labels is there yet: label something first.", icon=":material/info:")
        return
    done, agreed = st.tabs(["Progress", "Agreement"])
    with done:
        _progress(dataset, fields, field)
    with agreed:
        _agreement(dataset)


def _progress(dataset: str, fields: Sequence[str], field: str | None) -> None:
    start = fields.index(field) if field in fields else 0
    chosen = st.selectbox("Labels in", fields, start, key=f"annotators-field-{dataset}", format_func=plain)
    found = progress.of(ViewSpec(dataset=dataset), chosen)
    whole = found.whole
    frame.figures({
        "to label": f"{found.left:,}",
        **{state: f"{found.counts[state]:,}" for state in queue.STATES if found.counts[state]},
        "time left": words.duration(found.seconds_left),
    })  # fmt: skip
    if not found.people:
        st.caption("Nothing was finished in the labeler yet: rates are measured there, from the first image on.")
        return
    st.html(_table(["", "done", "last hour", "reviewed", "per hour", "s per label", "clicks per label"],
                   [_share(one) for one in (*found.people, *([whole] if len(found.people) > 1 else []))]))  # fmt: skip


def _share(one: Share) -> list[str]:
    return [_name(one.who), f"{one.done:,}", f"{one.recent:,}", f"{one.reviewed:,}", _short(one.per_hour, 0),
            _short(one.seconds_per_label, 1), _short(one.clicks_per_label, 1)]  # fmt: skip


def _name(who: str) -> str:
    return "altogether" if not who else "unnamed" if who.startswith("reader ") else who


def _agreement(dataset: str) -> None:
    fields = _comparable(dataset)
    if len(fields) < 2:
        st.info("Two fields of one kind are needed, one for each person, such as labels_anna and labels_boris.",
                icon=":material/info:")  # fmt: skip
        return
    st.caption("Each person labels into a field of their own. Predictions can be compared in the same way.")
    chosen = st.multiselect(
        "Fields of people", fields, key=f"agree-fields-{dataset}", max_selections=agreement.MOST, format_func=plain
    )
    _compare(dataset, chosen)
    work = background.find(works.agreement_key(dataset))
    busy = work is not None and work.state == "running"
    st.fragment(_outcome, run_every=1.0 if busy else None)(dataset)


def _outcome(dataset: str) -> None:
    """How far the work is, then what came of it: a fragment, because to draw the page again would close the dialog."""
    work = background.find(works.agreement_key(dataset))
    if work is not None and work.state == "running":
        working(work)
        return
    if work is not None and work.error is not None:
        st.error(plain(work.error), icon=":material/error:")
    elif work is not None and work.result is not None and work.about.get("into"):
        _made(work.result, str(work.about["into"]))
    for report in agreement.reports(dataset)[:1]:
        _report(dataset, report)


def _compare(dataset: str, chosen: Sequence[str]) -> None:
    wrong = _problem(dataset, chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", key="agree-actions"):
        if st.button("Compare", type="primary", icon=":material/compare:", disabled=wrong is not None, key="agree"):
            works.compare(ViewSpec(dataset=dataset), chosen)
        into = st.text_input("Consensus into", "consensus", key=f"agree-into-{dataset}", width=180).strip()
        press = "Write the consensus"
        if st.button(press, icon=":material/how_to_vote:", disabled=wrong is not None or not into, key="agree-write"):
            works.consent(ViewSpec(dataset=dataset), chosen, into)
    if wrong and len(chosen) > 1:
        st.caption(plain(wrong))


def _made(result: Any, into: str) -> None:
    kept = md("; {} that somebody corrected stay as they are", len(result.kept)) if result.kept else ""
    undecided = md(", {} without a majority are left to a person", result.undecided) if result.undecided else ""
    st.success(
        md("{} in {} of **{}**{}{}", words.counted(result.labels, "label"), words.counted(result.samples, "sample"),
           into, undecided, kept),
        icon=":material/how_to_vote:",
    )  # fmt: skip


def _report(dataset: str, report: Mapping[str, Any]) -> None:
    frame.section("Agreement", ", ".join(report["fields"]))
    figures = {"samples": f"{report['samples']:,}", "agreement": _short(report["agreement"]),
               "kappa": _short(report["kappa"]), "IoU": _short(report["iou"])}  # fmt: skip
    frame.figures({name: value for name, value in figures.items() if value != DASH})
    rows = [[f"{one['first']} · {one['second']}", f"{one['samples']:,}", _short(one["agreement"]),
             _short(one["kappa"]), _short(one["iou"]), _short(one["found"])] for one in report["pairs"]]  # fmt: skip
    st.html(_table(["", "samples", "agreement", "kappa", "IoU", "found by both"], rows))
    field = report["disagreement"]
    if field and report["samples"]:
        query = address.query(ViewSpec(dataset=dataset, sort=field, descending=True))
        with st.container(horizontal=True):
            navigation.link("Label the most disputed first", "label", icon=":material/edit_square:", **query)
            navigation.link("Browse them", "browse", icon=":material/grid_view:", **query)


def _comparable(dataset: str) -> list[str]:
    """Label fields whose kind can be compared."""
    about, found = store.summary(dataset, patience=PATIENCE), []
    for name in legends.label_fields(about):
        try:
            agreement_samples.check(kinds.kind(about.label_fields[name]))
        except DatasetsError:
            continue
        found.append(name)
    return found


def _problem(dataset: str, chosen: Sequence[str]) -> str | None:
    """Why fields cannot be compared."""
    try:
        agreement.checked(dataset, chosen)
    except DatasetsError as wrong:
        return str(wrong)
    return None


def _short(value: float | None, digits: int = 2) -> str:
    return DASH if value is None else f"{value:,.{digits}f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """Rows with a name and numbers."""
    first = together(markup("<th>{}</th>", name) for name in head)
    lines = together(
        markup("<tr><th>{}</th>{}</tr>", row[0], together(markup("<td>{}</td>", cell) for cell in row[1:]))
        for row in rows
    )
    return markup('<table class="fv-table"><tr>{}</tr>{}</table>', first, lines)
