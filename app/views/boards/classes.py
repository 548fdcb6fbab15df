"""The board of one class per image: answers that are right, wrong, and withheld below a confidence."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components import page as frame
from app.components.curves import curves
from app.components.markdown import plain
from app.components.matrix import Cell, Rest, matrix
from app.components.words import number
from app.views._reviewed import Scored
from app.views._verdicts import Desk
from app.views.boards import _class_charts, _class_galleries, _galleries, _ranking
from app.views.boards._class_galleries import GALLERIES, OF_CLASS, UNANSWERED
from app.views.boards._explained import explained_by
from app.views.boards._galleries import STEP, Gallery, Scene
from app.views.boards._headline import columns as columns_of
from app.views.boards._headline import headline, meter, told
from datasets.evaluation.cards import ClassCard, Report, Value
from datasets.evaluation.figures import NOTHING, ONE_CLASS, find
from datasets.evaluation.figures import headline as figures_headline
from datasets.review.classes import Item, Look, Review
from datasets.review.page import Page

CELL = "cell"
NO_ANSWER = Rest("no answer", "without an answer", "")


def draw(chosen: Scored, split: str | None, bar: DeltaGenerator) -> None:
    """Draw the board below the choice of run and split; `bar` holds its own controls."""
    review = Review.open(chosen.dataset, chosen.run)
    look = review.at(split, _confidence(bar))
    report = look.report()
    _headline(report, look)
    key = _key(chosen, split)
    left, right = st.columns([1.15, 1], gap="medium")
    with left, st.container(border=True, key="review-classes"):
        _classes(report.per_class, key)
        _ranking.draw(review.classes, report.per_class, look.curves)
    with right, st.container(border=True, key="review-matrix"):
        _matrix(look, review, key)
    curves(_class_charts.trust(look, report.metrics), "trust-charts")
    _gallery(chosen, review, look, split)


def _key(chosen: Scored, split: str | None) -> str:
    return f"{chosen.run}-{chosen.dataset}-{split}"


def _confidence(bar: DeltaGenerator) -> float:
    with bar, st.container(key="review-confidence-bar"):
        text = "an answer below it is withheld: it counts as no answer; AUROC, mAP and ECE do not depend on it"
        return float(st.slider("Answer from confidence", 0.0, 1.0, 0.0, 0.01, key="review-answer", help=text))


def _headline(report: Report[ClassCard], look: Look) -> None:
    metrics = report.metrics
    figures = [one for one in figures_headline(ONE_CLASS) if one.name != "top5" or metrics["top5"] is not None]
    answered = find(ONE_CLASS, "answered")
    shown = told(figures, metrics)
    shown[answered.title] = NOTHING if metrics["answered"] is None else f"{100 * metrics['answered']:.1f} %"
    if look.confidence:
        shown |= told([find(ONE_CLASS, "accuracy_of_answered")], metrics)
    headline(shown, _card(report.card))


def _card(card: ClassCard) -> dict[str, str]:
    """How the figures were made."""
    rows = {
        "Protocol": card.protocol,
        "Averaging": card.averaging,
        "Confidence": f"answers from {card.confidence:.2f} up; what is withheld counts against accuracy and recall",
        "Calibration": card.calibration,
        "Scores": card.scores,
        "Samples": f"{number(card.samples)} ({card.split})",
        "Not scored": f"{number(card.missing_predictions)} without prediction, {number(card.unlabelled)} without label",
        "Findings": "; ".join(card.findings),
        "Agrees with": card.agrees_with,
    }
    return {name: text for name, text in rows.items() if text}


def _classes(per_class: Mapping[str, Mapping[str, Value]], key: str) -> None:
    frame.section("Classes", "tick a row to see its images; sorted by a click on a column")
    rows = [
        {"class": name, **values}
        for name, values in per_class.items()
        if values["support"] or values["predicted"]
    ]  # fmt: skip
    columns = {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "f1": meter("f1", 100),
        **columns_of(("precision", "recall", "ap", "auroc"), 58),
        **columns_of(("support", "predicted"), {"support": 52, "predicted": 58}),
    }
    told: Any = st.dataframe(
        rows, hide_index=True, column_config=columns, column_order=list(columns),
        height="content" if len(rows) <= 10 else 386, key=f"classes-{key}", on_select="rerun",
        selection_mode="single-row",
    )  # fmt: skip
    picked = told.selection.rows
    name = str(rows[picked[0]]["class"]) if picked and picked[0] < len(rows) else None
    if name and st.session_state.get(f"class-row-{key}") != name:
        st.session_state[f"class-{key}"] = name
        st.session_state[_galleries.state(key)] = OF_CLASS.kind
    st.session_state[f"class-row-{key}"] = name


def _matrix(look: Look, review: Review, key: str) -> None:
    frame.section("Confusion matrix", f"answers from confidence {look.confidence:.2f}" if look.confidence else "")
    counts = look.confusion()
    withheld = any(row[-1] for row in counts)
    cell: Cell | None = st.session_state.get(f"cell-{key}")
    shown = counts if withheld else tuple(row[:-1] for row in counts)
    rest = NO_ANSWER if withheld else None
    matrix(review.classes, shown, f"matrix-{key}", cell, lambda at: _open_cell(key, at), rest=rest, hit="right")


def _open_cell(key: str, at: Cell) -> None:
    st.session_state[f"cell-{key}"] = at
    st.session_state[_galleries.state(key)] = CELL


def _gallery(chosen: Scored, review: Review, look: Look, split: str | None) -> None:
    key = _key(chosen, split)
    names = review.classes
    cell: Cell | None = st.session_state.get(f"cell-{key}")
    known = [*GALLERIES, *([UNANSWERED] if look.confidence else []), OF_CLASS]
    if cell:
        known.append(Gallery(CELL, f"{names[cell[0]]} → {(*names, NO_ANSWER.name)[cell[1]]}"))
    tab = _galleries.tab(known, key, chosen, _galleries.wrong(chosen, split))
    which = _of_class(review, key) if tab is OF_CLASS else None
    if tab.text:
        st.caption(plain(tab.text))
    desk = Desk.of(chosen, names)
    content = f"{key}-{tab.kind}-{cell if tab.kind == CELL else which}-{look.confidence}"
    items = _items(look, tab.kind, cell, which, _galleries.steps(content) * STEP["patches"])
    scene = Scene(chosen.dataset, names, desk.of_item)
    _galleries.cards(_class_galleries.shown(scene, items, explained_by(chosen)), tab.kind, content, desk)


def _of_class(review: Review, key: str) -> tuple[str, str]:
    """Let a person choose a class, as label or as answer."""
    if st.session_state.get(f"class-{key}") not in review.classes:
        st.session_state[f"class-{key}"] = review.classes[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Class", review.classes, key=f"class-{key}", width=260)
        sides = {"label": "as label", "prediction": "as answer"}
        side = st.segmented_control("Side", list(sides), format_func=sides.__getitem__, default="label",
                                    required=True, key=f"class-side-{key}")  # fmt: skip
    return name, str(side)


def _items(look: Look, kind: str, cell: Cell | None, which: tuple[str, str] | None, size: int) -> Page[Item]:
    names = look.classes
    if kind == CELL and cell:
        return look.cell(names[cell[0]], names[cell[1]] if cell[1] < len(names) else None, size=size)
    if which:
        return look.of_class(which[0], "label" if which[1] == "label" else "prediction", size=size)
    return look.gallery(kind, size=size)
