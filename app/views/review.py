"""Review: how good a run is, and which images and labels are wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import navigation
from app.components import page as frame
from app.components import palette
from app.components.curves import Chart, Mark, Series, curves
from app.components.inline import style
from app.components.matrix import Cell, matrix
from app.components.palette import colouring
from app.components.patches import patches
from app.components.words import figure, number, title
from app.views import _galleries, _reviewed, _verdicts
from app.views._galleries import GALLERIES, Gallery, Scene
from datasets.review import Curve, Look, Review

IOUS = [round(0.5 + 0.05 * step, 2) for step in range(10)]
CURVES = 8  # classes in one chart; more cannot be told apart
CELL = Gallery("cell", "Cell", "")


def page() -> None:
    """Draw the page."""
    style("models")
    scored = _reviewed.scored()
    if not scored:
        _nothing()
        return
    chosen = _chosen(scored)
    actions = frame.header("Review", f"{chosen.name} on {chosen.dataset}")
    with actions:
        navigation.link("Run", "jobs", icon=":material/model_training:", run=chosen.run)
        navigation.link("Browse", "browse", icon=":material/grid_view:", dataset=chosen.dataset)
    _body(chosen, scored)


def _nothing() -> None:
    frame.header("Review")
    with frame.empty(
        "No run has been scored yet",
        "Train a model, or bring a weights file and predict with it: its mistakes will be shown here.",
        "rate_review",
    ):
        navigation.link("Train a model", "train", icon=":material/model_training:")
        navigation.link("Bring weights", "models", icon=":material/deployed_code:")


def _chosen(scored: Sequence[_reviewed.Scored]) -> _reviewed.Scored:
    """The run that the address names, by its run, its dataset or both; else the newest."""
    run, dataset = st.query_params.get("run"), st.query_params.get("dataset")
    fitting = [one for one in scored if run in (None, one.run) and dataset in (None, one.dataset)]
    return (fitting or list(scored))[0]


@st.fragment
def _body(chosen: _reviewed.Scored, scored: Sequence[_reviewed.Scored]) -> None:
    review = Review.open(chosen.dataset, chosen.run)
    look, split = _bar(chosen, scored, review)
    report = look.report()
    _headline(report)
    key = f"{chosen.run}-{chosen.dataset}-{split}"
    left, right = st.columns([1.15, 1], gap="medium")
    with left, st.container(border=True, key="review-classes"):
        _classes(report["per_class"])
        _precision(look, report)
    with right, st.container(border=True, key="review-matrix"):
        frame.section("Confusion matrix", f"at confidence {look.confidence:.2f}, IoU {look.iou:.2f}")
        found = look.confusion()
        cell: Cell | None = st.session_state.get(f"cell-{key}")
        matrix(found.names[:-1], found.counts, f"matrix-{key}", cell, lambda at: _open_cell(key, at))
    _gallery(chosen, look, key, found.names)


def _bar(chosen: _reviewed.Scored, scored: Sequence[_reviewed.Scored], review: Review) -> tuple[Look, str | None]:
    run, part, confidence, overlap = st.columns([2.6, 1.7, 3, 1.6], gap="medium", vertical_alignment="bottom")
    with run:
        wanted = st.selectbox("Run", scored, scored.index(chosen), format_func=str)
        if wanted != chosen:
            st.query_params.update(run=wanted.run, dataset=wanted.dataset)
            st.rerun(scope="app")
    with part:
        splits = ["all", *review.splits]
        first = next((name for name in ("test", "val") if name in splits), "all")
        picked = st.segmented_control(
            "Split", splits, default=_split(splits, first), key=f"split-{chosen.run}", required=True
        )
    split = None if picked == "all" else picked
    with overlap:
        iou = st.select_slider("IoU", IOUS, 0.5, help="overlap from which a prediction counts as a hit of a label")
    with confidence, st.container(key="review-confidence-bar"):
        level = _confidence(review, split, float(iou))
    return review.at(split, level, float(iou)), split


def _split(splits: Sequence[str], first: str) -> str:
    asked = st.query_params.get("split")
    return asked if asked and asked in splits else first


def _confidence(review: Review, split: str | None, iou: float) -> float:
    slider, button = st.columns([4, 1.25], vertical_alignment="bottom")
    with button:
        best = st.button("Best F1", width="stretch", help="the confidence at which F1 over all objects is highest")
    if best:
        st.session_state["review-confidence"] = round(review.best_confidence(split, iou), 2)
    with slider:
        st.session_state.setdefault("review-confidence", 0.25)
        text = "predictions below it are not shown and not counted; mAP and AP do not depend on it"
        return float(st.slider("Confidence", 0.0, 1.0, step=0.01, key="review-confidence", help=text))


def _headline(report: Mapping[str, Any]) -> None:
    metrics = report["metrics"]
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="review-headline"):
        names = ("map", "map50", "map75", "precision", "recall", "f1")
        shown = {title(name): figure(metrics.get(name)) for name in names}
        shown |= {
            "Hits": number(metrics["tp"]),
            "False positives": number(metrics["fp"]),
            "Missed": number(metrics["fn"]),
        }
        frame.figures(shown)
        with st.popover("Metric card", icon=":material/info:"):
            _card(report["card"])


def _card(card: Mapping[str, Any]) -> None:
    """How the figures were made; without it a figure says nothing."""
    most = card["max_detections"]
    rows = {
        "Protocol": card["protocol"],
        "Averaging": card["averaging"],
        "Confidence": f"P, R, F1 from {card['confidence']:.2f} up; mAP and AP from {number(card['lowest_confidence'])}",
        "IoU": f"P, R, F1 at {card['iou']:.2f}",
        "Best F1 at": f"confidence {card['best_f1_confidence']:.3f}",
        "Most predictions": f"{number(most['map'])} per sample for mAP and AP",
        "Samples": f"{number(card['samples'])} ({card['split']}), {number(card['labels'])} labels, "
        f"{number(card['predictions'])} predictions",
        "Agrees with": card["agrees_with"],
    }
    first, *others = [f"| **{name}** | {text} |" for name, text in rows.items()]
    st.markdown("\n".join([first, "|---|---|", *others]))


def _classes(per_class: Mapping[str, Mapping[str, Any]]) -> None:
    frame.section("Classes", "sorted by a click on a column")
    rows = [{"class": name, **values} for name, values in per_class.items() if values["labels"] or values["fp"]]
    columns = {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "ap": st.column_config.ProgressColumn(
            "AP", width=100, format="%.3f", min_value=0, max_value=1, help="mean over IoU 0.50 to 0.95"
        ),
        **{
            name: st.column_config.NumberColumn(title(name), format="%.3f", width=58)
            for name in ("ap50", "precision", "recall", "f1")
        },
        **{
            name: st.column_config.NumberColumn(text, width=52)
            for name, text in (("labels", "Labels"), ("fp", "FP"), ("fn", "Missed"))
        },
    }
    st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        column_order=list(columns),
        height="content" if len(rows) <= 6 else 250,
        key="classes",
    )


def _precision(look: Look, report: Mapping[str, Any]) -> None:
    per_class = report["per_class"]
    found = sorted(look.curves(), key=lambda one: -per_class[one.label]["labels"])
    if not found:
        return
    frame.section("Precision by recall", f"at IoU {look.iou:.2f}; the ring is confidence {look.confidence:.2f}")
    shown = found[:CURVES]
    if len(found) > CURVES:
        names = [one.label for one in found]
        picked = st.multiselect("Classes", names, names[:CURVES], max_selections=CURVES, label_visibility="collapsed")
        shown = [one for one in found if one.label in picked]
    colours = colouring(per_class if len(per_class) <= len(palette.colours()) else [one.label for one in shown])
    lines = [_line(one, colours[one.label]) for one in shown]
    marks = [mark for one in shown if (mark := _mark(per_class[one.label], colours[one.label]))]
    chart = Chart("", lines, "recall", "precision", (0, 1), (0, 1.02), marks, whole=False, height=250)
    curves([chart], "precision", columns=1)


def _line(one: Curve, colour: str) -> Series:
    points = [(r, p) for r, p, c in zip(one.recall, one.precision, one.confidence, strict=True) if c is not None]
    return Series(f"{one.label} {one.average_precision:.2f}", points, colour)


def _mark(values: Mapping[str, Any], colour: str) -> Mark | None:
    """The operating point: recall and precision of the class at the chosen confidence."""
    if values["precision"] is None or values["recall"] is None:
        return None
    return Mark(values["recall"], values["precision"], color=colour)


def _open_cell(key: str, at: Cell) -> None:
    st.session_state[f"cell-{key}"] = at
    st.session_state[f"gallery-{key}"] = CELL.kind


def _gallery(chosen: _reviewed.Scored, look: Look, key: str, names: Sequence[str]) -> None:
    cell: Cell | None = st.session_state.get(f"cell-{key}")
    tabs = {one.kind: one for one in (*GALLERIES, *((CELL,) if cell else ()))}
    titles = {kind: one.title for kind, one in tabs.items()}
    if cell:
        titles[CELL.kind] = f"{names[cell[0]]} → {names[cell[1]]}"
    st.session_state.setdefault(f"gallery-{key}", GALLERIES[0].kind)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        kind = st.segmented_control(
            "Mistakes", list(tabs), format_func=titles.__getitem__, key=f"gallery-{key}", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        _verdicts.as_view(chosen)
    tab = tabs[str(kind)]
    desk = _verdicts.Desk.of(chosen, names[:-1])
    content = f"{key}-{tab.kind}-{cell if tab is CELL else ''}-{look.confidence}-{look.iou}"
    steps = _steps(content)
    scene = Scene(chosen.dataset, names[:-1], desk.of_item)
    if tab is CELL and cell:
        shown = _galleries.cell(look, scene, names[cell[0]], names[cell[1]], steps)
    else:
        st.caption(tab.text)
        shown = (
            _galleries.worst(look, scene, steps)
            if tab.kind == "worst"
            else _galleries.patches(look, scene, tab.kind, steps)
        )
    patches(shown, f"cards-{tab.kind}", content, desk.give, lambda: _more(content))


def _more(content: str) -> None:
    """List another step of cards of this content."""
    st.session_state["review-steps"] = (content, _steps(content) + 1)


def _steps(content: str) -> int:
    asked, steps = st.session_state.get("review-steps", ("", 1))
    return int(steps) if asked == content else 1
