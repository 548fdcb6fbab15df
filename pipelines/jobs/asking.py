"""What a person asks for, checked before a job is made of it: the same for every verb and page.

A job checks its data again when it begins; what is found here costs nobody a place in the queue.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasets.errors import FieldError, ViewError
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines import registry, weights
from pipelines.errors import CheckpointError, DataError
from pipelines.jobs import ledger, queue
from pipelines.registry import Task
from pipelines.runs.run import JobRequest, Run

DEFAULT_FIELD = str(JobRequest.model_fields["label_field"].default)
NEEDED = ("train", "val")  # splits without which nothing can be trained


def submit(workspace: Workspace, *, changes: Mapping[str, Any] | None = None, **request: Any) -> Run:
    """Check, then `queue.submit`, which takes the same and raises the same.

    Raises DatasetNotFound, ViewError for a view or split that is not there or holds nothing, FieldError for a field
    that does not fit, DataError where a split of a training is empty, WeightsMissing, CheckpointError.
    """
    task = registry.task(request["task"])
    _check_view(request["view"])
    _check_field(task, request)
    if request["kind"] == "train":
        _check_splits(request["view"])
        request.setdefault(
            "config", task.resolve(request.get("preset") or registry.USUAL, changes).model_dump(mode="json")
        )
        weights.check(task, request["config"], workspace)
    else:
        task.check(changes or {})
    if request.get("source"):
        _check_source(workspace, request["source"])
    return queue.submit(workspace, changes=changes, **request)


def adopt(workspace: Workspace, file: Path, task: str, view: ViewSpec) -> Run:
    """Check the view, then `queue.adopt`, which takes seconds and leaves a run."""
    _check_view(view)
    return queue.adopt(workspace, file, task)


def _check_view(view: ViewSpec) -> None:
    from datasets.views import pages, splits

    splits.check(view)
    if not pages.count(view):
        what = f"view {view.saved!r} of dataset {view.dataset!r}" if view.saved else f"dataset {view.dataset!r}"
        raise ViewError(f"expected samples in {what}, found none; widen its filters, or choose another view")


def _check_field(task: Task, request: Mapping[str, Any]) -> None:
    """A training needs a field that its task learns from; a prediction may have none to be scored against."""
    from datasets.handover import learnable
    from datasets.storage import store

    dataset, field = request["view"].dataset, request.get("label_field", DEFAULT_FIELD)
    known = store.summary(dataset).label_fields
    listed = ", ".join(f"{name} ({kind})" for name, kind in known.items()) or "none"
    if field not in known and (request["kind"] == "train" or field != DEFAULT_FIELD):
        raise FieldError(f"expected a label field of dataset {dataset!r}, found {field!r}; its label fields: {listed}")
    if request["kind"] != "train":
        return
    if field not in learnable.fields(dataset, task.label_kinds, masks=task.needs_masks):
        needed = " or ".join(task.label_kinds) + (" with masks" if task.needs_masks else "")
        raise FieldError(
            f"expected a field of {needed} for the task {task.name}, found {field!r} with {known[field]}; "
            f"choose another task, or another of the label fields: {listed}"
        )


def _check_splits(view: ViewSpec) -> None:
    from datasets.views import pages

    counts = {name: pages.count(view.of_splits(name)) for name in NEEDED}
    for name, count in counts.items():
        if not count:
            others = ", ".join(f"{other}: {n:,}" for other, n in counts.items() if other != name)
            raise DataError(
                f"expected samples in split {name} of dataset {view.dataset!r}, found none ({others}); "
                "split the dataset, or choose a view that holds this split"
            )


def _check_source(workspace: Workspace, name: str) -> None:
    """A run that ended without a model has none to predict with; one that still trains may wait in the queue."""
    source = Run.find(workspace, name)
    if source.checkpoint.exists():
        return
    with ledger.opened(workspace) as db:
        job = ledger.find(db, name)
    if job is None or job.ended_already:
        raise CheckpointError(f"expected a trained model of run {name}, found none; resume it, or choose another run")
