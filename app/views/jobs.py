"""Jobs: queued, running and ended ones; with `run` in the address, one run."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import navigation
from app.components import page as frame
from app.components.inline import style
from app.components.markdown import md, plain
from app.components.words import ago, duration, state_badge
from app.views import _results, _run_actions, run
from datasets.workspace import Workspace
from pipelines.jobs import queue
from pipelines.jobs.ledger import Job
from pipelines.runs import progress, reports
from pipelines.runs.run import Run

REFRESH = 2.0
SIGNS = {"done": "✓", "failed": "✕", "cancelled": "■", "lost": "?"}
KINDS = {"adopt": "brought in", "rank": "what to label next"}
SHOWN = 200  # length of the history; older jobs are on disk, and `python -m app jobs` lists them


def page() -> None:
    """Draw the page."""
    workspace = Workspace.current()
    style("models")
    asked = st.query_params.get("run")
    if asked and asked.isalnum() and Run(workspace.runs / asked).job.is_file():
        run.draw(workspace, asked)
        return
    actions = frame.header(
        "Jobs", "trainings, predictions and weights brought in; they run on when this page is closed"
    )
    with actions:
        navigation.link("Train a model", "train", icon=":material/model_training:")
    if asked:
        st.warning(md("There is no run {}; it may have been deleted.", asked), icon=":material/search_off:")
    found = queue.jobs(workspace)
    if not found:
        _nothing()
        return
    active = [job.run for job in found if not job.ended_already]
    if active:
        frame.section("Now", "one job at a time on each device")
        st.fragment(_active, run_every=REFRESH)(workspace, active)
    _history(workspace, [job for job in found if job.ended_already])


def _nothing() -> None:
    with frame.empty("No jobs yet", "A training appears here as soon as you start one.", "list_alt"):
        navigation.link("Train a model", "train", icon=":material/model_training:")


def _active(workspace: Workspace, known: Sequence[str]) -> None:
    found = [job for job in queue.jobs(workspace) if not job.ended_already]
    if [job.run for job in found] != list(known):
        st.rerun(scope="app")
    for job in sorted(found, key=lambda one: (one.state != "running", one.position or 0)):
        with st.container(border=True, key=f"job-{job.run}"):
            _row(workspace, job)


def _row(workspace: Workspace, job: Job) -> None:
    status = progress.status(Run(workspace.runs / job.run))
    name, meter, actions = st.columns([3, 5, 2], vertical_alignment="center", gap="medium")
    with name:
        navigation.link(md("**{}**", job.name), "jobs", run=job.run)
        st.caption(md("{} {} · {}", state_badge(job.state), KINDS.get(job.kind, job.kind), _place(job)))
    with meter:
        if job.state == "running":
            st.progress(run.fraction(status), text=plain(run.sentence(status)))
        else:
            st.caption("starts when the device is free")
    with actions, st.container(horizontal=True, horizontal_alignment="right"):
        _run_actions.stop(workspace, job)


def _place(job: Job) -> str:
    return f"place {job.position} in the queue" if job.position else f"on {job.device or 'this machine'}"


def _history(workspace: Workspace, ended: Sequence[Job]) -> None:
    if not ended:
        return
    frame.section("History", "click a name to open it; tick rows to delete them")
    ended = [job for job in ended if Run(workspace.runs / job.run).job.is_file()]  # folders may be removed by hand
    rows = [_told(workspace, job) for job in ended[:SHOWN]]
    columns = {
        "name": st.column_config.TextColumn("Name", width="medium"),
        "state": st.column_config.TextColumn("State", width="small"),
        "kind": st.column_config.TextColumn("Kind", width="small"),
        "dataset": st.column_config.TextColumn("Dataset"),
        "preset": st.column_config.TextColumn("Preset"),
        "figure": st.column_config.TextColumn("Main figure", help="on the first scored split of test, val, train"),
        "took": st.column_config.TextColumn("Took"),
        "ended": st.column_config.TextColumn("Ended"),
        "run": st.column_config.TextColumn("Run", width="small"),
    }
    chosen: Any = st.dataframe(
        rows, column_config=columns, column_order=list(columns), hide_index=True, key="history",
        on_select="rerun", selection_mode=["multi-row", "single-cell"], height="content" if len(rows) <= 12 else 620,
    )  # fmt: skip
    if chosen.selection.cells:
        navigation.go("jobs", run=str(rows[chosen.selection.cells[0][0]]["run"]))
    marked = [ended[at] for at in chosen.selection.rows]
    if marked and st.button(md("Delete {}", len(marked)), icon=":material/delete:"):
        _run_actions.delete_dialog(workspace, [job.run for job in marked])


def _told(workspace: Workspace, job: Job) -> Mapping[str, Any]:
    folder = Run(workspace.runs / job.run)
    request = folder.request
    metrics = _results.metrics(folder)
    main = next(iter(_results.known(reports.figures_of(folder), metrics)), None) if metrics else None
    return {
        "name": job.name,
        "state": f"{SIGNS[job.state]} {job.state}",
        "kind": KINDS.get(job.kind, job.kind),
        "dataset": request.view.dataset if request.view else "–",
        "preset": request.preset or "–",
        "figure": f"{main.title} {main.text(metrics[main.name])}" if main else "–",
        "took": duration(job.ended - job.started) if job.started and job.ended else "–",
        "ended": ago(job.ended),
        "run": job.run,
    }
