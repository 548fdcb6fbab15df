"""Drop, paste or choose images, which the browser then sends to a dataset by `/api/upload`."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from app.components.grid import write_token
from app.components.inline import component

_draw = component("drop", '<div class="foveal-drop"></div>')


@dataclass(frozen=True)
class Dropped:
    """What was chosen, and what became of it.

    `known` images were in the dataset already, `refused` ones are none, `failed` ones can be sent again, and `left_out`
    files were never sent. `over`: nothing waits or is on its way.
    """

    chosen: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0
    failed: int = 0
    left_out: int = 0
    over: bool = False

    @property
    def clean(self) -> bool:
        """Whether every image is in the dataset now; a person saw before what was left out."""
        return self.over and not self.refused and not self.failed


def new_key() -> str:
    """A key for what is sent together: 16 hexadecimal digits that begin with the time, as the ids of samples do."""
    return f"{int(time.time()):08x}{secrets.token_hex(4)}"


def drop(key: str, dataset: str = "") -> Dropped:
    """Draw it. `key` (see `new_key`) names what is sent together. Files wait until there is a `dataset`."""
    told: Any = _draw(
        key=f"drop-{key}",
        data={"key": key, "token": write_token(), "dataset": dataset},
        default={"state": {}},
        on_state_change=_ignore,
    )
    state = told.state or {}
    if state.get("key") != key:
        return Dropped()
    names = {"chosen", "added", "known", "refused", "failed"}
    counts = {name: int(state.get(name, 0)) for name in names}
    return Dropped(**counts, left_out=int(state.get("leftOut", 0)), over=bool(state.get("over")))


def _ignore() -> None:
    """Does nothing: the value is read where the component is drawn."""
