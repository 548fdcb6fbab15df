"""One run: its progress, its curves, its results. All is read from disk, so every tab shows the same."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app import navigation
from app.components import page as frame
from app.components.curves import COLORS, Chart, Series, curves
from app.components.markdown import document, md, plain
from app.components.words import ago, counted, duration, number, state_badge, title
from app.views import _charts, _config, _results, _run_actions
from datasets.evaluation.figures import LOSS, NOTHING
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import RunNotFound
from pipelines.jobs import queue
from pipelines.jobs.ledger import Job
from pipelines.runs import progress, reports
from pipelines.runs.failures import tail
from pipelines.runs.progress import RunStatus
from pipelines.runs.run import Run

REFRESH = 1.0
LINES = 200  # lines of the log
STEPS = {
    "freeze": "freezing the manifest",
    "check": "checking the data",
    "train": "training",
    "adopt": "reading the weights",
    "predict": "predicting",
    "make": "making samples",
    "store": "storing predictions",
    "score": "scoring",
    "card": "writing the card",
    "wait": "waiting for the training",
    "embed": "computing embeddings",
    "rank": "choosing what to label next",
}


def draw(workspace: Workspace, run_id: str) -> None:
    """Draw the page of one run. Raises RunNotFound."""
    run, job = Run.find(workspace, run_id), queue.job(workspace, run_id)
    actions = frame.header(run.request.name, _subtitle(run, job))
    with actions:
        _run_actions.buttons(workspace, run, job)
    if job.ended_already:
        status = progress.status(run)
        _state(run, job, status)
        _figures(run)
        _learned(run, job, status)
        _model(run)
        _more(run, None)
    else:
        st.fragment(_live, run_every=REFRESH)(workspace, run, job.state, job.attempt)
        _more(run, 2 * REFRESH)


def sentence(status: RunStatus) -> str:
    """The run's progress, in one line."""
    if not status.step:
        return "starting"
    words = [STEPS.get(status.step, status.step)]
    if status.step == "train" and status.epochs:
        words.append(f"epoch {min(status.epoch + 1, status.epochs)} of {status.epochs}")
    elif status.total:
        words.append(f"{status.done:,} of {status.total:,}")
    if status.eta is not None:
        words.append(f"{duration(status.left())} left")
    if status.speed and status.step == "train":
        words.append(f"{status.speed:.3g} images/s")
    return " · ".join(words)


def fraction(status: RunStatus) -> float:
    """The fraction of the current step that is done, 0 to 1."""
    if status.step == "train":
        inside = status.batch / status.batches if status.batches else 0.0
        done, total = status.epoch + inside, status.epochs
    else:
        done, total = status.done, status.total
    return min(1.0, done / total) if total else 0.0


def _subtitle(run: Run, job: Job) -> str:
    request = run.request
    words = [registry.task(request.task).title, request.kind, request.preset]
    words.append(request.view.dataset if request.view else "")
    words.append(f"run {run.id}")
    words.append(f"asked for {ago(job.created)}")
    return " · ".join(word for word in words if word)


def _live(workspace: Workspace, run: Run, state: str, attempt: int) -> None:
    try:
        job = queue.job(workspace, run.id)
    except RunNotFound:  # deleted in another tab
        st.rerun(scope="app")
    if (job.state, job.attempt) != (state, attempt):
        st.rerun(scope="app")
    status = progress.status(run)
    _state(run, job, status)
    _learned(run, job, status)


def _state(run: Run, job: Job, status: RunStatus) -> None:
    _banner(run, job, status)
    _strip(job, status)
    _findings(status.findings)


def _learned(run: Run, job: Job, status: RunStatus) -> None:
    """The curves of a training."""
    if run.request.kind != "train" or (job.ended_already and not status.curves):
        return
    shown = _charts.charts(status.curves, reports.figures_of(run))
    if not job.ended_already:
        shown = [replace(chart, x_range=(1, max(2, status.epochs))) for chart in shown]  # up to the last epoch
        lines = [Series("train", status.loss, COLORS[0])]
        shown.insert(1, Chart(LOSS.title, lines, y_title=f"{LOSS.better} is better"))
    curves(shown, f"curves-{run.id}")


def _banner(run: Run, job: Job, status: RunStatus) -> None:
    if job.state in ("failed", "lost"):
        nothing = {"title": f"The job is {job.state}", "cause": "it left no word; see the log", "action": "resume it"}
        error = status.error or nothing
        action = md("\n\n**What to do:** {}", error["action"]) if error["action"] else ""
        st.error(md("**{}**\n\n{}{}", error["title"], error["cause"], action), icon=":material/error:")
    elif job.state == "cancelled":
        kept = "The best checkpoint so far is kept; resume goes on from the last one."
        none = "It has no checkpoint yet; resume starts over with the same manifest."
        st.warning(md("Stopped. {}", kept if run.checkpoint.is_dir() else none), icon=":material/stop_circle:")
    elif job.state == "running" and job.want == "stop":
        st.info(
            "Stopping: it ends after the current batch and keeps its best checkpoint.", icon=":material/hourglass_top:"
        )
    elif job.state == "running" and status.stale():
        st.warning(md("Nothing heard for {}; see the log.", duration(status.silence())), icon=":material/help:")


def _strip(job: Job, status: RunStatus) -> None:
    with st.container(border=True, key="run-strip"):
        state, meter, numbers = st.columns([1.1, 4, 4.4], vertical_alignment="center", gap="medium")
        state.markdown(state_badge(job.state))
        if job.state == "running":
            step = md("step {} of {}: ", status.index, status.count) if status.count else ""
            meter.progress(fraction(status), text=md("{}{}", step, sentence(status)))
        elif job.state == "queued":
            meter.caption(md("place {} in the queue; starts when the device is free", job.position))
        else:
            took = f", took {_took(job)}" if job.started else ""
            attempt = f", attempt {job.attempt}" if job.attempt > 1 else ""
            meter.caption(md("ended {}{}{}", ago(job.ended), took, attempt))
        with numbers:
            frame.figures(_numbers(job, status))


def _numbers(job: Job, status: RunStatus) -> dict[str, str]:
    found = {"Epoch": f"{status.epoch} of {status.epochs}"} if status.epochs else {}
    if job.state != "running":
        return found | ({"Device": job.device} if job.device else {})
    found["Time left"] = duration(status.left())
    found["Running"] = _took(job)
    for name, value in (status.resources[-1] if status.resources else {}).items():
        if name != "time" and value is not None:
            found[name.replace("_", " ").upper()] = f"{value:.0f} %"
    return found


def _took(job: Job) -> str:
    return duration(max(0.0, (job.ended or time.time()) - job.started)) if job.started else "–"


def _findings(findings: Sequence[Mapping[str, Any]]) -> None:
    if not findings:
        return
    errors = sum(one["severity"] == "error" for one in findings)
    icon = ":material/error:" if errors else ":material/info:"
    count = md("{} about the data", counted(len(findings), "finding"))
    with st.expander(count, icon=icon, expanded=errors > 0):
        st.dataframe(findings, hide_index=True, column_order=["severity", "where", "expected", "found", "action"])


def _figures(run: Run) -> None:
    parts = _results.splits(run)
    if not parts:
        return
    known = _results.known(reports.figures_of(run), *(report.metrics for report in parts.values()))
    frame.section("Figures", "every scored split; the metric card says how they were made")
    for split, report in parts.items():
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"figures-{split}"):
            st.markdown(md("**{}**", split), width=70)
            told = {one.title: one.text(report.metrics.get(one.name)) for one in known}
            frame.figures({name: text for name, text in told.items() if text != NOTHING})
            with st.popover("Metric card", icon=":material/info:"):
                card = report.card.plain().items()
                st.table({plain(title(name)): plain(_words(value)) for name, value in card if _simple(value)})
            source = run.request.source or run.id
            query = {"run": source, **({"dataset": run.request.view.dataset} if run.request.view else {})}
            navigation.link(
                "Review errors", "review", icon=":material/rate_review:",
                **query, **({"split": split} if split != "all" else {}),
            )  # fmt: skip


def _model(run: Run) -> None:
    """What the checkpoint is: classes, weights and their hash."""
    found = _results.checkpoint(run)
    if found is None:
        return
    frame.section("Model", "classes join model and dataset by name")
    size = found.weights.stat().st_size / 2**20
    frame.figures(
        {
            "Family": found.family,
            "Classes": len(found.classes),
            "Weights": f"{found.weights.name}, {size:.1f} MB",
            "SHA-256": f"{found.sha256[:12]}…",
        }
    )
    most = 24
    more = [f"and {len(found.classes) - most} more"] if len(found.classes) > most else []
    frame.chips([*found.classes[:most], *more])


def _simple(value: object) -> bool:
    """Whether a value of a card fits in a row: no matrix, no table of classes, nothing unknown."""
    matrix = isinstance(value, list) and any(isinstance(row, list) for row in value)
    return value not in (None, "", []) and not matrix and not isinstance(value, Mapping)


def _words(value: object) -> str:
    return "; ".join(map(number, value)) if isinstance(value, list) else number(value)


def _more(run: Run, every: float | None) -> None:
    log, config, card, request = st.tabs(["Log", "Config", "Model card", "Request"])
    with log:
        st.fragment(_log, run_every=every)(run)
    with config:
        _config.table(run.request)
    with card:
        if run.card.is_file():
            st.markdown(
                document(run.card.read_text(encoding="utf-8").split("\n---\n", 1)[-1])
            )  # without its front matter
        else:
            st.caption("Written when the run is done.")
    with request:
        st.code(run.job.read_text(encoding="utf-8"), language="json")
        st.caption(md("Run folder: {}", run.folder))


def _log(run: Run) -> None:
    st.code(tail(run.log, LINES) or "the log is empty", language=None, height=320)
