"""Train: choose data, task and preset, see findings about the data, and start with one button."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import address, navigation, tasks
from app.components import augmenting, form, splitting
from app.components import page as frame
from app.components.inline import style
from app.components.markdown import joined, md, plain
from app.components.words import by_split, counted, duration, number, title
from app.views import _config, _estimate, _preflight, _starts
from datasets.fieldnames import is_prediction
from datasets.handover import learnable
from datasets.speed.latest import PATIENCE
from datasets.storage import store
from datasets.storage.store import DatasetSummary
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import PipelineError
from pipelines.jobs import asking
from pipelines.registry import Task
from pipelines.runs.run import Run

MEANING = {
    "fast": "A first look: finds out whether data and labels are right.",
    "balanced": "The usual choice: good figures in reasonable time.",
    "accurate": "The best figures, and the longest wait.",
}
DEFAULT = "fast"
SUGGESTED = {"weights": ("auto", "pretrained", "none"), "device": ("auto", "cpu", "cuda")}
AUGMENT = "augment"  # the option of every task whose images can be changed at random


@dataclass(frozen=True)
class Data:
    """The training data."""

    view: ViewSpec
    field: str
    about: DatasetSummary


def page() -> None:
    """Draw the page."""
    names = store.names()
    style("models")
    frame.header("Train", "choose data and a preset, then press the button; the rest has good defaults")
    if not names:
        with frame.empty(
            "There is nothing to learn from yet", "Import labeled images, or take a sample.", "model_training"
        ):
            navigation.link("Import a dataset", "import", icon=":material/add_photo_alternate:")
        return
    left, right = st.columns([2.5, 1], gap="large")
    with left, st.container(key="train-main"):
        top = st.container()
        frame.section("Data")
        places = st.columns([1.4, 1, 2.2], gap="medium", vertical_alignment="bottom")
        with places[0]:
            about = store.summary(_dataset(names), patience=PATIENCE)
        with top:
            task = _task(about.name)
        data = _data(task, about, places[1:])
        if data is None:
            return
        _splits(data)
        preset = _presets(task, data)
        changes = _options(task, preset, data)
    with right, st.container(border=True, key="train-summary"):
        _start(task, data, preset, changes)


def _dataset(names: list[str]) -> str:
    asked = address.dataset()
    dataset = str(st.selectbox("Dataset", names, names.index(asked) if asked in names else 0))
    if dataset != asked:
        address.show(ViewSpec(dataset=dataset))
    return dataset


def _task(dataset: str) -> Task:
    """The task: the one in the address, else the last one that fits the dataset, else the first that fits."""
    known = {name: registry.task(name).title for name in registry.TASKS}
    asked = st.query_params.get("task")
    fitting = [task.name for task in tasks.fitting(dataset)]
    last = st.session_state.get("task")
    liked = asked if asked in known else last if last in fitting else next(iter(fitting or known))
    if len(known) > 1:
        liked = st.segmented_control(
            "Task", list(known), default=liked, key=f"task-{dataset}-{asked}", required=True,
            format_func=lambda name: plain(known[name]),
        )  # fmt: skip
    st.session_state["task"] = liked
    return registry.task(str(liked))


def _data(task: Task, about: DatasetSummary, places: Sequence[Any]) -> Data | None:
    fitting = tasks.fields(task, about.name)
    with places[0]:
        field = st.selectbox("Label field", fitting, help=md("fields that hold {}", tasks.needs(task)))
    if not field:
        _unfitting(task, about)
        return None
    view = address.view(about.name)
    with places[1]:
        _counts(view, about, field)
    return Data(view, field, about)


def _unfitting(task: Task, about: DatasetSummary) -> None:
    """Say that this task cannot learn from what the dataset holds, and which datasets it can learn from."""
    fields = {name: kind for name, kind in about.label_fields.items() if not is_prediction(name)}
    found = ", ".join(f"{kind} ({name})" for name, kind in fields.items())
    able = [one.title for one in tasks.fitting(about.name)]
    rest = f"{', '.join(able)} can learn from these." if able else "No task here learns from these yet."
    holds = f"holds {found}. {rest}" if found else "has no labels yet, only images."
    fitting = [name for name in store.names() if tasks.fields(task, name)]
    st.info(
        md("**{}** learns from {}, and **{}** {}", task.title, tasks.needs(task), about.name, holds)
        + (" Datasets that fit:" if fitting else ""),
        icon=":material/info:",
    )
    with st.container(horizontal=True):
        for name in fitting[:6]:
            navigation.link(name, "train", icon=":material/dataset:", dataset=name, task=task.name)


def _counts(view: ViewSpec, about: DatasetSummary, field: str) -> None:
    narrowed = view != ViewSpec(dataset=view.dataset)
    sizes = {name: number(_starts.count(view, name)) for name in by_split(about.splits) if name}
    frame.figures(
        {
            "Samples": number(_starts.count(view)),
            **sizes,
            "Classes": len(learnable.classes(about.name, field, PATIENCE)),
        }
    )
    if narrowed:
        saved = f", {view.saved}" if view.saved else ""
        st.caption(md(":material/filter_alt: a view with {}{}", counted(len(view.filters), "filter"), saved))


def _splits(data: Data) -> None:
    """Where train or val has nothing to learn from, offer to split in place; else to split again."""
    if lacking := splitting.needed(data.view, data.field):
        splitting.missing(data.view, data.field, lacking)
    elif st.button("Split again", type="tertiary", icon=":material/call_split:", key="split-again"):
        splitting.dialog(data.view, data.field)


def _presets(task: Task, data: Data) -> str:
    frame.section("Preset", "how much time, for how good a model")
    chosen = st.session_state.setdefault(
        f"preset-{task.name}", DEFAULT if DEFAULT in task.presets else next(iter(task.presets))
    )
    if chosen not in task.presets:
        chosen = next(iter(task.presets))
    for place, name in zip(st.columns(len(task.presets), gap="medium"), task.presets, strict=True):
        with place:
            _preset(task, data, name, name == chosen)
    return str(chosen)


def _preset(task: Task, data: Data, name: str, chosen: bool) -> None:
    with st.container(border=True, height="stretch", key=f"preset-{'chosen' if chosen else 'card'}-{name}"):
        st.button(
            plain(name.capitalize()),
            width="stretch",
            type="primary" if chosen else "secondary",
            icon=f":material/radio_button_{'checked' if chosen else 'unchecked'}:",
            key=f"take-{name}",
            on_click=_take,
            args=(task.name, name),
        )
        st.markdown(plain(MEANING.get(name, "")))
        st.caption(md("{}  \n:material/schedule: {}", _key_options(task, name), _time(task, data, name, {})))


def _take(task: str, name: str) -> None:
    st.session_state[f"preset-{task}"] = name


def _key_options(task: Task, preset: str) -> str:
    """The first options of the form that presets set: the ones that matter most."""
    values = task.resolve(preset).model_dump(mode="json")
    named = {name for options in task.presets.values() for name in options}
    shown = [one for one in form.options(task.config) if not one.advanced and one.name in named]
    return " · ".join(_in_short(one, values[one.name]) for one in shown)


def _in_short(one: form.Option, value: Any) -> str:
    """`resnet18`, `12 epochs`, `learn: head`."""
    if one.unit or one.name == "model":
        return f"{number(value)} {one.unit}".strip()
    return f"{title(one.name).lower()}: {number(value)}"


def _time(task: Task, data: Data, preset: str, changes: Mapping[str, Any]) -> str:
    config = task.resolve(preset).model_dump(mode="json") | dict(changes)
    found = _estimate.seconds(Workspace.current(), task, config, _starts.count(data.view, "train"))
    return f"about {duration(found)}" if found else "time is known after a first run here"


def _options(task: Task, preset: str, data: Data) -> dict[str, Any]:
    base = task.resolve(preset).model_dump(mode="json")
    known = form.options(task.config, {"model": task.models, **SUGGESTED})
    key = f"option-{task.name}-{preset}"
    _starts.take_over(task, preset, base, key)
    model = str(st.session_state.get(f"{key}-model", base["model"]))
    known, acting = form.acting(known, task.config, model), task.config.acting(model)
    frame.section("Options")
    changes = form.form([one for one in known if not one.advanced], base, key, columns=5)
    advanced = [one for one in known if one.advanced]
    changed = [
        one.name for one in advanced if st.session_state.get(f"{key}-{one.name}", base[one.name]) != base[one.name]
    ]
    badge = md(" :orange-badge[{} changed]", len(changed)) if changed else ""
    with st.expander("Advanced options" + badge, icon=":material/tune:", expanded=False, key=f"advanced-{task.name}"):
        changes |= form.form(advanced, base, key, columns=4)
    if AUGMENT in base and AUGMENT in acting:
        source = augmenting.Source(data.view, data.field, int(changes.get("image_size", base.get("image_size", 512))))
        steps = augmenting.section(base[AUGMENT], f"{key}-{AUGMENT}", source)
        changes |= {AUGMENT: steps} if steps != base[AUGMENT] else {}
    if changes:
        with st.container(horizontal=True, vertical_alignment="center"):
            badges = [
                md(":orange-badge[{}: {} → {}]", name, _config.shown(base[name]), _config.shown(value))
                for name, value in changes.items()
            ]
            st.markdown(joined(badges, " "))
            st.button("Reset", icon=":material/undo:", on_click=form.reset, args=(base, list(changes), key))
    return changes


def _start(task: Task, data: Data, preset: str, changes: Mapping[str, Any]) -> None:
    """The summary at the right: what will happen, what is wrong, the button."""
    frame.section("This training")
    try:
        options = task.resolve(preset, changes)
    except PipelineError as error:
        st.error(plain(error))
        return
    config = options.model_dump(mode="json")
    here = options.acting(config["model"])
    text = "**{}**, {}, on **{}**  \n:material/schedule: {}"
    st.markdown(md(text, task.title, preset, data.view.dataset, _time(task, data, preset, changes)))
    _starts.origin(task, options, data.view)
    name = st.text_input("Name", f"{data.view.dataset} {preset}", key=f"name-{data.view.dataset}-{preset}")
    ready = _preflight.draw(data.view, data.field, data.about, task.needs_masks)
    if st.button(
        "Train", type="primary", icon=":material/play_arrow:", width="stretch", disabled=not ready, key="train"
    ):
        run = _submit(task, data, preset, config, name)
        navigation.go("jobs", run=run.id)
    with st.expander("Config as YAML"):
        st.code(_config.text({name: config[name] for name in config if name in here}), language="yaml")


def _submit(task: Task, data: Data, preset: str, config: Mapping[str, Any], name: str) -> Run:
    return asking.submit(
        Workspace.current(), kind="train", name=name or data.view.dataset, task=task.name, preset=preset,
        config=dict(config), view=data.view, label_field=data.field,
    )  # fmt: skip
