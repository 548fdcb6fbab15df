"""A gallery of patches or whole images with their labels and predictions, judged by button or key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from app.components.inline import component
from datasets.review.drawn import DrawnBox, Side
from datasets.skeleton import Edges

Box = tuple[float, float, float, float]

_draw = component("patches", '<div class="patches"></div>', "canvas", "gallery")


@dataclass(frozen=True)
class Picture:
    """One image; `thumbnail` is its address with `{side}` for the wanted size, `page` that of its sample view.

    `masks` are addresses of the masks of its labels and of its predictions, filled and as outlines, with `{side}`.
    """

    name: str
    width: int
    height: int
    thumbnail: str
    media: str
    page: str
    boxes: Sequence[DrawnBox]
    masks: Mapping[Side, Mapping[Literal["fill", "contour"], str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Heat:
    """A heat map of what in an image speaks for a class: its title, and the address of a PNG to overlay on it."""

    title: str
    address: str


@dataclass(frozen=True)
class Card:
    """One thing to judge: a patch (with `box`) or a whole image. `others` are the ids of boxes that belong to it.

    `suggest` is the class that relabelling offers first. `outcome` (tp, fp, fn) is shown by a sign. For a whole image
    `top` are classes with their probabilities, `truth` those that it is labelled with.
    """

    id: str
    sample: str
    side: Side | Literal["sample"]
    title: str
    note: str
    box: Box | None = None
    others: Sequence[str] = ()
    suggest: str | None = None
    verdict: Mapping[str, str | None] | None = None
    verdicts: Sequence[str] = ("confirm", "relabel", "ignore")
    outcome: str = ""
    top: Sequence[tuple[str, float]] = ()
    truth: Sequence[str] = ()
    heat: Sequence[Heat] = ()


@dataclass(frozen=True)
class Shown:
    """What a gallery holds. `total` may be more than the cards that are listed; `edges` join key points by lines."""

    cards: Sequence[Card]
    pictures: Mapping[str, Picture]
    classes: Sequence[str]
    total: int
    empty: str = "Nothing here: good."
    shape: Literal["patches", "images", "panes"] = "patches"
    size: int = 24
    edges: Edges = ()


@dataclass(frozen=True)
class GivenVerdict:
    """A verdict that a person gave in the browser; `verdict` may be `undo`."""

    item: str
    sample: str
    side: str
    verdict: str
    label: str | None = None


@dataclass(frozen=True)
class Fix:
    """What a person wants to correct in the labeler: an item of a sample; `samples` are all that the gallery lists."""

    item: str
    sample: str
    side: str
    samples: tuple[str, ...]


@dataclass
class _Received:
    """How far the verdicts of each browser tab have been stored."""

    stored: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Exchange:
    """The communication of a gallery with its page: callbacks for verdicts and for more cards, and what is stored."""

    stored: Mapping[str, int]
    arrived: Callable[[], None]
    behind: Callable[[], None]

    def data(self, shown: Shown, content: str) -> dict[str, Any]:
        """The data for the browser."""
        return {
            "key": content,
            "items": [{**vars(card), "heat": [vars(one) for one in card.heat]} for card in shown.cards],
            "samples": {id_: vars(picture) for id_, picture in shown.pictures.items()},
            "classes": list(shown.classes),
            "total": shown.total,
            "empty": shown.empty,
            "shape": shown.shape,
            "size": shown.size,
            "edges": shown.edges,
            "stored": self.stored,
        }


def patches(
    shown: Shown, key: str, content: str, give: Callable[[GivenVerdict], None], more: Callable[[], None] | None = None
) -> Fix | None:
    """Draw the gallery. Returns what a person wants to correct now.

    `content` names what is listed: when it changes, the gallery starts at its first page.
    `give` is called once for each verdict, `more` when a person went past the last listed card; both before the
    page is drawn again.
    """
    told = exchange(key, give, more)
    found = _draw(
        key=key,
        data=told.data(shown, content),
        on_verdicts_change=told.arrived,
        on_more_change=told.behind,
        on_fix_change=nothing,
    )
    return fixed(found.fix, shown)


def fixed(asked: Mapping[str, str] | None, shown: Shown) -> Fix | None:
    """What the browser asks to correct, among what is shown; None for nothing."""
    samples = tuple(dict.fromkeys(card.sample for card in shown.cards))
    if not asked or asked["sample"] not in samples:
        return None
    return Fix(asked["item"], asked["sample"], asked["side"], samples)


def nothing() -> None:
    """Does nothing: the value is read where the gallery is drawn."""


def exchange(key: str, give: Callable[[GivenVerdict], None], more: Callable[[], None] | None) -> Exchange:
    """The exchange of the gallery of this key, with `give` and `more` as in `patches`."""
    received: _Received = st.session_state.setdefault(f"{key}-desk", _Received())

    def arrived() -> None:
        sent = st.session_state[key].get("verdicts")
        for one in sent["given"] if sent else ():
            _once(received, sent["client"], one, give)

    def behind() -> None:
        if more and st.session_state[key].get("more"):
            more()

    return Exchange(received.stored, arrived, behind)


def _once(received: _Received, client: str, one: Mapping[str, Any], give: Callable[[GivenVerdict], None]) -> None:
    if one["number"] > received.stored.get(client, 0):
        give(GivenVerdict(one["item"], one["sample"], one["side"], one["verdict"], one["label"]))
        received.stored[client] = one["number"]
