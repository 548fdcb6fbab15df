"""The board of many classes per image: each class against the rest, at one confidence or at one for each class."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components import page as frame
from app.components.markdown import plain
from app.components.words import number
from app.views._reviewed import Scored
from app.views._verdicts import Desk
from app.views.boards import _galleries, _ranking, _tag_galleries
from app.views.boards._explained import explained_by
from app.views.boards._galleries import STEP, Scene
from app.views.boards._headline import columns as columns_of
from app.views.boards._headline import headline, meter, told
from app.views.boards._tag_galleries import GALLERIES
from datasets.evaluation.arrays import Floats
from datasets.evaluation.cards import Report, TagsCard
from datasets.evaluation.figures import MANY_CLASSES
from datasets.evaluation.figures import headline as figures_headline
from datasets.evaluation.thresholds import PRESENT
from datasets.review.multilabel import Look, Review

ONE, EACH = "one for all", "best F1 of each class"
EVERY = "all classes"


def draw(chosen: Scored, split: str | None, bar: DeltaGenerator) -> None:
    """Draw the board below the choice of run and split; `bar` holds its own controls."""
    review = Review.open(chosen.dataset, chosen.run)
    limits, tuned = _limits(chosen, review, split, bar)
    look = review.at(split, limits)
    report = look.report()
    _headline(report, tuned)
    left, right = st.columns([1.15, 1], gap="medium")
    with left, st.container(border=True, key="review-classes"):
        _classes(report, review.classes, limits)
    with right, st.container(border=True, key="review-matrix"):
        _ranking.draw(review.classes, report.per_class, look.curves)
    _gallery(chosen, review, look, split)


def _limits(chosen: Scored, review: Review, split: str | None, bar: DeltaGenerator) -> tuple[float | Floats, str]:
    """The confidence, or one for each class, and the split on which those were chosen.

    They are chosen on val if it was scored: thresholds chosen on the displayed split give optimistic figures.
    """
    kind, level = bar.columns([1.3, 1.6], gap="medium", vertical_alignment="bottom")
    with kind:
        chosen_kind = st.segmented_control(
            "Threshold", [ONE, EACH], default=ONE, required=True, key="review-thresholds",
            help="a class is predicted from this confidence up; AP, mAP and AUROC do not depend on it",
        )  # fmt: skip
    with level, st.container(key="review-confidence-bar"):
        confidence = st.slider(
            "Confidence", 0.0, 1.0, PRESENT, 0.01, key="review-tags", disabled=chosen_kind == EACH
        )  # fmt: skip
    if chosen_kind == ONE:
        return float(confidence), ""
    on = "val" if "val" in chosen.splits else split
    return review.best_thresholds(on), on or "all"


def _headline(report: Report[TagsCard], tuned: str) -> None:
    headline(told(figures_headline(MANY_CLASSES), report.metrics), _card(report.card, tuned))


def _card(card: TagsCard, tuned: str) -> dict[str, str]:
    """How the figures were made."""
    one = card.confidence
    level = f"the best F1 of each class on {tuned}" if not isinstance(one, float) else f"{one:.2f}"
    rows = {
        "Protocol": card.protocol,
        "Averaging": card.averaging,
        "Confidence": f"predicted from {level} up; scored from {number(card.lowest_confidence)}",
        "Samples": f"{number(card.samples)} ({card.split}), {number(card.labels)} labels, "
        f"{number(card.predictions)} predictions",
        "Not scored": f"{number(card.missing_predictions)} without prediction, {number(card.unlabelled)} without label",
        "Findings": "; ".join(card.findings),
        "Agrees with": card.agrees_with,
    }
    return {name: text for name, text in rows.items() if text}


def _classes(report: Report[TagsCard], classes: tuple[str, ...], limits: float | Floats) -> None:
    frame.section("Classes", "sorted by a click on a column")
    each = [limits] * len(classes) if isinstance(limits, float) else limits.tolist()
    rows = [
        {"class": name, "threshold": level, **report.per_class[name]}
        for name, level in zip(classes, each, strict=True)
        if report.per_class[name]["support"] or report.per_class[name]["fp"]
    ]
    columns = {
        "class": st.column_config.TextColumn("Class", pinned=True),
        "ap": meter("ap", 84),
        **columns_of(("f1", "precision", "recall", "auroc"), 54),
        "threshold": st.column_config.NumberColumn("From", format="%.2f", width=42, help="predicted from this up"),
        **columns_of(("support", "fp", "fn"), {"support": 46, "fp": 34, "fn": 50}),
    }
    st.dataframe(
        rows, hide_index=True, column_config=columns, column_order=list(columns), key="classes",
        height="content" if len(rows) <= 18 else 650,
    )  # fmt: skip


def _gallery(chosen: Scored, review: Review, look: Look, split: str | None) -> None:
    key = f"{chosen.run}-{chosen.dataset}-{split}"
    tab = _galleries.tab(GALLERIES, key, chosen, _galleries.wrong(chosen, split))
    with st.container(horizontal=True, vertical_alignment="center"):
        name = None
        if tab.kind != "worst":
            name = st.selectbox(
                "Class", [EVERY, *review.classes], key=f"class-{key}", width=260, label_visibility="collapsed"
            )
        st.caption(plain(tab.text))
    name = None if name == EVERY else name
    desk = Desk.of(chosen, review.classes)
    level = look.confidence if isinstance(look.confidence, float) else tuple(look.confidence.tolist())
    content = f"{key}-{tab.kind}-{name}-{level}"
    size = _galleries.steps(content) * STEP["patches"]
    found = look.worst(size=size) if tab.kind == "worst" else look.gallery(tab.kind, name, size=size)
    scene = Scene(chosen.dataset, review.classes, desk.of_item)
    _galleries.cards(_tag_galleries.shown(scene, found, explained_by(chosen)), tab.kind, content, desk)
