"""What the galleries of all boards share: tabs, pictures, the number of listed cards, where verdicts go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import streamlit as st

from app import address, navigation
from app.components.markdown import plain
from app.components.patches import Fix, Picture, Shown, patches
from app.views._reviewed import Scored
from app.views._verdicts import Desk, as_view
from datasets.fieldnames import evaluation_key
from datasets.review.drawn import DrawnBox, Side
from datasets.viewspec import Filter, ViewSpec

WRONG = "the samples whose prediction is not their label, in Browse"
STEP = {"images": 36, "patches": 96}  # cards sent to the browser at once; more on request
Masks = Mapping[Side, Mapping[Literal["fill", "contour"], str]]
NO_MASKS: Masks = {}
VerdictOf = Callable[[str], Mapping[str, str | None] | None]


@dataclass(frozen=True)
class Gallery:
    """A tab: `kind` names what it lists, `text` says it in a line."""

    kind: str
    title: str
    text: str = ""


@dataclass(frozen=True)
class Scene:
    """Where the samples of a gallery come from, and the verdicts given so far."""

    dataset: str
    classes: Sequence[str]
    verdict: VerdictOf


def tab(tabs: Sequence[Gallery], key: str, chosen: Scored, mistakes: ViewSpec | None = None) -> Gallery:
    """Tabs for the galleries; beside them, links to the mistakes and to the verdicts as views."""
    known = {one.kind: one for one in tabs}
    if st.session_state.get(state(key)) not in known:
        st.session_state[state(key)] = tabs[0].kind
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        kind = st.segmented_control(
            "Gallery", list(known), format_func=lambda kind: plain(known[kind].title), key=state(key), required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if mistakes:
                query = address.query(mistakes)
                navigation.link("Mistakes as a view", "browse", icon=":material/grid_view:", help=WRONG, **query)
            as_view(chosen)
    return known[str(kind)]


def wrong(chosen: Scored, split: str | None) -> ViewSpec:
    """The samples of a split whose classes were predicted wrong, at the confidence at which the run was scored."""
    split_of = (Filter(field="split", op="any_of", values=(split,)),) if split else ()
    mistaken = Filter(field=evaluation_key(chosen.run), op="any_of", values=(False,))
    return ViewSpec(dataset=chosen.dataset, filters=(*split_of, mistaken))


def state(key: str) -> str:
    """The session key of the open gallery's kind: set it to open another one."""
    return f"gallery-{key}"


def cards(shown: Shown, kind: str, content: str, desk: Desk) -> None:
    """Draw a gallery. `content` identifies what it lists."""
    fix(patches(shown, f"cards-{kind}", content, desk.give, lambda: more(content)), desk)


def fix(asked: Fix | None, desk: Desk) -> None:
    """Go to the labeler: the samples of the gallery as its queue, the item selected, predictions as proposals."""
    if asked:
        chosen, view = desk.chosen, ViewSpec(dataset=desk.chosen.dataset, ids=asked.samples)
        item = {"label": asked.item} if asked.side != "sample" else {}
        query = {**address.query(view), "field": chosen.label_field, "reference": chosen.field, **item}
        navigation.go("label", **query, sample=asked.sample)


def steps(content: str) -> int:
    """How many steps of cards are requested, from 1."""
    asked, count = st.session_state.get("review-steps", ("", 1))
    return int(count) if asked == content else 1


def picture(
    scene: Scene,
    sample: str,
    path: str,
    size: tuple[int, int],
    boxes: Sequence[DrawnBox] = (),
    *,
    masks: Masks = NO_MASKS,
) -> Picture:
    """The picture of a sample; `size` is width and height in pixels as shown."""
    dataset = quote(scene.dataset, safe="")
    return Picture(
        name=path.rpartition("/")[2],
        width=size[0],
        height=size[1],
        thumbnail=f"/api/thumbnails/{dataset}/{sample}?side={{side}}",
        media=f"/api/media/{dataset}/{sample}",
        page=f"/browse?dataset={dataset}&sample={sample}",
        boxes=boxes,
        masks=masks,
    )


def instance_masks(scene: Scene, sample: str, label_field: str, field: str, least: float) -> Masks:
    """Addresses of the masks of objects, one colour per instance; predictions of at least this confidence."""
    place = f"/api/overlay/{quote(scene.dataset, safe='')}/{sample}"
    asked: dict[Side, tuple[str, str]] = {"label": (label_field, ""), "prediction": (field, f"&least={least:.4f}")}
    return {
        side: {
            style: f"{place}/{quote(name, safe='')}?side={{side}}&by=instance&style={style}{more}"
            for style in ("fill", "contour")
        }
        for side, (name, more) in asked.items()
    }


def more(content: str) -> None:
    """Request another step of cards of this content."""
    st.session_state["review-steps"] = (content, steps(content) + 1)
