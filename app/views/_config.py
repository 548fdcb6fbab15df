"""The config of a run, with changes from its preset marked."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
import yaml

from app.components import steps
from app.components.form import options
from app.components.markdown import md
from app.components.words import number
from pipelines import registry
from pipelines.runs import cards
from pipelines.runs.run import JobRequest


def table(request: JobRequest) -> None:
    """Every option that applies to the model: value, unit, effect; changed ones first."""
    if not request.config:
        st.caption("No options: the model was made elsewhere.")
        return
    changed, config = cards.changed(request), registry.task(request.task).config
    known = {one.name: one for one in options(config)}
    model = str(request.config.get("model", ""))
    idle = set(config.model_fields) - set(config.acting(model)) if model else set()
    rows = [
        {
            "option": name,
            "value": shown(value),
            "unit": known[name].unit if name in known else "",
            "changed": "changed" if name in changed else "",
            "help": known[name].help if name in known else "",
        }
        for name, value in sorted(request.config.items(), key=lambda pair: pair[0] not in changed)
        if name not in idle
    ]
    if changed:
        st.caption(md("{} changed from preset {}: {}", len(changed), request.preset, ", ".join(changed)))
    st.dataframe(rows, hide_index=True, height=330, column_config={"help": st.column_config.TextColumn("what it does")})


def text(config: Mapping[str, Any]) -> str:
    """The config as YAML."""
    return str(yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, default_flow_style=None, width=100))


def shown(value: object) -> str:
    """A value of a config as short text."""
    return steps.words(value) if isinstance(value, list) and steps.is_spec(value) else number(value)
