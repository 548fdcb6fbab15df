"""What people do with jobs: submit, look, cancel, resume, delete. Every change wakes the supervisor.

A job that `submit` returned is on disk: the run folder first, then its row, both synced.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets.workspace import ROOT, Workspace
from pipelines import families, registry, resources
from pipelines.errors import CheckpointError, ConfigError, JobActive, RunNotFound
from pipelines.jobs import launch, ledger
from pipelines.jobs.ledger import Job
from pipelines.runs import cards, checkpoints, failures
from pipelines.runs.progress import status
from pipelines.runs.run import Run, write_durable


def submit(workspace: Workspace, *, changes: Mapping[str, Any] | None = None, **request: Any) -> Run:
    """Make a run and queue its job. `request` holds the fields of JobRequest except `run`.

    A training without `config` gets the resolved config of its preset (default `balanced`) with `changes`; the other
    kinds take `changes` as their config. Raises UnknownTask, UnknownPreset, ConfigError, RunNotFound.
    """
    if "config" not in request:
        request["config"] = _config(request, changes)
    if request.get("source"):
        _check_predicting(Run.find(workspace, request["source"]), changes or {})
    wish = str(request["config"].get("device", "auto"))
    _check_device(workspace, wish)
    run = Run.create(workspace, **request)
    argv = [sys.executable, "-m", "pipelines.jobs", str(run.folder)]
    enqueue(workspace, run.id, argv, name=request["name"], kind=request["kind"], task=request["task"], wish=wish)
    return run


def adopt(workspace: Workspace, weights: Path, task: str = "", name: str = "") -> Run:
    """Bring in a weights file that was trained elsewhere, as a run that can predict. Blocks for seconds.

    Without a `task` the file tells it. It is read in a process of its own. Raises UnknownTask, CheckpointError with the
    reason; then no run remains.
    """
    if task:
        registry.task(task)
    weights = weights.expanduser().resolve()
    run = Run.create(workspace, kind="adopt", name=name or weights.stem, task=task, config={"weights": str(weights)})
    command = [sys.executable, "-m", "pipelines.worker", str(run.folder), "adopt"]
    with run.log.open("ab") as log:
        code = subprocess.call(
            command,
            env=launch.environment(workspace),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    if code:
        error = status(run).error or failures.explain_exit(code, run.log)
        shutil.rmtree(run.folder)
        raise CheckpointError(f"{error['cause']}; {error['action']}")
    write_durable(run.card, cards.render(run))
    with ledger.opened(workspace) as db:
        ledger.insert(db, run.id, command, name=run.request.name, kind="adopt", task=run.request.task, state="done")
    return run


def enqueue(
    workspace: Workspace,
    run: str,
    argv: Sequence[str],
    *,
    name: str = "",
    kind: str = "train",
    task: str = "",
    wish: str = "auto",
) -> None:
    """Queue any command as the job of this run folder: the low-level half of `submit`."""
    (workspace.runs / run).mkdir(parents=True, exist_ok=True)
    with ledger.opened(workspace) as db:
        ledger.insert(db, run, argv, name=name or run, kind=kind, task=task, wish=wish)
    launch.wake(workspace)


def jobs(workspace: Workspace) -> list[Job]:
    """Every job, newest first; wakes the supervisor when something is left to do and none is there."""
    with ledger.opened(workspace) as db:
        found = ledger.every(db)
    if not all(job.ended_already for job in found):
        launch.wake(workspace)
    return found


def job(workspace: Workspace, run: str) -> Job:
    """The job of this run. Raises RunNotFound."""
    with ledger.opened(workspace) as db:
        found = _must(db, run)
    if not found.ended_already:
        launch.wake(workspace)
    return found


def cancel(workspace: Workspace, run: str) -> None:
    """Take it out of the queue, or ask it to stop: training ends after its batch and keeps the best checkpoint.

    Raises RunNotFound, IllegalMove when it has ended already.
    """
    with ledger.opened(workspace) as db, ledger.transaction(db):
        found = _must(db, run)
        if found.state == "running":
            ledger.change(db, run, want="stop")
        else:
            ledger.move(db, found, "cancelled", want="stop", ended=time.time())
    launch.wake(workspace)


def resume(workspace: Workspace, run: str) -> Run:
    """Queue an ended job again: same run folder, same manifest, same config; finished steps are not repeated.

    Raises RunNotFound, IllegalMove when it is done, queued or running.
    """
    folder = workspace.runs / run
    with ledger.opened(workspace) as db, ledger.transaction(db):
        found = _must(db, run)
        now, attempt = time.time(), found.attempt + 1
        ledger.move(db, found, "queued", want="run", attempt=attempt, queued=now, started=None, ended=None, code=None)
        Run(folder).exit_code.unlink(missing_ok=True)
    launch.wake(workspace)
    return Run(folder)


def delete(workspace: Workspace, run: str) -> None:
    """Remove an ended job and its run folder; predictions in the dataset stay. Raises RunNotFound, JobActive."""
    folder = workspace.runs / run
    with ledger.opened(workspace) as db, ledger.transaction(db):
        found = _must(db, run)
        if not found.ended_already:
            raise JobActive(run, found.state)
        if folder.exists():
            folder.replace(workspace.runs / f".deleted-{run}")
        ledger.remove(db, run)
    for trash in workspace.runs.glob(".deleted-*"):  # also what a killed process left
        shutil.rmtree(trash, ignore_errors=True)


def _must(db: Any, run: str) -> Job:
    found = ledger.find(db, run)
    if found is None:
        raise RunNotFound(run)
    return found


def _config(request: Mapping[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    task = registry.task(request["task"])
    if request["kind"] != "train":
        return dict(changes or {})
    resolved = task.resolve(request.get("preset") or registry.USUAL, changes)
    return dict(resolved.model_dump(mode="json"))


def _check_predicting(source: Run, changes: Mapping[str, Any]) -> None:
    """Raises ConfigError for a change that does not act when the model of a run predicts."""
    if not changes or not source.checkpoint.exists():  # a training that has not ended yet: its job will tell
        return
    found = checkpoints.load(source.checkpoint)
    family = families.of_checkpoint(registry.task(found.task).config.families, found.family)
    for name in changes:
        if name not in family.predicting:
            raise ConfigError(
                f"option {name!r}: expected one that acts when {found.config.get('model', family.title)} predicts, "
                f"{' or '.join(sorted(family.predicting))}; found another"
            )


def _check_device(workspace: Workspace, wish: str) -> None:
    slots = resources.devices(workspace)
    if not resources.fitting(wish, slots):
        known = ", ".join(["auto", *slots])
        raise ConfigError(f"option 'device': expected one of {known} on this machine, found {wish!r}")
