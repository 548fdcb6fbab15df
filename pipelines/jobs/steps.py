"""The steps of a job by its kind; of a training they are 2 to 7 of the way of one sample.

Each leaves a file or a field. The parts that need torch run in a child process (`pipelines/worker.py`), the others
here; fiftyone is imported only by the steps that need it.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from datasets.errors import Cancelled, EvaluationError, FieldError
from datasets.records import Progress
from datasets.viewspec import ViewSpec
from datasets.workspace import ROOT, Workspace
from pipelines import registry, scoring
from pipelines.errors import DataError, PipelineError, Stopped
from pipelines.jobs import ledger
from pipelines.jobs.states import DISK_FULL, STOPPED
from pipelines.runs import cards, checkpoints, failures, reports
from pipelines.runs.events import EventWriter, read_events
from pipelines.runs.evidence import Memory
from pipelines.runs.reports import RunReport
from pipelines.runs.run import JobKind, Ranking, Run, write_durable

# glibc gives the memory of large arrays back to the system after every step of a training, and asks for it again: 13 %
# of the time of a small network on a processor. The worker keeps it instead; its end gives it back.
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}


PATIENCE = 60.0  # seconds that a job waits for one that is still in the queue


class WorkerError(PipelineError):
    """A child process failed; its `error` event is written already. `code` is what the job ends with."""

    def __init__(self, part: str, code: int) -> None:
        self.code = code if code == DISK_FULL else 1
        super().__init__(f"{part} ended with exit code {code}")


@dataclass
class Context:
    """What every step needs."""

    workspace: Workspace
    run: Run
    events: EventWriter
    stop: threading.Event = field(default_factory=threading.Event)
    child: subprocess.Popen[bytes] | None = None

    def progress(self) -> Progress:
        """A progress that writes events, and raises Cancelled once the job is asked to stop."""
        since = time.monotonic()

        def report(done: int, total: int) -> None:
            if self.stop.is_set():
                raise Cancelled("the job was asked to stop")
            self.events.progress(done, total, since=since)

        return report

    @property
    def source(self) -> Run:
        """The run whose checkpoint predicts, and whose field holds the predictions."""
        source = self.run.request.source
        return Run.find(self.workspace, source) if source else self.run

    @property
    def view(self) -> ViewSpec:
        """What the job works on. Raises DataError without one."""
        if self.run.request.view is None:
            raise DataError("expected a view to work on, found none in the request; submit the job with a view")
        return self.run.request.view


def freeze(context: Context) -> None:
    """The view as `manifest.parquet`; a manifest that is there already is kept.

    A training gets the samples that were labelled. For a prediction, labels of a kind that the task does not know are
    none.
    """
    from datasets.handover import manifest
    from datasets.storage import store

    run, request = context.run, context.run.request
    if run.manifest.exists():
        return
    field: str | None = request.label_field
    if request.kind != "train":
        kinds = registry.task(request.task).label_kinds
        field = field if store.summary(context.view.dataset).label_fields.get(request.label_field) in kinds else None
    manifest.freeze(context.view, field, run.manifest, context.progress(), learn=request.kind == "train")


def check(context: Context) -> None:
    """Findings of the pre-flight as events. Raises DataError when an error among them stops a training."""
    from datasets.handover import preflight

    trains = context.run.request.kind == "train"
    masks = registry.task(context.run.request.task).needs_masks
    needed = ("train", "val") if trains else ()
    found = preflight.check(context.run.manifest, needed, labels=trains, needs_masks=masks)
    for finding in found:
        context.events.write("finding", **asdict(finding))
    first = next((finding for finding in found if finding.severity == "error"), None)
    if first and trains:
        raise DataError(str(first).removeprefix("error: "))


def train(context: Context) -> None:
    """A checkpoint folder, made by the worker."""
    work(context, "train")


def predict(context: Context) -> None:
    """`predictions.parquet`, made by the worker."""
    work(context, "predict")


def store(context: Context) -> None:
    """Predictions into the dataset, as the field of the run whose model made them."""
    from datasets.handover import predictions

    run, source = context.run, context.source
    about = {**_model(source), "run": source.id, "job": run.id, "dataset_revision": cards.revision(run)}
    about["splits"], about["label_field"] = list(run.request.splits), run.request.label_field
    about["confidence_floor"] = run.request.config.get("confidence", about["confidence_floor"])
    stored = predictions.store(context.view.dataset, source.field, run.predictions, about, context.progress())
    for finding in stored.findings:
        context.events.write("finding", **asdict(finding))


def score(context: Context) -> None:
    """Figures of every predicted split into `report.json`, and the card of the run.

    Samples without labels that can be scored are no failure of a prediction: a note says so.
    """
    run, source, request = context.run, context.source, context.run.request
    try:
        report = _evaluate(context.view.dataset, source, request.label_field, context.progress())
    except (EvaluationError, FieldError) as error:
        if request.kind == "train":
            raise
        context.events.write("note", text=f"not scored: {error}")
        write_durable(run.card, cards.render(run))
        return
    reports.write(run, report)
    write_durable(run.card, cards.render(run, report))


def adopt(context: Context) -> None:
    """A checkpoint folder from a weights file that was trained elsewhere, made by the worker."""
    work(context, "adopt")


def make(context: Context) -> None:
    """`predictions.parquet` of new samples, made by the worker; the view names the dataset that they go to."""
    work(context, "make")


def wait(context: Context) -> None:
    """Until the run whose model predicts has ended. Raises DataError when it left no model, or has not even begun."""
    source, began = context.source, time.monotonic()
    while (state := _state(context.workspace, source)) in ("queued", "running"):
        if context.stop.is_set():
            raise Stopped("the job was asked to stop")
        if state == "queued" and time.monotonic() - began > PATIENCE:
            raise DataError(f"expected run {source.id} to be trained before, found that it waits too; resume it first")
        context.stop.wait(1)
    if not source.checkpoint.exists():
        raise DataError(f"expected a trained model of run {source.id}, found none; train it to its end first")


def embed(context: Context) -> None:
    """`embeddings.parquet`, made by the worker, where the order needs it, or where labels can be weighed by it."""
    from datasets.labeling import ranking

    asked = context.run.request.ranking or Ranking()
    if ranking.sees(asked.order, context.view.dataset, context.run.request.label_field):
        work(context, "embed")


def rank(context: Context) -> None:
    """The samples to label next, as a field of the dataset, and what labels were worth so far, as a file."""
    from datasets.labeling import ranking, spending

    run, request = context.run, context.run.request
    asked = request.ranking or Ranking()
    others = [Run.find(context.workspace, one) for one in asked.committee]
    seen = run.embeddings if run.embeddings.exists() else None
    tables = ranking.Tables(run.predictions, seen, [one.predictions for one in others])
    made = ranking.choose(context.view, request.label_field, tables, asked.order, asked.count, run=str(request.source))
    context.events.write("note", text=f"{made.count:,} of {made.pool:,} unlabelled samples chosen: {made.order}")
    found = spending.weigh(context.view.dataset, request.label_field, run.manifest, seen) if seen else None
    if found is not None:
        write_durable(run.efficiency, found.written())
    write_durable(run.card, cards.render(run))


# Steps of a job in order, by its kind; the name of a step is that of its function.
STEPS: Mapping[JobKind, tuple[Callable[[Context], None], ...]] = {
    "train": (freeze, check, train, predict, store, score),
    "predict": (freeze, check, predict, store, score),
    "adopt": (adopt,),
    "make": (make, store),
    "rank": (wait, freeze, check, predict, store, embed, rank),
}


def work(context: Context, part: str) -> None:
    """Run one part in the worker and wait. Raises Stopped, or WorkerError once the cause stands as an event."""
    _, offset = read_events(context.run.events)
    command = [sys.executable, "-m", "pipelines.worker", str(context.run.folder), part]
    # Of the environment, which is that of whoever woke the supervisor, weights are those of whoever asked for the run.
    folders = {"FOVEAL_WEIGHTS": os.pathsep.join(context.run.request.weights_folders)}
    environment = KEEP_MEMORY | dict(os.environ) | folders
    memory = Memory.now()
    context.child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment)
    if context.stop.is_set():  # asked before there was a child to tell
        context.child.terminate()
    code = context.child.wait()
    context.child = None
    if code == STOPPED or (code and context.stop.is_set()):
        raise Stopped("the job was asked to stop")
    if code:
        events, _ = read_events(context.run.events, offset)
        if not any(event["kind"] == "error" for event in events):
            with suppress(OSError):  # of a full disk the exit code tells
                context.events.write("error", **failures.explain_exit(code, context.run.log, memory.ran_out()))
        raise WorkerError(part, code)


def _state(workspace: Workspace, run: Run) -> str:
    with ledger.opened(workspace) as db:
        found = ledger.find(db, run.id)
    return found.state if found else "done"


def _evaluate(dataset: str, source: Run, label_field: str, progress: Progress) -> RunReport:
    return RunReport.of(scoring.evaluate(source, dataset, label_field, progress=progress).reports)


def _model(source: Run) -> dict[str, Any]:
    checkpoint = checkpoints.load(source.checkpoint)
    task = registry.task(checkpoint.task)
    options = {**task.config.model_construct().model_dump(), **checkpoint.config}
    return {
        "weights": checkpoint.weights.name,
        "weights_hash": checkpoint.sha256,
        "classes": list(checkpoint.classes),
        "task": checkpoint.task,
        "output": task.output,
        "label_kind": checkpoint.kind,
        "skeleton": checkpoint.skeleton,
        "confidence_floor": options.get("confidence"),
    }
