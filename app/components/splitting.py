"""Splits made in place: where train or val is missing, again when a person wants to, and by hand for a selection."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app import navigation
from app.components import page as frame
from app.components.markdown import md, plain
from app.components.markup import Markup, markup, together
from app.components.words import counted
from datasets.errors import DatasetsError
from datasets.exchange import resplitting
from datasets.exchange.resplitting import Plan
from datasets.exchange.splitting import DEFAULT_FRACTIONS, DEFAULT_SEED, Fractions
from datasets.records import SPLITS
from datasets.speed.latest import PATIENCE
from datasets.storage import store
from datasets.views import pages
from datasets.viewspec import ViewSpec

FEW = 100  # labelled samples; of fewer none are put aside for a test
FRACTIONS_OF_FEW: Fractions = (0.8, 0.2, 0.0)
AT_ONCE = 5000  # samples; more are planned on request, because that takes seconds
SHOWN = 12  # classes
NOWHERE = "none"


def needed(view: ViewSpec, field: str) -> list[str]:
    """Which of train and val hold no labelled sample of a view."""
    return resplitting.lacking(view, field)


def missing(view: ViewSpec, field: str, lacking: Sequence[str]) -> None:
    """Say what is missing, and offer to split."""
    with st.container(border=True, key="split-missing", gap="small"):
        what = " and ".join(lacking)
        frame.section(
            "Split first", f"no labeled sample is in {what}: a training learns from train, and measures on val"
        )
        panel(view, field)


@st.dialog("Split again", width="large")
def dialog(view: ViewSpec, field: str) -> None:
    """Split the labelled samples of a view."""
    panel(view, field)


def panel(view: ViewSpec, field: str) -> None:
    """Shares and seed, what they would give, and the button that does it."""
    about = store.summary(view.dataset, patience=PATIENCE)
    fractions, seed, keep = _shares(view, pages.count(view), split=any(about.splits.get(name) for name in SPLITS))
    if abs(sum(fractions) - 1) > 1e-6:
        st.warning(
            md("Shares should add up to 100 %; found {:.0f} %.", 100 * sum(fractions)), icon=":material/warning:"
        )
        return
    try:
        large = pages.count(view) > AT_ONCE
        if large and not st.checkbox("Show what it gives", key=f"split-look-{view.dataset}"):
            return
        made = resplitting.plan(view, field, fractions, seed, keep=keep)
    except DatasetsError as error:
        st.info(plain(error), icon=":material/info:")
        navigation.link("Label", "label", icon=":material/edit_square:", dataset=view.dataset, field=field)
        return
    _preview(made)
    number = len(made.moves)
    words = md("Split {}", counted(number, "sample")) if number else "Nothing changes"
    if st.button(words, type="primary", icon=":material/call_split:", disabled=not number, key="split"):
        resplitting.apply(made)
        st.toast(md("{} in their new splits", counted(number, "sample")), icon=":material/check:")
        st.rerun()


def _shares(view: ViewSpec, count: int, *, split: bool) -> tuple[Fractions, int, bool]:
    usual = FRACTIONS_OF_FEW if count < FEW else DEFAULT_FRACTIONS
    key = f"split-{view.dataset}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="split-shares"):
        parts = [
            st.number_input(md("{} %", name), 0, 100, round(100 * share), 5, key=f"{key}-{name}", width=110)
            for name, share in zip(SPLITS, usual, strict=True)
        ]
        seed = st.number_input("Seed", 0, 2**31 - 1, DEFAULT_SEED, key=f"{key}-seed", width=110)
        help_ = "Only samples without a split are split; the others stay where they are, so that figures compare."
        keep = st.checkbox("Keep splits that are there", value=True, key=f"{key}-keep", help=help_) if split else False
    train, val, test = (part / 100 for part in parts)
    return (train, val, test), int(seed), keep


def _preview(made: Plan) -> None:
    counts = {name: f"{count:,}" for name, count in made.counts.items()}
    frame.figures({**counts, **({"without labels, left out": f"{made.unlabelled:,}"} if made.unlabelled else {})})
    if made.classes:
        shown = sorted(made.classes, key=lambda name: -sum(made.classes[name].values()))[:SHOWN]
        st.html(_table({name: [made.classes[name].get(where, 0) for where in counts] for name in shown}, list(counts)))
        if len(made.classes) > SHOWN:
            st.caption(md("and {} more classes, in the same way", len(made.classes) - SHOWN))
    elif not made.stratified:
        st.caption("Split at random: which classes an image holds is known only from its pixels.")


def _table(rows: Mapping[str, Sequence[int]], names: Sequence[str]) -> Markup:
    """Samples that hold each class, by split."""
    head = together(markup("<th>{}</th>", name or "no split") for name in names)
    lines = together(
        markup("<tr><th>{}</th>{}</tr>", name, together(markup("<td>{:,}</td>", count) for count in counts))
        for name, counts in rows.items()
    )
    return markup('<table class="fv-table"><tr><th></th>{}</tr>{}</table>', head, lines)


def by_hand(spec: ViewSpec, ids: Sequence[str]) -> str | None:
    """Controls that put selected samples into a split. Returns which one they were put into, "" for none of them."""
    known = [
        *SPLITS,
        *(name for name in store.summary(spec.dataset, patience=PATIENCE).splits if name not in ("", *SPLITS)),
    ]
    chosen = st.selectbox(
        "Split", [*known, NOWHERE], key="split-word", accept_new_options=True, format_func=plain, index=None,
        placeholder="train, val, test, or a new one",
    )  # fmt: skip
    pressed = st.button(
        md("Move {}", counted(len(ids), "sample")), type="primary", disabled=not chosen, key="split-move"
    )
    if not pressed or not chosen:
        return None
    resplitting.move(spec.dataset, ids, None if chosen == NOWHERE else chosen)
    return "" if chosen == NOWHERE else chosen
