"""What a person can do with a run: stop, resume, retry, delete, predict with it, review it."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, tasks
from app.components.markdown import md, plain
from datasets.errors import DatasetsError
from datasets.records import SPLITS
from datasets.storage import store
from datasets.views import resolve
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import IllegalMove, PipelineError
from pipelines.jobs import asking, queue
from pipelines.jobs.ledger import Job
from pipelines.runs.run import Run


def buttons(workspace: Workspace, run: Run, job: Job) -> None:
    """The actions that make sense in the state of the job."""
    navigation.link("Jobs", "jobs", icon=":material/arrow_back:")
    if not job.ended_already:
        stop(workspace, job)
        return
    usable = run.checkpoint.is_dir()
    if usable and st.button("Predict on …", icon=":material/image_search:"):
        predict_dialog(workspace, run)
    if job.state != "done" and st.button("Resume", icon=":material/play_arrow:", type="primary"):
        queue.resume(workspace, run.id)
        st.rerun()
    if run.request.kind == "train" and st.button(
        "Try again", icon=":material/replay:", help="train anew with these options"
    ):
        again(run)
    if st.button("Delete", icon=":material/delete:"):
        delete_dialog(workspace, [run.id])


def stop(workspace: Workspace, job: Job) -> None:
    """The button that stops a job, or takes it out of the queue."""
    stopping = job.want == "stop"
    text = "Stopping …" if stopping else "Stop" if job.state == "running" else "Cancel"
    help_ = "ends after the current batch; the best checkpoint is kept" if job.state == "running" else None
    if st.button(text, icon=":material/stop_circle:", key=f"stop-{job.run}", disabled=stopping, help=help_):
        try:
            queue.cancel(workspace, job.run)
        except IllegalMove:
            st.toast("It has ended already.", icon=":material/info:")
        st.rerun(scope="app")


def again(run: Run) -> None:
    """Open the Train page with the options of this run."""
    view = run.request.view
    navigation.go("train", run=run.id, task=run.request.task, **({"dataset": view.dataset} if view else {}))


@st.dialog("Delete")
def delete_dialog(workspace: Workspace, runs: Sequence[str]) -> None:
    """Ask, then delete run folders."""
    what = "this run" if len(runs) == 1 else f"{len(runs)} runs"
    st.markdown(md("Delete {}: checkpoint, log, figures? Predictions that are in a dataset stay there.", what))
    if st.button("Delete", type="primary", icon=":material/delete:", width="stretch"):
        try:
            for run in runs:
                queue.delete(workspace, run)
        except PipelineError as error:
            st.error(plain(error))
        else:
            navigation.go("jobs")


@st.dialog("Predict")
def predict_dialog(workspace: Workspace, source: Run) -> None:
    """Choose a dataset and splits, then start a prediction with the checkpoint of a run."""
    names = store.names()
    own = source.request.view.dataset if source.request.view else None
    dataset = st.selectbox("Dataset", names, names.index(own) if own in names else 0)
    if not dataset:
        st.caption("Import a dataset first.")
        return
    known = store.summary(dataset)
    saved = [one.name for one in resolve.list_views(dataset)]
    chosen = st.selectbox("Saved view", saved, None, placeholder="the whole dataset") if saved else None
    splits = st.pills(
        "Splits",
        [one for one in SPLITS if one in known.splits],
        selection_mode="multi",
        help="none: every sample",
        format_func=plain,
    )
    view = ViewSpec(dataset=dataset, saved=chosen)
    view = view.of_splits(*splits) if splits else view
    fields = tasks.fields(registry.task(source.request.task), dataset)
    field = st.selectbox(
        "Score against", fields, help="the label field that predictions are compared with",
        placeholder="no labels of this kind: predictions are not scored",
    )  # fmt: skip
    st.caption(md("Predictions land in the field **{}** of {}; labels are not touched.", source.field, dataset))
    if st.button("Predict", type="primary", icon=":material/image_search:", width="stretch"):
        try:
            run = asking.submit(
                workspace, kind="predict", name=f"{source.request.name} on {dataset}", task=source.request.task,
                config=source.request.config, view=view, label_field=field or "ground_truth", source=source.id,
                splits=(),
            )  # fmt: skip
        except (PipelineError, DatasetsError) as error:
            st.error(plain(error))
        else:
            navigation.go("jobs", run=run.id)
