"""A form generated from the config of a task: options with default, bounds, unit and help; changed ones are marked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import streamlit as st

from app.components.markdown import Markdown, md, plain
from app.components.words import number, title
from pipelines import families
from pipelines.config import TaskConfig

Widget = Literal["switch", "whole", "real", "choice", "text"]
WIDGETS: Mapping[str, Widget] = {"boolean": "switch", "integer": "whole", "number": "real"}


@dataclass(frozen=True)
class Option:
    """One option of a config, as its schema describes it. Bounds include their ends."""

    name: str
    kind: Widget
    help: str
    unit: str
    advanced: bool
    optional: bool
    choices: tuple[str, ...]  # the only values, or suggestions for free text
    low: float | None
    high: float | None
    step: float | None

    @property
    def title(self) -> str:
        """The option's name in words, with the unit."""
        return (
            f"{title(self.name)} ({self.unit})"
            if self.unit and self.unit not in self.name.split("_")
            else title(self.name)
        )


def options(config: type[TaskConfig], suggested: Mapping[str, Sequence[str]] | None = None) -> list[Option]:
    """The simple options of a config, in the order in which it declares them; those that all tasks share come last.

    Options that hold lists or objects have editors of their own. `suggested` are values for options of free text.
    """
    known = suggested or {}
    return [
        replace(one, choices=tuple(known[one.name])) if one.kind == "text" and one.name in known else one
        for one in _options(config)
    ]


@cache
def _options(config: type[TaskConfig]) -> tuple[Option, ...]:
    schema = config.model_json_schema()
    shared = TaskConfig.model_fields
    names = sorted(schema["properties"], key=lambda name: name in shared)
    every = (_option(name, schema["properties"][name], schema.get("$defs", {})) for name in names)
    return tuple(one for one in every if one is not None)


def form(shown: Iterable[Option], base: Mapping[str, Any], key: str, columns: int = 4) -> dict[str, Any]:
    """Draw the options, initially as in `base`. Returns only those that differ from it."""
    places: Sequence[Any] = ()
    changed = {}
    for index, option in enumerate(shown):
        if index % columns == 0:
            places = st.columns(columns, gap="medium", vertical_alignment="bottom")
        with places[index % columns]:
            value = _field(option, base[option.name], f"{key}-{option.name}")
        if value != base[option.name]:
            changed[option.name] = value
    return changed


def acting(shown: Iterable[Option], config: type[TaskConfig], model: str) -> list[Option]:
    """The options that apply to a model, with its choices; the others are hidden."""
    family = families.of_model(config.families, model)
    absent = family.absent if family else {}
    return [
        replace(one, choices=tuple(choice for choice in one.choices if choice not in absent.get(one.name, ())))
        for one in shown
        if one.name in config.acting(model)
    ]


def reset(base: Mapping[str, Any], names: Iterable[str], key: str) -> None:
    """Set options back to `base`. Call from a callback, before the form is drawn."""
    for name in names:
        st.session_state[f"{key}-{name}"] = base[name]


def _option(name: str, spec: Mapping[str, Any], shared: Mapping[str, Any]) -> Option | None:
    kinds = spec.get("anyOf", [spec])
    real = next((one for one in kinds if one.get("type") != "null"), spec)
    real = shared.get(real.get("$ref", "").rpartition("/")[2], real)
    if real.get("type") in ("array", "object"):
        return None
    low = real.get("minimum", real.get("exclusiveMinimum"))
    return Option(
        name=name,
        kind="choice" if "enum" in real else WIDGETS.get(str(real.get("type")), "text"),
        help=spec.get("description", ""),
        unit=spec.get("unit", ""),
        advanced=spec.get("advanced", True),
        optional=len(kinds) > 1,
        choices=tuple(real.get("enum", ())),
        low=low,
        high=real.get("maximum", real.get("exclusiveMaximum")),
        step=real.get("multipleOf"),
    )


def _field(option: Option, base: Any, key: str) -> Any:
    """One widget. It always passes its default: a value known only to the session gets lost if a rerun is faster."""
    value = st.session_state.get(key, base)
    label = md("{} :orange-badge[was {}]", option.title, number(base)) if value != base else plain(option.title)
    text = md("{}{}", option.help, _bounds(option))
    if option.kind == "switch":
        return st.toggle(label, base, key=key, help=text)
    if option.kind == "choice":
        return st.selectbox(label, option.choices, option.choices.index(base), key=key, help=text)
    if option.kind == "text" and option.choices:
        here = list(dict.fromkeys([*option.choices, str(base), str(value)]))
        return st.selectbox(label, here, here.index(str(base)), key=key, help=text, accept_new_options=True)
    if option.kind == "text":
        return st.text_input(label, base, key=key, help=text)
    return _number(option, label, base, key, text)


def _number(option: Option, label: Markdown, base: Any, key: str, text: Markdown) -> Any:
    cast = int if option.kind == "whole" else float
    numbers: list[Any] = [None if value is None else cast(value) for value in (option.low, option.high, base)]
    low, high, start = numbers
    step: Any = cast(option.step) if option.step else (1 if cast is int else None)
    if st.session_state.get(key) is not None:
        st.session_state[key] = cast(st.session_state[key])
    return st.number_input(
        label,
        value=start,
        min_value=low,
        max_value=high,
        step=step if step else _step(option),
        format=None if cast is int else "%g",
        key=key,
        help=text,
        placeholder="chosen by itself" if option.optional else None,
    )


def _step(option: Option) -> float:
    """A step that suits the range: hundredths for small ranges."""
    if option.high is None or option.low is None:
        return 0.1
    span = option.high - option.low
    return 1.0 if span >= 50 else 0.1 if span > 2 else 0.01


def _bounds(option: Option) -> Markdown:
    if option.low is None and option.high is None:
        return Markdown()
    low, high = (number(value) if value is not None else None for value in (option.low, option.high))
    if high is None:
        return md(" — at least {}", low)
    return md(" — at most {}", high) if low is None else md(" — {} to {}", low, high)
