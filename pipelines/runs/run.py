"""Run folders: `<home>/runs/<run>/` with one file per step. Plain files, readable without torch or a database.

job.json (frozen request) · manifest.parquet · events.jsonl · log.txt · checkpoint/ · predictions.parquet · report.json
· card.md
"""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from datasets.fieldnames import prediction_field
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.errors import RunNotFound

JobKind = Literal["train", "predict", "adopt", "make", "rank"]
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def weights_folders() -> tuple[str, ...]:
    """Folders with weights besides that of the workspace: those in FOVEAL_WEIGHTS, separated as in PATH."""
    parts = os.environ.get("FOVEAL_WEIGHTS", "").split(os.pathsep)
    return tuple(str(Path(part).expanduser().absolute()) for part in parts if part)


class Ranking(BaseModel):
    """What to label next: an order of `datasets.labeling.orders`, how many, and jobs whose predictions vote as well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: str = "margin"
    count: int = Field(default=50, ge=1, le=100_000)
    committee: tuple[str, ...] = ()


class JobRequest(BaseModel):
    """What was asked for. Frozen: written once as `job.json`; weights brought in alone tell their `task` afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    kind: JobKind
    name: str = Field(description="for people; the id is for machines")
    task: str
    preset: str = ""
    config: dict[str, Any] = Field(default_factory=dict, description="every option of the task, resolved")
    view: ViewSpec | None = None
    label_field: str = "ground_truth"
    source: str | None = Field(None, description="the run whose checkpoint predicts; None when this run trains its own")
    splits: tuple[str, ...] = Field(("val", "test"), description="splits that are predicted and scored; empty for all")
    ranking: Ranking | None = Field(None, description="of a job that chooses what to label next")
    weights_folders: tuple[str, ...] = Field(
        default_factory=weights_folders, description="where else weights are looked for: as whoever asked had it"
    )
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Run:
    """One run folder."""

    folder: Path

    @classmethod
    def create(cls, workspace: Workspace, **request: Any) -> "Run":
        """Make the folder and write `job.json`. `request` holds the fields of JobRequest except `run`."""
        run = cls(workspace.runs / new_id())
        run.folder.mkdir(parents=True)
        text = JobRequest(run=run.id, **request).model_dump_json(indent=2)
        write_durable(run.job, text)
        _sync(workspace.runs)
        return run

    @classmethod
    def find(cls, workspace: Workspace, run: str) -> "Run":
        """The run of this id. Raises RunNotFound."""
        found = cls(workspace.runs / run)
        if not run.isalnum() or not found.job.is_file():
            raise RunNotFound(run)
        return found

    @classmethod
    def all(cls, workspace: Workspace) -> list["Run"]:
        """Every run, newest first."""
        found = [cls(path.parent) for path in workspace.runs.glob("*/job.json") if path.parent.name.isalnum()]
        return sorted(found, key=lambda run: run.request.created, reverse=True)

    @property
    def id(self) -> str:
        """Its id, the name of the folder."""
        return self.folder.name

    @property
    def request(self) -> JobRequest:
        """What was asked for, read from `job.json`."""
        return JobRequest.model_validate_json(self.job.read_text(encoding="utf-8"))

    @property
    def field(self) -> str:
        """The field that holds the predictions of this run's model."""
        return prediction_field(self.id)

    @property
    def job(self) -> Path:
        """The frozen request."""
        return self.folder / "job.json"

    @property
    def manifest(self) -> Path:
        """The frozen view: one row per sample, with its labels."""
        return self.folder / "manifest.parquet"

    @property
    def events(self) -> Path:
        """Progress, see `pipelines/events.py`."""
        return self.folder / "events.jsonl"

    @property
    def log(self) -> Path:
        """What the job printed."""
        return self.folder / "log.txt"

    @property
    def checkpoint(self) -> Path:
        """The checkpoint folder that predicts: weights, config, classes, preprocess, metrics, versions."""
        return self.folder / "checkpoint"

    @property
    def work(self) -> Path:
        """Scratch of the trainer: its own logs and the state that resume starts from."""
        return self.folder / "work"

    @property
    def predictions(self) -> Path:
        """One row per predicted sample."""
        return self.folder / "predictions.parquet"

    @property
    def embeddings(self) -> Path:
        """What the model sees in each sample, as vectors, see `pipelines/embedding.py`."""
        return self.folder / "embeddings.parquet"

    @property
    def efficiency(self) -> Path:
        """What labels were worth so far, see `datasets/labeling/spending.py`, as JSON."""
        return self.folder / "efficiency.json"

    @property
    def report(self) -> Path:
        """Figures of the evaluation, as JSON."""
        return self.folder / "report.json"

    @property
    def card(self) -> Path:
        """The run in words and figures, as Markdown."""
        return self.folder / "card.md"

    @property
    def exit_code(self) -> Path:
        """Written by the job's wrapper when it ends; tells done from lost."""
        return self.folder / "exit"


def new_id() -> str:
    """A run id: `r` and seven letters or digits, usable as part of a field name."""
    return "r" + "".join(secrets.choice(ALPHABET) for _ in range(7))


def write_durable(path: Path, text: str) -> None:
    """Write a file whole or not at all; it survives a power cut once this returns."""
    part = path.with_suffix(path.suffix + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def trained_by_dataset(workspace: Workspace) -> dict[str, list[Run]]:
    """Training runs by the dataset of their view, newest first."""
    found: dict[str, list[Run]] = {}
    for run in Run.all(workspace):
        view = run.request.view
        if view is not None and run.request.kind == "train":
            found.setdefault(view.dataset, []).append(run)
    return found
