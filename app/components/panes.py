"""A gallery of semantic masks: image, label, prediction and error map side by side, panned and zoomed together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.components.inline import component
from app.components.patches import Fix, GivenVerdict, Shown, exchange, fixed, nothing

_draw = component("panes", '<div class="panes"></div>', "canvas", "gallery")


@dataclass(frozen=True)
class MistakeKind:
    """A kind of mistake in the legend, with its colour."""

    name: str
    colour: str


@dataclass(frozen=True)
class ClassRow:
    """A class of one image, as the viewer lists it."""

    name: str
    iou: float
    labelled: float
    predicted: float


@dataclass(frozen=True)
class Layers:
    """The overlays of the images: two fields of a dataset, in the colours of classes and of kinds of mistakes.

    `kinds` are distinguished over all classes, `kinds_of_one` for one class. `focus` is the class shown alone at first,
    "" for all. `parts` are the classes of each sample.
    """

    dataset: str
    label_field: str
    field: str
    colours: Mapping[str, str]
    kinds: Sequence[MistakeKind]
    kinds_of_one: Sequence[MistakeKind]
    focus: str
    parts: Mapping[str, Sequence[ClassRow]]


def panes(
    shown: Shown,
    layers: Layers,
    key: str,
    content: str,
    give: Callable[[GivenVerdict], None],
    *,
    more: Callable[[], None],
) -> Fix | None:
    """Draw the gallery, with the same verdicts, pages and corrections as `patches`."""
    told = exchange(key, give, more)
    place = [quote(part, safe="") for part in (layers.dataset, layers.label_field, layers.field)]
    data: dict[str, Any] = {
        **told.data(shown, content),
        "dataset": place[0],
        "fields": {"label": place[1], "prediction": place[2]},
        "colours": dict(layers.colours),
        "kinds": [vars(one) for one in layers.kinds],
        "kindsOfOne": [vars(one) for one in layers.kinds_of_one],
        "focus": layers.focus,
        "parts": {id_: [vars(one) for one in some] for id_, some in layers.parts.items()},
    }
    found = _draw(
        key=key, data=data, on_verdicts_change=told.arrived, on_more_change=told.behind, on_fix_change=nothing
    )
    return fixed(found.fix, shown)
