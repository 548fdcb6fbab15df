"""Which runs have been scored on which datasets."""

from dataclasses import dataclass

from datasets import store
from datasets.evaluation import storing
from datasets.workspace import Workspace
from pipelines.runs import Run


@dataclass(frozen=True)
class Scored:
    """A run whose predictions on a dataset have been scored."""

    run: str
    name: str
    dataset: str
    field: str
    label_field: str

    def __str__(self) -> str:
        return f"{self.name} · {self.dataset}"


def scored(workspace: Workspace | None = None) -> list[Scored]:
    """Every scored run, newest first."""
    home = workspace or Workspace.current()
    runs = {run.id: run for run in Run.all(home)}
    datasets = set(store.names())
    found: dict[tuple[str, str], Scored] = {}
    for run in runs.values():
        request = run.request
        model = runs.get(request.source or run.id)
        if model is None or request.view is None or request.view.dataset not in datasets:
            continue
        key = (model.id, request.view.dataset)
        if key not in found and storing.table_path(request.view.dataset, model.id, home).is_file():
            found[key] = Scored(model.id, model.request.name, request.view.dataset, model.field, request.label_field)
    return list(found.values())
