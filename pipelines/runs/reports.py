"""`report.json`: the report of every scored split of a run, and the figures that they are told in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import pyarrow.parquet as pq

from datasets.evaluation import cards
from datasets.evaluation.cards import Card, Report
from datasets.evaluation.figures import Figure
from datasets.evaluation.protocols import scoring
from datasets.kinds import KINDS
from pipelines import registry
from pipelines.errors import CheckpointError
from pipelines.runs import checkpoints
from pipelines.runs.run import Run, write_durable

HEADLINES = ("test", "val", "")  # whose figures stand for the run: the first of these splits that was predicted
ORDER = ("test", "val", "train")  # of splits on screen


@dataclass(frozen=True)
class RunReport:
    """Reports by split, "" for all samples; that of `split` stands for the run."""

    split: str
    splits: Mapping[str, Report[Card]]

    @classmethod
    def of(cls, splits: Mapping[str, Report[Card]]) -> Self:
        """Of the reports of an evaluation."""
        return cls(next((name for name in HEADLINES if name in splits), ""), splits)

    @property
    def headline(self) -> Report[Card]:
        """The report that stands for the run."""
        return self.splits[self.split]

    @property
    def shown(self) -> dict[str, Report[Card]]:
        """Reports by split, test first; all samples together are called `all`."""
        ranked = sorted(self.splits, key=lambda one: (ORDER.index(one) if one in ORDER else len(ORDER), one))
        return {name or "all": self.splits[name] for name in ranked}

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        splits = {name: one.plain() for name, one in self.splits.items()}
        return {"split": self.split or "all", **splits[self.split], "splits": splits}


def write(run: Run, report: RunReport) -> None:
    """Write `report.json`."""
    write_durable(run.report, json.dumps(report.plain(), indent=2))


def read(run: Run) -> RunReport | None:
    """What `report.json` says, of this version or an earlier one; None while it says nothing."""
    try:
        found: dict[str, Any] = json.loads(run.report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    parts = found.get("splits") or ({"": found} if "metrics" in found else {})
    return RunReport.of({name: cards.read(part) for name, part in parts.items()}) if parts else None


def figures_of(run: Run) -> tuple[Figure, ...]:
    """The figures that a run is scored by: of a task with several protocols, by the labels that it was made for."""
    task = registry.task(run.request.task)
    if len(task.protocols) < 2:
        return task.figures
    kind = KINDS.get(_label_kind(run))
    found = scoring(kind, task.protocols) if kind else []
    return found[0].figures if found else task.figures


def _label_kind(run: Run) -> str:
    try:
        return checkpoints.load(run.checkpoint).kind
    except CheckpointError:  # still to come, or of another run
        metadata = pq.read_schema(run.manifest).metadata if run.manifest.is_file() else None
        return str((metadata or {}).get(b"foveal.kind", b"").decode())
