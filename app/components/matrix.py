"""A confusion matrix whose cells are opened by a click."""

from collections.abc import Callable, Sequence

import streamlit as st

from app.components.inline import component

Cell = tuple[int, int]

_HTML = """<div class="bar"><span class="says">rows: labels, columns: predictions; click a cell to see its images</span>
<label><input type="checkbox" class="only"> mistakes only</label>
<label hidden><input type="checkbox" class="all"><span></span></label></div><div class="matrix"></div>"""

_draw = component("matrix", _HTML)


def matrix(
    classes: Sequence[str],
    counts: Sequence[Sequence[int]],
    key: str,
    chosen: Cell | None,
    opened: Callable[[Cell], None],
) -> None:
    """Draw counts (n + 1 rows of labels, n + 1 columns of predictions, the last of each is background).

    `opened` is called with (row, column) before the page is drawn again.
    """

    def clicked() -> None:
        cell = st.session_state[key].get("cell")
        if cell:
            opened((cell["true"], cell["predicted"]))

    data = {"classes": list(classes), "counts": [list(map(int, row)) for row in counts], "chosen": chosen}
    _draw(key=key, data=data, on_cell_change=clicked)
