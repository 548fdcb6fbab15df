"""Which tasks can learn from which label fields: tasks declare what they need, datasets know what they hold."""

from datasets.handover import learnable
from datasets.speed.latest import PATIENCE
from pipelines import registry
from pipelines.registry import Task


def fields(task: Task, dataset: str) -> list[str]:
    """The label fields of a dataset that this task can learn from. Raises DatasetNotFound."""
    return learnable.fields(dataset, task.label_kinds, masks=task.needs_masks, patience=PATIENCE)


def fitting(dataset: str, field: str | None = None) -> list[Task]:
    """The tasks that can learn from this label field, or from any of the dataset's. Raises DatasetNotFound."""
    every = [registry.task(name) for name in registry.TASKS]
    return [task for task in every if (found := fields(task, dataset)) and (field is None or field in found)]


def needs(task: Task) -> str:
    """What a task learns from, in words."""
    return " or ".join(task.label_kinds) + (" with masks" if task.needs_masks else "")
