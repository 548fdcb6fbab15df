"""Addresses of the heat maps of a run's model, for models that support them."""

from collections.abc import Callable
from urllib.parse import quote

from app.views._reviewed import Scored
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.runs.run import Run

Explain = Callable[[str, str], str]  # from sample and class to the address of a heat map


def explained_by(chosen: Scored) -> Explain | None:
    """The addresses of the heat maps; None for a run whose model does not support them."""
    run = Run(Workspace.current().runs / chosen.run)
    if not run.checkpoint.is_dir() or not registry.explains(run.request.task):
        return None
    start = f"/api/explain/{quote(chosen.dataset, safe='')}"
    return lambda sample, label: f"{start}/{sample}?run={quote(chosen.run)}&label={quote(label, safe='')}"
