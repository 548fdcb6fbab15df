"""The steps of an augmentation as a person edits them: order, on and off, chance, options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import streamlit as st
import yaml

from app.components.markdown import md, plain
from app.components.words import number, title
from datasets.errors import FormatError
from datasets.exchange.formats.common.parsing import yaml_of
from pipelines import augment
from pipelines.errors import ConfigError
from pipelines.transforms import CATALOG, GROUPS, Setting

Spec = list[dict[str, Any]]

_numbers = count(1)


@dataclass
class Draft:
    """A step being edited; only `on` ones are in the spec. `number` is part of its widgets' keys."""

    name: str
    p: float
    options: dict[str, Any]
    on: bool = True
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What can be tuned."""
        return CATALOG[self.name].settings

    def plain(self) -> dict[str, Any]:
        """The step as it stands in a config."""
        return {"name": self.name, "p": self.p, "options": dict(self.options)}


@dataclass
class Editor:
    """The drafts of one editor, the one that shows its options, and the spec that they last equalled."""

    drafts: list[Draft]
    known: Spec
    opened: int = 0

    def spec(self) -> Spec:
        """The steps that are on."""
        return [draft.plain() for draft in self.drafts if draft.on]


def words(spec: Sequence[Mapping[str, Any]]) -> str:
    """A spec in one line: names and chances."""
    return ", ".join(f"{step['name']} {percent(step['p'])}" for step in spec) or "none"


def is_spec(value: object) -> bool:
    """Whether a value of a config is a list of steps."""
    return isinstance(value, list) and all(isinstance(one, dict) and "name" in one and "p" in one for one in value)


def as_yaml(spec: Sequence[Mapping[str, Any]]) -> str:
    """A spec as text to keep, or to give to `--set augment=...`."""
    return str(yaml.safe_dump([dict(step) for step in spec], sort_keys=False, default_flow_style=None, width=100))


def percent(value: float) -> str:
    """A probability for people."""
    return f"{100 * value:.3g} %"


def desk(spec: Spec, key: str) -> Editor:
    """The editor's drafts as its fields show them now; recreated when the spec was changed elsewhere.

    Someone can change a field and close the editor before it is drawn again: what was changed counts.
    """
    kept: Editor | None = st.session_state.get(f"{key}-desk")
    if kept is None or kept.known != spec:
        kept = st.session_state[f"{key}-desk"] = Editor(_drafts(spec), spec)
    for draft in kept.drafts:
        _take(draft, f"{key}-{draft.number}")
    kept.known = kept.spec()
    return kept


def edit(editor: Editor, base: Spec, key: str) -> None:
    """Draw the fields of the editor. `base` is what the preset says."""
    _add(editor, key)
    if not editor.drafts:
        st.caption("No steps yet: add one, and see here what it does.")
    for place, draft in enumerate(editor.drafts):
        with st.container(border=True, key=f"{key}-step-{draft.number}"):
            _step(editor, place, draft, key)
    with st.container(horizontal=True):
        st.button("Reset to the preset", icon=":material/undo:", on_click=_reset, args=(editor, base),
                  key=f"{key}-reset", disabled=editor.spec() == base)  # fmt: skip
        _text(editor, key)


def _take(draft: Draft, key: str) -> None:
    state = st.session_state
    draft.on, draft.p = state.get(f"{key}-on", draft.on), state.get(f"{key}-p", draft.p)
    for name, value in draft.options.items():
        shown = state.get(f"{key}-{name}", value)
        draft.options[name] = list(shown) if isinstance(shown, tuple) else shown


def _drafts(spec: Spec) -> list[Draft]:
    return [Draft(step["name"], step["p"], dict(step["options"])) for step in spec]


def _add(editor: Editor, key: str) -> None:
    names = sorted(CATALOG, key=lambda name: GROUPS.index(CATALOG[name].group))
    st.selectbox(
        "Add a step", names, index=None, placeholder=f"Add one of {len(CATALOG)} transforms", key=f"{key}-add",
        format_func=lambda name: f"{name} · {CATALOG[name].help}", on_change=_added, args=(editor, f"{key}-add"),
        label_visibility="collapsed",
    )  # fmt: skip


def _added(editor: Editor, key: str) -> None:
    name = st.session_state[key]
    if name:
        step = augment.Step(name=name)
        editor.drafts.append(Draft(name, step.p, dict(step.options)))
        editor.opened = editor.drafts[-1].number
    st.session_state[key] = None


def _step(editor: Editor, place: int, draft: Draft, key: str) -> None:
    mine, is_open = f"{key}-{draft.number}", editor.opened == draft.number
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.toggle(md("**{}**", draft.name), draft.on, key=f"{mine}-on", help=plain(CATALOG[draft.name].help))
        st.space("stretch")
        _icon("expand_less" if is_open else "tune", "options", f"{mine}-open", _opened, editor, draft)
        _icon("arrow_upward", "earlier", f"{mine}-up", _moved, editor, draft, -1, disabled=place == 0)
        last = place == len(editor.drafts) - 1
        _icon("arrow_downward", "later", f"{mine}-down", _moved, editor, draft, 1, disabled=last)
        _icon("delete", "remove", f"{mine}-remove", _removed, editor, draft)
    if not is_open:
        st.caption(plain(_summary(draft)))
        return
    st.caption(plain(CATALOG[draft.name].help))
    st.slider("Chance", 0.0, 1.0, draft.p, 0.05, format="percent", key=f"{mine}-p")
    settings = draft.settings
    for start in range(0, len(settings), 2):
        for column, setting in zip(st.columns(2, gap="medium"), settings[start : start + 2], strict=False):
            with column:
                option(setting, draft.options[setting.name], f"{mine}-{setting.name}")


def _icon(icon: str, name: str, key: str, act: Any, *args: Any, disabled: bool = False) -> None:
    st.button(
        md(":material/{}:", icon),
        type="tertiary",
        help=plain(name),
        key=key,
        on_click=act,
        args=args,
        disabled=disabled,
    )


def _opened(editor: Editor, draft: Draft) -> None:
    editor.opened = 0 if editor.opened == draft.number else draft.number


def _moved(editor: Editor, draft: Draft, by: int) -> None:
    at = editor.drafts.index(draft)
    editor.drafts.insert(at + by, editor.drafts.pop(at))


def _removed(editor: Editor, draft: Draft) -> None:
    editor.drafts.remove(draft)


def _reset(editor: Editor, base: Spec) -> None:
    editor.drafts = _drafts(base)


def _summary(draft: Draft) -> str:
    parts = [f"{title(name).lower()} {_short(value)}" for name, value in draft.options.items() if name != "fill"]
    return " · ".join([percent(draft.p), *parts])


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"{number(value[0])} to {number(value[1])}" if value[0] != value[1] else number(value[0])
    return ("yes" if value else "no") if isinstance(value, bool) else number(value)


def option(setting: Setting, value: Any, key: str) -> None:
    """Draw the field of an option, initially with this value; `key` is its key in the session."""
    label = plain(f"{title(setting.name)} ({setting.unit})" if setting.unit else title(setting.name))
    if setting.kind == "switch":
        st.toggle(label, value, key=key, help=plain(setting.help))
        return
    if setting.kind == "choice":
        st.selectbox(label, setting.choices, setting.choices.index(value), key=key, help=plain(setting.help))
        return
    ends = value if isinstance(value, list) else [value, value]
    low, high = setting.usual or (setting.low, setting.high)
    low, high = min(low, *ends), max(high, *ends)
    whole = setting.kind.startswith("whole")
    cast = int if whole else float
    step = (2 if setting.odd else 1) if whole else _fine(high - low)
    text = md("{} — {} to {}", setting.help, number(setting.low), number(setting.high))
    at: Any = tuple(map(cast, value)) if isinstance(value, list) else cast(value)
    st.slider(label, cast(low), cast(high), at, step, key=key, help=text)


def _fine(span: float) -> float:
    return 1.0 if span > 50 else 0.5 if span > 20 else 0.05 if span > 2 else 0.01 if span > 0.5 else 0.005


def _text(editor: Editor, key: str) -> None:
    with st.popover("YAML", icon=":material/code:"):
        st.caption("Copy these steps, or paste others.")
        st.code(as_yaml(editor.spec()), language="yaml", height=220)
        given = st.text_area("Steps", key=f"{key}-text", placeholder="- name: HorizontalFlip\n  p: 0.5", height=140)
        if st.button("Use these steps", key=f"{key}-use", disabled=not given):
            try:
                made = augment.steps(yaml_of(given, "the steps"))
            except (ConfigError, FormatError) as error:
                st.error(plain(error))
                return
            _reset(editor, [step.model_dump(mode="json") for step in made])
            st.rerun(scope="fragment")
