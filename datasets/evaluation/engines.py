"""Score the predictions of a run: the one place where the kind of labels chooses the engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datasets import collection, fields, predictions
from datasets.errors import EvaluationError
from datasets.evaluation import report, storing, table
from datasets.evaluation.part import Part
from datasets.evaluation.reading import read_table
from datasets.records import Progress, no_progress
from datasets.viewspec import ViewSpec


@dataclass(frozen=True)
class Evaluation:
    """A stored evaluation. `reports` by split, "" for all: `metrics`, `per_class` and `card`, plain JSON values."""

    dataset: str
    run: str
    field: str
    path: Path
    samples: int
    reports: Mapping[str, Mapping[str, Any]]

    def report(self, split: str | None = None) -> Mapping[str, Any]:
        """The report of one split, or of all. Raises EvaluationError for a split without predictions."""
        if (split or "") not in self.reports:
            known = ", ".join(name for name in self.reports if name) or "none"
            raise EvaluationError(f"expected a split that was predicted ({known}), found {split!r}; predict it first")
        return self.reports[split or ""]


@dataclass(frozen=True)
class Asked:
    """What to score: two fields of a dataset, on these samples alone unless None."""

    dataset: str
    run: str
    field: str
    label_field: str
    ids: Sequence[str] | None


def evaluate(
    dataset: str,
    run: str,
    field: str,
    gt_field: str = "ground_truth",
    spec: ViewSpec | None = None,
    *,
    progress: Progress = no_progress,
) -> Evaluation:
    """Score `field` against `gt_field` on the samples (of the view) that have predictions, and store everything.

    Raises FieldError for absent fields, EvaluationError when these labels cannot be scored or nothing was predicted.
    """
    kind = str(fields.label_field(collection.document(dataset), gt_field).label_kind)
    if kind not in ENGINES:
        raise EvaluationError(f"expected labels of kind {', '.join(ENGINES)} in field {gt_field!r}, found {kind}")
    whole = spec is None or not (spec.saved or spec.filters or spec.ids is not None)
    asked = Asked(dataset, run, field, gt_field, None if spec is None or whole else _ids(spec))
    return ENGINES[kind](asked, progress)


def load(dataset: str, run: str) -> Evaluation:
    """The evaluation as it was stored. Raises EvaluationError where there is none."""
    path = storing.table_path(dataset, run)
    stored = table.read(path)
    about = stored.about
    return Evaluation(dataset, run, about["field"], path, len(stored.sample_id), about["reports"])


def _detection(asked: Asked, progress: Progress) -> Evaluation:
    dataset, run, field, gt_field = asked.dataset, asked.run, asked.field, asked.label_field
    known = predictions.info(dataset, field)
    if known.get("complete") is False:
        raise EvaluationError(
            f"expected all predictions in field {field!r} of dataset {dataset!r}, found that writing them was cut off; "
            "store them again"
        )
    read = read_table(dataset, gt_field, field, asked.ids)
    card = {name: known.get(name) for name in ("dataset_revision", "confidence_floor", "weights_hash", "weights")}
    card |= {"run": run, "field": field, "label_field": gt_field, "scored": datetime.now(UTC).isoformat("T", "seconds")}
    # One split alone is the whole: its figures are computed once.
    whole = Part(read, read.split[0] if len(set(read.split)) == 1 and read.split[0] else None)
    parts = {"": whole, **{name: whole if name == whole.split else Part(read, name) for name in read.splits}}
    card["changed_meanwhile"] = storing.write_back(dataset, run, whole, (gt_field, field), progress=progress)
    reports = {name: report.report(part, card) for name, part in parts.items()}
    about = {"run": run, "field": field, "label_field": gt_field, "card": card, "reports": reports}
    path = storing.table_path(dataset, run)
    table.write(table.Table(**{**vars(read), "about": about}), path)
    return Evaluation(dataset, run, field, path, len(read.sample_id), reports)


def _ids(spec: ViewSpec) -> list[str]:
    from datasets import views

    return list(views.ids(spec))


ENGINES: dict[str, Callable[[Asked, Progress], Evaluation]] = {"detections": _detection}
