"""The board of objects: boxes, or masks of objects, with their hits, false positives and missed labels."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components import page as frame
from app.components import palette
from app.components.curves import Chart, Mark, Series, curves
from app.components.markdown import plain
from app.components.matrix import Cell, matrix
from app.components.palette import colouring
from app.components.words import number
from app.views import _reviewed
from app.views._verdicts import Desk
from app.views.boards import _galleries, _object_galleries
from app.views.boards._galleries import Gallery, Scene
from app.views.boards._headline import columns as columns_of
from app.views.boards._headline import headline, meter, told
from datasets.evaluation.cards import ObjectsCard, Report, Value
from datasets.evaluation.figures import find
from datasets.evaluation.figures import headline as figures_headline
from datasets.evaluation.protocols import protocol
from datasets.evaluation.thresholds import IOU, IOUS, SHOWN
from datasets.review import points
from datasets.review.objects import Curve, Look, Review

CURVES = 8  # classes in one chart; more cannot be distinguished
CELL = "cell"


def draw(chosen: _reviewed.Scored, split: str | None, bar: DeltaGenerator) -> None:
    """Draw the board below the choice of run and split; `bar` holds its own controls."""
    look = _at(Review.open(chosen.dataset, chosen.run), split, bar)
    report = look.report()
    _headline(report, str(look.about["protocol"]))
    key = f"{chosen.run}-{chosen.dataset}-{split}"
    measure = report.card.measure
    left, right = st.columns([1.15, 1], gap="medium")
    with left, st.container(border=True, key="review-classes"):
        _classes(report.per_class)
        _precision(look, report.per_class)
        _points(look)
    with right, st.container(border=True, key="review-matrix"):
        frame.section("Confusion matrix", f"at confidence {look.confidence:.2f}, {measure} {look.iou:.2f}")
        found = look.confusion()
        cell: Cell | None = st.session_state.get(f"cell-{key}")
        matrix(found.names[:-1], found.counts, f"matrix-{key}", cell, lambda at: _open_cell(key, at))
    _gallery(chosen, look, key, found.names)


def _at(review: Review, split: str | None, bar: DeltaGenerator) -> Look:
    """The evaluation at the thresholds of the controls."""
    confidence, overlap = bar.columns([3, 1.6], gap="medium", vertical_alignment="bottom")
    with overlap:
        measure = review.measure
        iou = st.select_slider(measure, IOUS, IOU, help=f"{measure} from which a prediction counts as a hit of a label")
    with confidence, st.container(key="review-confidence-bar"):
        level = _confidence(review, split, float(iou))
    return review.at(split, level, float(iou))


def _confidence(review: Review, split: str | None, iou: float) -> float:
    slider, button = st.columns([4, 1.25], vertical_alignment="bottom")
    with button:
        best = st.button("Best F1", width="stretch", help="the confidence at which F1 over all objects is highest")
    if best:
        st.session_state["review-confidence"] = round(review.best_confidence(split, iou), 2)
    with slider:
        st.session_state.setdefault("review-confidence", SHOWN)
        text = "predictions below it are not shown and not counted; mAP and AP do not depend on it"
        return float(st.slider("Confidence", 0.0, 1.0, step=0.01, key="review-confidence", help=text))


def _headline(report: Report[ObjectsCard], by: str) -> None:
    figures = protocol(by).figures
    counts = [find(figures, name) for name in ("tp", "fp", "fn")]
    headline(told([*figures_headline(figures), *counts], report.metrics), _card(report.card))


def _card(card: ObjectsCard) -> dict[str, str]:
    """How the figures were made."""
    most = card.max_detections
    return {
        "Protocol": card.protocol,
        **({"Compared": card.origin.chosen} if card.origin.chosen else {}),
        "Averaging": card.averaging,
        "Confidence": f"P, R, F1 from {card.confidence:.2f} up; mAP and AP from {number(card.lowest_confidence)}",
        card.measure: f"P, R, F1 at {card.iou:.2f}",
        **({"Similarity": card.similarity} if card.similarity else {}),
        "Best F1 at": f"confidence {card.best_f1_confidence:.3f}",
        "Most predictions": f"{number(most['map'])} per sample for mAP and AP",
        "Samples": f"{number(card.samples)} ({card.split}), {number(card.labels)} labels, "
        f"{number(card.predictions)} predictions",
        "Agrees with": card.agrees_with,
    }


def _classes(per_class: Mapping[str, Mapping[str, Value]]) -> None:
    frame.section("Classes", "sorted by a click on a column")
    rows = [{"class": name, **values} for name, values in per_class.items() if values["labels"] or values["fp"]]
    columns = {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "ap": meter("ap", 100),
        **columns_of(("ap50", "precision", "recall", "f1"), 58),
        **columns_of(("labels", "fp", "fn"), 52),
    }
    st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        column_order=list(columns),
        height="content" if len(rows) <= 6 else 250,
        key="classes",
    )


def _precision(look: Look, per_class: Mapping[str, Mapping[str, Value]]) -> None:
    found = sorted(look.curves(), key=lambda one: -(per_class[one.label]["labels"] or 0))
    if not found:
        return
    frame.section(
        "Precision by recall", f"at {look.measure} {look.iou:.2f}; the ring is confidence {look.confidence:.2f}"
    )
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


def _points(look: Look) -> None:
    """How well each key point is placed, the worst first; nothing for objects without."""
    found = sorted(points.figures(look), key=lambda one: one.similarity if one.similarity is not None else 2)
    if not found:
        return
    frame.section("Key points", "of the poses that were found, the worst first")
    columns = {
        "name": st.column_config.TextColumn("Point", pinned=True),
        "similarity": st.column_config.ProgressColumn(
            "Similarity",
            min_value=0,
            max_value=1,
            format="%.3f",
            width=100,
            help="its part of OKS, the mean",
        ),
        "placed": st.column_config.NumberColumn(
            "Placed", format="%.3f", width=58, help=f"share of labels on which the similarity is at least {points.GOOD}"
        ),
        "distance": st.column_config.NumberColumn(
            "Apart", format="%.3f", width=58, help="median distance, as a share of the side of the object's box"
        ),
        "labelled": st.column_config.NumberColumn("Labels", width=52, help="labels that have this point"),
    }
    rows = [vars(one) for one in found]
    st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        column_order=list(columns),
        height="content" if len(rows) <= 6 else 250,
        key="points",
    )


def _line(one: Curve, colour: str) -> Series:
    points = [(r, p) for r, p, c in zip(one.recall, one.precision, one.confidence, strict=True) if c is not None]
    return Series(f"{one.label} {one.average_precision:.2f}", points, colour)


def _mark(values: Mapping[str, Value], colour: str) -> Mark | None:
    """The operating point: recall and precision of the class at the chosen confidence."""
    if values["precision"] is None or values["recall"] is None:
        return None
    return Mark(values["recall"], values["precision"], color=colour)


def _open_cell(key: str, at: Cell) -> None:
    st.session_state[f"cell-{key}"] = at
    st.session_state[_galleries.state(key)] = CELL


def _gallery(chosen: _reviewed.Scored, look: Look, key: str, names: Sequence[str]) -> None:
    cell: Cell | None = st.session_state.get(f"cell-{key}")
    opened = [Gallery(CELL, f"{names[cell[0]]} → {names[cell[1]]}")] if cell else []
    grouped = _object_galleries.group_tabs(look)
    tab = _galleries.tab([*_object_galleries.tabs(look), *grouped, *opened], key, chosen)
    desk = Desk.of(chosen, names[:-1])
    content = f"{key}-{tab.kind}-{cell if tab.kind == CELL else ''}-{look.confidence}-{look.iou}"
    steps = _galleries.steps(content)
    scene = Scene(chosen.dataset, names[:-1], desk.of_item)
    if tab.text:
        st.caption(plain(tab.text))
    if tab.kind == CELL and cell:
        shown = _object_galleries.cell(look, scene, names[cell[0]], names[cell[1]], steps)
    elif tab.kind in ("merged", "split"):
        shown = _object_galleries.groups(look, scene, "merged" if tab.kind == "merged" else "split", steps)
    elif tab.kind == "worst":
        shown = _object_galleries.worst(look, scene, steps)
    elif tab.kind == _object_galleries.SWAPPED:
        shown = _object_galleries.swapped(look, scene, steps)
    else:
        shown = _object_galleries.patches(look, scene, tab.kind, steps)
    _galleries.cards(shown, tab.kind, content, desk)
