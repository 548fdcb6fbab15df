"""A confusion matrix whose cells open on click."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from app.components.inline import component

Cell = tuple[int, int]

_HTML = """<div class="bar"><span class="says">rows: labels, columns: predictions</span>
<label><input type="checkbox" class="only"> mistakes only</label>
<label hidden><input type="checkbox" class="all"><span></span></label></div><div class="matrix"></div>"""

_draw = component("matrix", _HTML)


@dataclass(frozen=True)
class Rest:
    """The entry after the classes, such as background: its name, whether it has a row too, the words for its column.

    `row` is the text for its row, empty when nothing is labelled with it.
    """

    name: str = "background"
    column: str = "missed"
    row: str = "predicted where no label is"


BACKGROUND = Rest()


def matrix(
    classes: Sequence[str],
    counts: Sequence[Sequence[int]],
    key: str,
    chosen: Cell | None,
    opened: Callable[[Cell], None] | None,
    *,
    rest: Rest | None = BACKGROUND,
    unit: str = "labels",
    hit: str = "found",
) -> None:
    """Draw counts: a row for each label, a column for each prediction, those of `rest` behind the n classes.

    `opened` is called with (row, column) before the page is drawn again; None for cells that open nothing. `unit` is
    what is counted, `hit` the word for the diagonal.
    """

    def clicked() -> None:
        cell = st.session_state[key].get("cell")
        if cell and opened:
            opened((cell["true"], cell["predicted"]))

    data = {
        "classes": list(classes),
        "counts": [list(map(int, row)) for row in counts],
        "chosen": chosen,
        "rest": asdict(rest) if rest else None,
        "opens": opened is not None,
        "unit": unit,
        "hit": hit,
    }
    _draw(key=key, data=data, on_cell_change=clicked)
