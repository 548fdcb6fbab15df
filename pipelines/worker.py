"""`python -m pipelines.worker <run folder> train|predict|adopt|make|embed`: steps that need torch, in a process apart.

It opens no database and imports no fiftyone, so Ultralytics and Lightning may start their distributed children from it.
SIGTERM asks it to stop: training ends after the current batch and keeps its best and last checkpoint.
Exit codes: 0 done, 3 stopped on request, 1 failed (the cause stands as an `error` event), 28 for a full disk.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.tables import write_table
from datasets.workspace import Workspace, settle
from pipelines import registry
from pipelines.errors import DataError, Stopped
from pipelines.job import Job
from pipelines.runs import checkpoints, failures
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run, write_durable

DONE, STOPPED = 0, 3


def main(argv: list[str]) -> int:
    """Do one part of a run. Returns the exit code."""
    run, part = Run(Path(argv[0]).resolve()), argv[1]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settle(workspace_of(run))
    events = EventWriter(run.events if _first() else Path(os.devnull))
    try:
        PARTS[part](run, events, stop)
    except Stopped as stopped:
        with suppress(OSError):  # into the log
            print(stopped)  # noqa: T201
        return STOPPED
    except Exception as error:
        return failures.report(error, events)
    return DONE


def _first() -> bool:
    """Whether this is the first of the processes that learn together: it alone writes events."""
    return os.environ.get("LOCAL_RANK", "0") == "0"


def workspace_of(run: Run) -> Workspace:
    """The workspace that a run folder lies in."""
    return Workspace(run.folder.parent.parent)


def train(run: Run, events: EventWriter, stop: threading.Event) -> None:
    """Leave a checkpoint folder. Raises what the task's trainer raises."""
    registry.trainer(run.request.task)(Job.of(run, events, stop))


def predict(run: Run, events: EventWriter, stop: threading.Event) -> None:
    """Leave `predictions.parquet` for the splits that the request names, by the checkpoint of its source.

    Options of the request win over those that the source was trained with.
    """
    request = run.request
    source = Run.find(workspace_of(run), request.source) if request.source else run
    run.work.mkdir(exist_ok=True)
    manifest = of_splits(run.manifest, request.splits, run.work / "predict.parquet")
    config = {**source.request.config, **request.config}
    checkpoints.verified(checkpoints.load(source.checkpoint))
    job = replace(Job.of(run, events, stop), checkpoint=source.checkpoint, manifest=manifest, config=config)
    registry.predictor(request.task)(job)


def adopt(run: Run, _events: EventWriter, _stop: threading.Event) -> None:
    """Make the checkpoint folder from the weights file that the config names; its task, if the request has none.

    The folder appears when the request is complete.
    """
    made, request = run.folder / "adopted", run.request
    task = registry.adopt(Path(request.config["weights"]), made, request.task)
    if not request.task:
        write_durable(run.job, request.model_copy(update={"task": task}).model_dump_json(indent=2))
    made.rename(run.checkpoint)


def make(run: Run, events: EventWriter, stop: threading.Event) -> None:
    """Leave `predictions.parquet` of new samples, by the checkpoint of the request's source."""
    request = run.request
    run.work.mkdir(exist_ok=True)
    source = Run.find(workspace_of(run), request.source) if request.source else run
    checkpoints.verified(checkpoints.load(source.checkpoint))
    config = {**source.request.config, **request.config}
    registry.maker(request.task)(replace(Job.of(run, events, stop), checkpoint=source.checkpoint, config=config))


def embed(run: Run, events: EventWriter, stop: threading.Event) -> None:
    """Leave `embeddings.parquet` of all samples of the manifest, by the checkpoint of the request's source."""
    source = Run.find(workspace_of(run), str(run.request.source))
    config = {**source.request.config, **run.request.config}
    job = replace(Job.of(run, events, stop), checkpoint=source.checkpoint, config=config, out=run.embeddings)
    registry.embedder(run.request.task)(job)


def of_splits(manifest: Path, splits: tuple[str, ...], out: Path) -> Path:
    """The manifest of these splits alone, written to `out`; for no splits the manifest itself. Raises DataError."""
    if not splits:
        return manifest
    table = pq.read_table(manifest)
    rows = table.filter(pc.is_in(table["split"], pa.array(splits, pa.string())))
    if not rows.num_rows:
        found = ", ".join(sorted({str(name) for name in table["split"].to_pylist()})) or "none"
        raise DataError(
            f"expected samples in the splits {', '.join(splits)}, found the splits {found}; "
            "split the dataset, or choose other splits"
        )
    write_table(rows, out)
    return out


PARTS: Mapping[str, Callable[[Run, EventWriter, threading.Event], None]] = {
    "train": train,
    "predict": predict,
    "adopt": adopt,
    "make": make,
    "embed": embed,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
