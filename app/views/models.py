"""Models: every run with a checkpoint; compare them, predict with them, import weights made elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from app import navigation
from app.components import page as frame
from app.components.curves import curves
from app.components.inline import style
from app.components.markdown import Markdown, joined, md, plain
from app.components.words import ago, counted, number, title
from app.views import _charts, _results, _run_actions
from datasets.evaluation import figures
from datasets.evaluation.cards import Value
from datasets.evaluation.figures import Figure
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import PipelineError
from pipelines.jobs import queue
from pipelines.registry import Task
from pipelines.runs import progress, reports
from pipelines.runs.run import JobRequest, Run


@dataclass(frozen=True)
class Model:
    """A run with a checkpoint, and what is shown about it: its figures, the run that measured them (or None),
    and the figures that runs of its kind are scored by."""

    run: Run
    request: JobRequest
    scored: Run | None
    metrics: Mapping[str, Value]
    figures: tuple[Figure, ...]

    @property
    def label(self) -> str:
        """Its name in charts and tables of several models; the id distinguishes equal names."""
        return f"{self.request.name} · {self.run.id}"


def page() -> None:
    """Draw the page."""
    workspace = Workspace.current()
    style("models")
    actions = frame.header("Models", "every run that can predict")
    with actions:
        if st.button("Bring a weights file", icon=":material/upload_file:"):
            _bring(workspace)
        navigation.link("Train a model", "train", icon=":material/model_training:")
    models = _models(workspace)
    if not models:
        with frame.empty(
            "No models yet", "Train one, or bring a weights file that was trained elsewhere.", "deployed_code"
        ):
            navigation.link("Train a model", "train", icon=":material/model_training:")
        return
    for task in dict.fromkeys(model.request.task for model in models):
        _of_task(workspace, registry.task(task), [model for model in models if model.request.task == task])


def _models(workspace: Workspace) -> list[Model]:
    every = Run.all(workspace)
    scored = {run.request.source or run.id: run for run in reversed(every) if run.report.is_file()}
    return [_model(run, scored.get(run.id)) for run in every if run.checkpoint.is_dir()]


def _model(run: Run, newest: Run | None) -> Model:
    """A training is ranked by its own figures; imported weights by those of their newest prediction."""
    scored = run if run.report.is_file() else newest
    return Model(run, run.request, scored, _results.metrics(scored) if scored else {}, reports.figures_of(run))


def _of_task(workspace: Workspace, task: Task, models: Sequence[Model]) -> None:
    frame.section(task.title, f"{counted(len(models), 'model')}, newest first; tick rows to compare")
    chosen = _table(task, models)
    if not chosen:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        _actions(workspace, chosen)
    _compare(task, chosen)


def _table(task: Task, models: Sequence[Model]) -> list[Model]:
    shown = _figures_of(models)
    rows = [_row(model, shown) for model in models]
    columns = {
        "name": st.column_config.TextColumn("Name", width="medium", pinned=True),
        "model": st.column_config.TextColumn("Model"),
        "dataset": st.column_config.TextColumn("Dataset"),
        "split": st.column_config.TextColumn("Scored on", width="small"),
        **{one.name: _column(one, main=not place) for place, one in enumerate(shown)},
        "preset": st.column_config.TextColumn("Preset", width="small"),
        "created": st.column_config.TextColumn("Made"),
        "run": st.column_config.TextColumn("Run", width="small"),
    }
    told: Any = st.dataframe(
        rows, column_config=columns, column_order=list(columns), hide_index=True, key=f"models-{task.name}",
        on_select="rerun", selection_mode="multi-row", height="content" if len(rows) <= 12 else 420,
    )  # fmt: skip
    return [models[at] for at in told.selection.rows]


def _figures_of(models: Sequence[Model]) -> list[Figure]:
    """The headline figures that were measured for at least one model, ranking figures first."""
    declared = figures.merged(model.figures for model in models)
    return _results.known(declared, *(model.metrics for model in models)) or list(declared[:1])


def _column(one: Figure, *, main: bool) -> Any:
    """The first figure as bars if its range is bounded and higher is better."""
    low, high = one.range
    if main and low is not None and high is not None and one.better == "higher":
        return st.column_config.ProgressColumn(
            one.heading, format=one.printf, min_value=low, max_value=high, help=plain(one.definition)
        )
    return st.column_config.NumberColumn(one.heading, format=one.printf, width="small", help=plain(one.definition))


def _row(model: Model, shown: Sequence[Figure]) -> dict[str, Any]:
    request = model.request
    dataset, split = _measured(model)
    return {
        "name": request.name,
        "model": _network(model),
        "dataset": dataset,
        "split": split,
        **{one.name: model.metrics.get(one.name) for one in shown},
        "preset": request.preset or ("brought in" if request.kind == "adopt" else "–"),
        "created": ago(request.created.timestamp()),
        "run": model.run.id,
    }


def _network(model: Model) -> str:
    """The network by the checkpoint, else by the request, else the imported weights."""
    found = _results.checkpoint(model.run)
    asked = model.request.config
    return str((found and found.config.get("model")) or asked.get("model") or Path(asked.get("weights") or "–").name)


def _actions(workspace: Workspace, chosen: Sequence[Model]) -> None:
    if len(chosen) > 1:
        st.caption(md("{} models", len(chosen)))
        return
    model = chosen[0]
    navigation.link("Open run", "jobs", icon=":material/open_in_full:", run=model.run.id)
    if model.metrics:
        navigation.link("Review errors", "review", icon=":material/rate_review:", run=model.run.id)
    if st.button("Predict on …", icon=":material/image_search:", key=f"predict-{model.run.id}"):
        _run_actions.predict_dialog(workspace, model.run)
    if st.button("Delete", icon=":material/delete:", key=f"delete-{model.run.id}"):
        _run_actions.delete_dialog(workspace, [model.run.id])


def _compare(task: Task, chosen: Sequence[Model]) -> None:
    if len(chosen) > 1:
        left, right = st.columns(2, gap="large")
        with left:
            _figures(chosen)
        with right:
            _differences(chosen)
    found = {model.label: progress.status(model.run).curves for model in chosen}
    names = {name for one in found.values() for name in one}
    shown = [one for one in figures.merged(model.figures for model in chosen) if one.name in names]
    losses = dict.fromkeys(name for one in found.values() for name in _charts.losses(one))
    if shown or losses:
        frame.section("Curves", "one line for each model")
        curves(_charts.overlaid(found, [*shown, *map(_charts.loss, losses)]), f"compare-{task.name}")


def _figures(chosen: Sequence[Model]) -> None:
    frame.section("Figures", "best of each row in bold")
    rows = [_line("", [model.label for model in chosen]), Markdown("|---" * (len(chosen) + 1) + "|")]
    for one in _figures_of(chosen):
        values = [model.metrics.get(one.name) for model in chosen]
        best = one.best(values)
        rows.append(_line(one.title, [_cell(one, value, best) for value in values]))
    scored = {_measured(model) for model in chosen if model.scored}
    st.markdown(joined(rows, "\n"))
    if len(scored) > 1:
        st.warning("These figures were measured on different data: they do not compare.", icon=":material/warning:")


def _line(name: str, cells: Sequence[str]) -> Markdown:
    return md("| {} | {} |", name, joined(cells, " | "))


def _cell(one: Figure, value: Value, best: float | None) -> Markdown:
    return md("**{}**" if value is not None and value == best else "{}", one.text(value))


def _measured(model: Model) -> tuple[str, str]:
    """Dataset and split that the figures are of."""
    view = model.scored.request.view if model.scored else model.request.view
    split = next(iter(_results.splits(model.scored)), "–") if model.scored else "–"
    return view.dataset if view else "–", split


def _differences(chosen: Sequence[Model]) -> None:
    frame.section("What differs in the config")
    names = dict.fromkeys(name for model in chosen for name in model.request.config)
    rows = [
        {"option": title(name), **{model.label: number(model.request.config.get(name)) for model in chosen}}
        for name in names
        if len({str(model.request.config.get(name)) for model in chosen}) > 1
    ]
    if rows:
        st.dataframe(rows, hide_index=True, height="content" if len(rows) <= 12 else 300)
    else:
        st.caption("Nothing: the same options.")


def _task_title(name: str) -> str:
    return registry.task(name).title if name else "What the file says"


@st.dialog("Bring a weights file", width="medium")
def _bring(workspace: Workspace) -> None:
    """Ask for a file, a task and a name; a job checks the file and makes a run of it."""
    st.markdown("A model that was trained elsewhere becomes a run here: it can predict, be scored and be reviewed.")
    path = st.text_input(
        "Weights file", placeholder="/folder/of/yours/best.pt", help="a path on the machine that runs Foveal"
    )
    file = Path(path).expanduser() if path else None
    task = st.selectbox("Task", ["", *registry.TASKS], format_func=_task_title)
    name = st.text_input("Name", file.stem if file else "")
    st.caption(":material/security: Weights are read as plain data: nothing in the file is run.")
    if file and not file.is_file():
        st.error(md("Expected a file, found nothing at {}.", file))
    if st.button("Bring in", type="primary", width="stretch", disabled=not (file and file.is_file())):
        assert file is not None
        try:
            run = queue.adopt(workspace, file, task, name=name or file.stem)
        except PipelineError as error:
            st.error(plain(error))
            return
        navigation.go("jobs", run=run.id)
