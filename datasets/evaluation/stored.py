"""A stored evaluation of any kind: one parquet file, a row per scored sample, the rest as JSON in its metadata."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.errors import EvaluationError
from datasets.evaluation import cards, protocols
from datasets.evaluation.cards import Card, Origin, Report
from datasets.storage import documents
from datasets.tables import write_table
from datasets.workspace import Workspace

_META = b"foveal.evaluation"


def write(columns: pa.Table, about: Mapping[str, Any], path: Path) -> None:
    """Write columns and `about` (plain JSON); atomically: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(columns.replace_schema_metadata({_META: json.dumps(dict(about)).encode()}), path)


def read(path: Path, kind: str, columns: Callable[[str], bool] | None = None) -> tuple[pa.Table, dict[str, Any]]:
    """Columns (only those with wanted names) and what is known about them.

    Raises EvaluationError where there is no evaluation of this kind.
    """
    about = read_about(path)
    found = about.pop("kind")
    if found != kind:
        raise EvaluationError(f"expected an evaluation of kind {kind} at {path}, found one of kind {found}")
    wanted = None if columns is None else [name for name in pq.read_schema(path).names if columns(name)]
    return pq.read_table(path, columns=wanted).combine_chunks(), about


def read_about(path: Path) -> dict[str, Any]:
    """What is known about an evaluation of any kind; `samples`, `kind` and `protocol` are always present.

    Raises EvaluationError where there is none.
    """
    if not path.is_file():
        raise EvaluationError(f"expected an evaluation at {path}, found none; evaluate this run first")
    stored = pq.read_metadata(path)
    about: dict[str, Any] = json.loads(stored.metadata[_META])
    return {**protocols.told(about), "samples": stored.num_rows}


def origin(about: Mapping[str, Any]) -> Origin:
    """Where the predictions of a stored evaluation come from."""
    return Origin.read(about.get("card", {}))


def report(about: Mapping[str, Any], split: str | None) -> Report[Card] | None:
    """The stored report of a split, of all for None; None where it was not stored."""
    found = about.get("reports", {}).get(split or "")
    return cards.read(found) if found else None


def table_path(dataset: str, run: str, workspace: Workspace | None = None) -> Path:
    """Where the outcome table of a run on a dataset lies. Follows a dataset that is renamed."""
    home = workspace or Workspace.current()
    return home.evaluations / str(documents.of(dataset, any_version=True)["_id"]) / f"{run}.parquet"
