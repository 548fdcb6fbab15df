"""A gallery of patches or whole images with their labels and predictions, judged by button or key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from app.components.inline import component
from datasets.review.drawn import DrawnBox, Side

Box = tuple[float, float, float, float]

_draw = component("patches", '<div class="patches"></div>', "boxes.js", "patches.js")


@dataclass(frozen=True)
class Picture:
    """One image; `thumbnail` is its address with `{side}` for the wanted size, `page` that of its sample view."""

    name: str
    width: int
    height: int
    thumbnail: str
    media: str
    page: str
    boxes: Sequence[DrawnBox]


@dataclass(frozen=True)
class Card:
    """One thing to judge: a patch (with `box`) or a whole image. `other` is the id of the box it was matched with.

    `suggest` is the class that relabelling offers first.
    """

    id: str
    sample: str
    side: Side | Literal["sample"]
    title: str
    note: str
    box: Box | None = None
    other: str | None = None
    suggest: str | None = None
    verdict: Mapping[str, str | None] | None = None
    verdicts: Sequence[str] = ("confirm", "relabel", "ignore")


@dataclass(frozen=True)
class Shown:
    """What a gallery holds. `total` may be more than the cards that are listed."""

    cards: Sequence[Card]
    pictures: Mapping[str, Picture]
    classes: Sequence[str]
    total: int
    empty: str = "Nothing here: good."
    shape: Literal["patches", "images"] = "patches"
    size: int = 24


@dataclass(frozen=True)
class Given:
    """A verdict that a person gave in the browser; `verdict` may be `undo`."""

    item: str
    sample: str
    side: str
    verdict: str
    label: str | None = None


@dataclass
class _Desk:
    """How far the verdicts of each browser tab have been stored."""

    stored: dict[str, int] = field(default_factory=dict)


def patches(
    shown: Shown, key: str, content: str, give: Callable[[Given], None], more: Callable[[], None] | None = None
) -> None:
    """Draw the gallery. `content` names what is listed: when it changes, the gallery starts at its first page.

    `give` is called once for each verdict, `more` when a person turned behind the last listed card; both before the
    page is drawn again.
    """
    desk: _Desk = st.session_state.setdefault(f"{key}-desk", _Desk())

    def arrived() -> None:
        sent = st.session_state[key].get("verdicts")
        for one in sent["given"] if sent else ():
            _once(desk, sent["client"], one, give)

    def behind() -> None:
        if more and st.session_state[key].get("more"):
            more()

    data = {
        "key": content,
        "items": [vars(card) for card in shown.cards],
        "samples": {id_: vars(picture) for id_, picture in shown.pictures.items()},
        "classes": list(shown.classes),
        "total": shown.total,
        "empty": shown.empty,
        "shape": shown.shape,
        "size": shown.size,
        "stored": desk.stored,
    }
    _draw(key=key, data=data, on_verdicts_change=arrived, on_more_change=behind)


def _once(desk: _Desk, client: str, one: Mapping[str, Any], give: Callable[[Given], None]) -> None:
    if one["number"] > desk.stored.get(client, 0):
        give(Given(one["item"], one["sample"], one["side"], one["verdict"], one["label"]))
        desk.stored[client] = one["number"]
