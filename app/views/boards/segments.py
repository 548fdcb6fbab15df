"""The board of semantic masks: figures of classes, confused pairs, images beside their masks and mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components import page as frame
from app.components.markdown import md
from app.components.matrix import Cell, Rest, matrix
from app.components.palette import of_dataset
from app.components.panes import panes
from app.components.words import number
from app.views._reviewed import Scored
from app.views._verdicts import Desk
from app.views.boards import _galleries, _segment_galleries
from app.views.boards._galleries import Gallery, Scene
from app.views.boards._headline import columns as columns_of
from app.views.boards._headline import headline, meter, told
from datasets.evaluation.cards import PixelsCard, Report, Value
from datasets.evaluation.figures import SEMANTIC
from datasets.evaluation.figures import headline as figures_headline
from datasets.review.page import Page
from datasets.review.segments import OTHER, ConfusedPair, SegmentImage, SegmentLook, SegmentReview

IMAGES = Gallery("images", "Images", "")
PAIR = "pair"
BY_IMAGE = "image IoU"
OTHERS = Rest(OTHER, "predicted as none of the classes", "")
PAIRS = 8  # confused pairs that are listed


def draw(chosen: Scored, split: str | None, bar: DeltaGenerator) -> None:
    """Draw the board below the choice of run and split; `bar` holds its own controls."""
    review = SegmentReview.open(chosen.dataset, chosen.run)
    look = review.at(split)
    report = look.report()
    key = f"{chosen.run}-{chosen.dataset}-{split}"
    _sorting(look, key, bar)
    _headline(report)
    left, right = st.columns([1.15, 1], gap="medium")
    with left, st.container(border=True, key="review-classes"):
        _classes(report.per_class, key)
        _pairs(look.confused(PAIRS), look.classes, key)
    with right, st.container(border=True, key="review-matrix"):
        _matrix(look, key)
    _gallery(chosen, look, key)


def _sorting(look: SegmentLook, key: str, bar: DeltaGenerator) -> None:
    if wanted := st.session_state.pop(f"wanted-by-{key}", None):
        st.session_state[f"by-{key}"] = wanted
    by, order = bar.columns([1.6, 1], gap="medium", vertical_alignment="bottom")
    with by:
        choices = [BY_IMAGE, *look.classes]
        names = {BY_IMAGE: "image IoU (mean over its classes)"}
        st.selectbox(
            "Sort images by", choices, format_func=lambda name: names.get(name, f"IoU of {name}"), key=f"by-{key}",
            on_change=_show_images, args=(key,),
        )  # fmt: skip
    with order:
        st.segmented_control(
            "Order", ["worst first", "best first"], default="worst first", required=True, key=f"order-{key}",
            on_change=_show_images, args=(key,),
        )  # fmt: skip


def _show_images(key: str) -> None:
    st.session_state[_galleries.state(key)] = IMAGES.kind


def _headline(report: Report[PixelsCard]) -> None:
    figures = [one for one in figures_headline(SEMANTIC) if one.name != "fw_iou"]  # six fit into the line
    headline(told(figures, report.metrics), _card(report.card))


def _card(card: PixelsCard) -> dict[str, str]:
    """How the figures were made."""
    rows = {
        "Protocol": card.protocol,
        "Classes": f"{number(card.classes)} that occur on either side",
        "Not counted": card.ignored,
        "Boundary F1": card.boundary,
        "Samples": f"{number(card.samples)} ({card.split}), {number(card.pixels)} pixels; without prediction "
        f"{number(card.missing_predictions)}, without label {number(card.unlabelled)}: they count in no figure",
        "Findings": "; ".join(card.findings),
        "Agrees with": card.agrees_with,
    }
    return {name: text for name, text in rows.items() if text}


def _classes(per_class: Mapping[str, Mapping[str, Value]], key: str) -> None:
    frame.section("Classes", "tick a row to sort the images by it; sorted by a click on a column")
    pixels = {name: values["pixels"] or 0 for name, values in per_class.items()}
    total = sum(pixels.values()) or 1
    rows = [
        {"class": name, **values, "share": 100 * pixels[name] / total}
        for name, values in per_class.items()
        if values["pixels"] or values["predicted_pixels"]
    ]
    columns = {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "iou": meter("iou", 100),
        **columns_of(("dice", "precision", "recall"), 58),
        **columns_of(("boundary_f1",), 84),
        "share": st.column_config.NumberColumn(
            "Pixels", format="%.1f %%", width=64, help="share of the labelled pixels"
        ),
    }
    told: Any = st.dataframe(
        rows, hide_index=True, column_config=columns, column_order=list(columns),
        height="content" if len(rows) <= 12 else 445, key=f"classes-{key}", on_select="rerun",
        selection_mode="single-row",
    )  # fmt: skip
    picked = told.selection.rows
    name = str(rows[picked[0]]["class"]) if picked and picked[0] < len(rows) else None
    if name and st.session_state.get(f"class-row-{key}") != name:
        st.session_state[f"class-row-{key}"] = name
        st.session_state[f"wanted-by-{key}"] = name
        _show_images(key)
        st.rerun(scope="fragment")
    st.session_state[f"class-row-{key}"] = name


def _pairs(pairs: Sequence[ConfusedPair], classes: Sequence[str], key: str) -> None:
    """The most confused pairs, as buttons that open their images."""
    if not pairs:
        return
    frame.section("Most confused", "most pixels first, with their share of the label's; click a pair to see its images")
    names = (*classes, OTHER)
    with st.container(horizontal=True, gap="small", key="confused-pairs"):
        for pair in pairs:
            at = (names.index(pair.true), names.index(pair.predicted))
            text = md("{} → {} · {:.1f} %", pair.true, pair.predicted, 100 * pair.share)
            help_ = md("{:,} pixels in {:,} images", pair.pixels, pair.images)
            st.button(text, key=f"pair-{key}-{at}", help=help_, on_click=_open_pair, args=(key, at))


def _matrix(look: SegmentLook, key: str) -> None:
    frame.section("Confusion matrix", "pixels; every row is coloured by its shares")
    counts = look.confusion.tolist()
    others = any(row[-1] for row in counts)
    shown = counts if others else [row[:-1] for row in counts]
    matrix(
        look.classes, shown, f"matrix-{key}", st.session_state.get(f"pair-{key}"), lambda at: _open_pair(key, at),
        rest=OTHERS if others else None, unit="pixels", hit="right",
    )  # fmt: skip


def _open_pair(key: str, at: Cell) -> None:
    st.session_state[f"pair-{key}"] = at
    st.session_state[_galleries.state(key)] = PAIR


def _gallery(chosen: Scored, look: SegmentLook, key: str) -> None:
    names = (*look.classes, OTHER)
    pair: Cell | None = st.session_state.get(f"pair-{key}")
    opened = [Gallery(PAIR, f"{names[pair[0]]} → {names[pair[1]]}")] if pair else []
    tab = _galleries.tab([IMAGES, *opened], key, chosen)
    by, best = str(st.session_state[f"by-{key}"]), st.session_state[f"order-{key}"] == "best first"
    content = f"{key}-{tab.kind}-{pair if tab.kind == PAIR else (by, best)}"
    size = _galleries.steps(content) * _segment_galleries.STEP
    focus = "" if by == BY_IMAGE or tab.kind == PAIR else by
    if tab.kind == PAIR and pair:
        found: Page[SegmentImage] = look.behind(names[pair[0]], names[pair[1]], size=size)
    else:
        found = look.images(focus or None, best=best, size=size)
    desk = Desk.of(chosen, look.classes)
    scene = Scene(chosen.dataset, look.classes, desk.of_item)
    coloured = of_dataset(chosen.dataset)
    layers = _segment_galleries.layers(chosen, look, found, coloured, focus)
    asked = panes(
        _segment_galleries.shown(scene, found, focus), layers, "cards-segments", content, desk.give,
        more=lambda: _galleries.more(content),
    )  # fmt: skip
    _galleries.fix(asked, desk)
