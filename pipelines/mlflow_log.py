"""Runs in MLflow: parameters, curves and figures, in batches after a run, so that neither trainer nor person waits.

`python -m pipelines.mlflow_log <run folder>` does it in a process of its own.
The store is an SQLite file in the workspace, or the server that MLFLOW_TRACKING_URI names. Failing to write there never
fails a run: the run folder is the truth.
"""

import fcntl
import logging
import os
import re
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from datasets.workspace import Workspace
from pipelines.runs import cards, reports
from pipelines.runs.events import EventWriter, read_events
from pipelines.runs.run import Run, write_durable

METRICS_AT_ONCE, PARAMS_AT_ONCE = 1000, 100  # limits of MLflow's log_batch
LONGEST = 500  # characters of a parameter


def uri(workspace: Workspace) -> str:
    """Where runs are tracked."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{_quoted(workspace.tracking)}"


def _quoted(path: Path) -> str:
    """A path as SQLAlchemy decodes it; quoted only where it must be."""
    return urllib.parse.quote(str(path)) if set("%?") & set(str(path)) else str(path)


def record(workspace: Workspace, run: Run, events: EventWriter) -> None:
    """Write a finished run to MLflow; a note says so when that fails."""
    try:
        _record(workspace, run)
    except Exception as error:
        events.write("note", text=f"the run was not written to MLflow: {type(error).__name__}: {error}")


def _record(workspace: Workspace, run: Run) -> None:
    with _client(workspace) as client:
        number = _number(client, workspace, run)
        for some in _batches(_params(run), PARAMS_AT_ONCE):
            client.log_batch(number, params=some)
        for some in _batches(_metrics(run), METRICS_AT_ONCE):
            client.log_batch(number, metrics=some)
        client.set_terminated(number, "FINISHED")


@contextmanager
def _client(workspace: Workspace) -> Iterator[Any]:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_DISABLE_ENV_CREATION", "true")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from mlflow.tracking import MlflowClient

    # Two processes that lay the tables at once break each other: one at a time.
    with (workspace.home / "mlflow.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield MlflowClient(tracking_uri=uri(workspace))
    quoted = Path(_quoted(workspace.tracking)).parent
    if quoted != workspace.home:
        with suppress(OSError):  # MLflow makes this folder, and writes where the decoded path leads
            os.removedirs(quoted)


def _number(client: Any, workspace: Workspace, run: Run) -> str:
    """MLflow's id of this run: that of an earlier attempt, or a new one."""
    kept = run.folder / "mlflow"
    if kept.exists():
        return kept.read_text()
    request = run.request
    name = request.view.dataset if request.view else "foveal"
    found = client.get_experiment_by_name(name)
    # Without a place of its own MLflow would put artifacts into the current folder.
    place = None if "MLFLOW_TRACKING_URI" in os.environ else workspace.tracking.with_suffix(".artifacts").as_uri()
    experiment = found.experiment_id if found else client.create_experiment(name, place)
    tags = {"foveal.run": run.id, "foveal.task": request.task, "foveal.kind": request.kind}
    started = int(request.created.timestamp() * 1000)
    tags["foveal.revision"] = cards.revision(run)
    made = client.create_run(experiment, start_time=started, tags=tags, run_name=request.name)
    number = str(made.info.run_id)
    write_durable(kept, number)
    return number


def _params(run: Run) -> list[Any]:
    from mlflow.entities import Param

    request = run.request
    values = {"preset": request.preset, "source": request.source or "", **request.config}
    return [Param(name, str(value)[:LONGEST]) for name, value in values.items()]


def allowed(name: str) -> str:
    """The name of a figure as MLflow takes it: letters, digits and `_-. :`, in parts that are no `.`, `..` or empty."""
    parts = (re.sub(r"[^\w.\- :]", "_", part) for part in name.split("/"))
    return "/".join(part if part.strip(".") else "_" for part in parts)


def _metrics(run: Run) -> list[Any]:
    from mlflow.entities import Metric

    found = {}
    events, _ = read_events(run.events)
    for event in events:
        if event["kind"] == "epoch":
            for name, value in event["metrics"].items():
                if value is not None:
                    key = name, event["epoch"]  # a resumed run repeats epochs: the last one counts
                    found[key] = Metric(allowed(name), value, int(event["time"] * 1000), event["epoch"])
    report = reports.read(run)
    when = int(events[-1]["time"] * 1000) if events else 0
    scores = [
        Metric(f"score.{name}", float(value), when, 0)
        for name, value in (report.headline.metrics if report else {}).items()
        if value is not None
    ]
    return [*found.values(), *scores]


def _batches(values: list[Any], most: int) -> Iterator[list[Any]]:
    for start in range(0, len(values), most):
        yield values[start : start + most]


if __name__ == "__main__":
    os.nice(10)
    recorded = Run(Path(sys.argv[1]).resolve())
    record(Workspace(recorded.folder.parent.parent), recorded, EventWriter(recorded.events))
