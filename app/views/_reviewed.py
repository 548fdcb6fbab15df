"""Which runs have been scored on which datasets."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from datasets.evaluation import protocols, stored
from datasets.evaluation.protocols import Protocol
from datasets.storage import store
from datasets.workspace import Workspace
from pipelines.runs.run import Run


@dataclass(frozen=True)
class Scored:
    """A run whose predictions on a dataset have been scored: its fields, the protocol, the scored splits."""

    run: str
    name: str
    dataset: str
    field: str
    label_field: str
    protocol: Protocol
    splits: tuple[str, ...]

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
        if key in found:
            continue
        path = stored.table_path(request.view.dataset, model.id, home)
        if path.is_file():
            protocol, splits = _about(path, path.stat().st_mtime_ns)
            found[key] = Scored(
                model.id, model.request.name, request.view.dataset, model.field, request.label_field, protocol, splits
            )
    return list(found.values())


@lru_cache(maxsize=512)
def _about(path: Path, stamp: int) -> tuple[Protocol, tuple[str, ...]]:  # noqa: ARG001  a new stamp is a new evaluation
    """Protocol and scored splits of a stored evaluation."""
    about = stored.read_about(path)
    return protocols.protocol(about["protocol"]), tuple(name for name in about["reports"] if name)
