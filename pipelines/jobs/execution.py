"""One job from its frozen request to its report: every step in order, but for those that are complete already."""

import json
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from datasets.errors import Cancelled
from datasets.workspace import settle
from pipelines import clock, mlflow_log, resources
from pipelines.errors import Stopped
from pipelines.jobs.processes import KEPT
from pipelines.jobs.states import STOPPED
from pipelines.jobs.steps import STEPS, Context, WorkerError
from pipelines.runs import failures
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run, write_durable
from pipelines.worker import workspace_of

SAMPLING = 2.0  # seconds between two looks at the machine's load


def execute(run: Run) -> int:
    """Do every step that is not complete. Returns the exit code: 0 done, 1 failed, 3 stopped on request."""
    context = Context(settle(workspace_of(run)), run, EventWriter(run.events))
    _listen(context)
    context.events.write("start", pid=os.getpid(), resumed=bool(complete(run)), boot=clock.boot())
    with _sampling(context.events):
        try:
            _go_through(context)
        except (Stopped, Cancelled):
            return STOPPED
        except WorkerError as failed:
            return failed.code
        except Exception as error:
            return failures.report(error, context.events)
    return 0


def names(run: Run) -> Sequence[str]:
    """The steps of a job of this kind, in order."""
    return [step.__name__ for step in STEPS[run.request.kind]]


def complete(run: Run) -> list[str]:
    """The steps that an earlier attempt ended and whose output is still there; none after the first that is not."""
    try:
        recorded = json.loads((run.folder / "steps.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    outputs = {
        "freeze": run.manifest, "train": run.checkpoint, "adopt": run.checkpoint, "predict": run.predictions,
        "make": run.predictions, "embed": run.embeddings,
    }  # fmt: skip
    found = []
    for name in names(run):
        if name not in recorded or (name in outputs and not outputs[name].exists()):
            break
        found.append(name)
    return found


def _go_through(context: Context) -> None:
    run, order = context.run, STEPS[context.run.request.kind]
    ended = complete(run)
    for index, step in enumerate(order, start=1):
        name = step.__name__
        if name in ended:
            continue
        if context.stop.is_set():
            raise Stopped("the job was asked to stop")
        context.events.write("step", name=name, index=index, count=len(order))
        step(context)
        ended = [*ended, name]
        write_durable(run.folder / "steps.json", json.dumps(ended))
    if KEPT not in os.environ:
        mlflow_log.record(context.workspace, run, context.events)


def _listen(context: Context) -> None:
    def ask(*_: object) -> None:
        context.stop.set()
        if context.child:
            context.child.terminate()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


@contextmanager
def _sampling(events: EventWriter) -> Iterator[None]:
    """Resource events while a job runs; from this process, so that the trainer loses nothing."""
    ended = threading.Event()

    def watch() -> None:
        resources.sample()
        while not ended.wait(SAMPLING):
            with suppress(OSError):  # a full disk is told by what matters
                events.write("resource", **resources.sample())

    thread = threading.Thread(target=watch, name="resources", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
