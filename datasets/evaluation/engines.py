"""Score the predictions of a run by a protocol, which names the engine."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datasets.errors import EvaluationError
from datasets.evaluation import cards, protocols, stored
from datasets.evaluation.cards import Card, Origin, Report
from datasets.evaluation.protocols import Protocol
from datasets.evaluation.scoring import Asked, Scoring, known_splits
from datasets.handover import learnable, predictions
from datasets.kinds import kind
from datasets.records import Progress, no_progress
from datasets.storage import documents, fields
from datasets.viewspec import ViewSpec


@dataclass(frozen=True)
class Evaluation:
    """A stored evaluation; `reports` by split, "" for all samples."""

    dataset: str
    run: str
    field: str
    path: Path
    samples: int
    protocol: str
    reports: Mapping[str, Report[Card]]

    def report(self, split: str | None = None) -> Report[Card]:
        """The report of one split, or of all. Raises EvaluationError for a split without predictions."""
        if (split or "") not in self.reports:
            known = ", ".join(name for name in self.reports if name) or "none"
            raise EvaluationError(f"expected a split that was predicted ({known}), found {split!r}; predict it first")
        return self.reports[split or ""]


def evaluate(
    dataset: str,
    run: str,
    field: str,
    gt_field: str = "ground_truth",
    spec: ViewSpec | None = None,
    *,
    protocol: str = "",
    ignore: Sequence[int] | None = None,
    progress: Progress = no_progress,
) -> Evaluation:
    """Score `field` against `gt_field` on the samples (of the view) that have predictions, and store everything.

    Without a `protocol` it follows from the kind of the labels and, for objects, whether both fields hold masks; the
    card says so. `ignore` as in `scoring.Asked`. Raises FieldError for absent fields, EvaluationError when these labels
    cannot be scored or nothing was predicted, DatabaseError when nothing can be written; then nothing was.
    """
    by, why = _protocol(dataset, (gt_field, field), protocol)
    whole = spec is None or not (spec.saved or spec.filters or spec.ids is not None)
    asked = Asked(by, dataset, run, field, gt_field, None if spec is None or whole else _ids(spec), ignore)
    return _store(asked, replace(_origin(asked), chosen=why), _engine(by).read(asked, progress), progress)


def load(dataset: str, run: str) -> Evaluation:
    """The evaluation as it was stored. Raises EvaluationError where there is none."""
    path = stored.table_path(dataset, run)
    about = stored.read_about(path)
    reports = {split: cards.read(found) for split, found in about["reports"].items()}
    return Evaluation(dataset, run, about["field"], path, about["samples"], about["protocol"], reports)


def look(
    dataset: str, run: str, split: str | None = None, *, confidence: float | None = None, iou: float | None = None
) -> Report[Card]:
    """The report at other thresholds, computed from the stored table alone.

    None is the threshold it was scored at; one that this kind of labels does not use is ignored. Raises
    EvaluationError where there is no evaluation, or no such split.
    """
    whole = load(dataset, run)
    whole.report(split)
    by = protocols.protocol(whole.protocol)
    found: Report[Card] = _engine(by).look(whole.path, split, confidence, iou)
    return found


def _origin(asked: Asked) -> Origin:
    """What the card says of the predictions. Raises EvaluationError when they are not complete."""
    known = predictions.info(asked.dataset, asked.field)
    if known.get("complete") is False:
        raise EvaluationError(
            f"expected all predictions in field {asked.field!r} of dataset {asked.dataset!r}, found that writing them "
            "was cut off; store them again"
        )
    now = datetime.now(UTC).isoformat("T", "seconds")
    return replace(Origin.read(known), run=asked.run, field=asked.field, label_field=asked.label_field, scored=now)


def _store(asked: Asked, origin: Origin, scoring: Scoring, progress: Progress) -> Evaluation:
    made = _reports(scoring, origin)  # before anything is written: what cannot be scored changes nothing
    documents.check_writable(asked.dataset)
    changed = scoring.write_back(progress)
    reports = {split: report.changed(changed) for split, report in made.items()}
    named = {"run": asked.run, "field": asked.field, "label_field": asked.label_field, "protocol": asked.protocol.name}
    path = stored.table_path(asked.dataset, asked.run)
    card = replace(origin, changed_meanwhile=changed).plain()
    plain = {split: report.plain() for split, report in reports.items()}
    scoring.save({**named, "card": card, "reports": plain}, path)
    return Evaluation(asked.dataset, asked.run, asked.field, path, len(scoring.splits), asked.protocol.name, reports)


def _reports(scoring: Scoring, origin: Origin) -> dict[str, Report[Card]]:
    whole, found = scoring.report(None, origin), set(scoring.splits)
    if len(found) == 1 and found != {""}:  # a single split equals the whole: computed once
        name = found.pop()
        return dict.fromkeys(("", name), whole.of_split(name))
    return {"": whole, **{name: scoring.report(name, origin) for name in known_splits(found)}}


def _ids(spec: ViewSpec) -> list[str]:
    from datasets.views import resolve

    return list(resolve.ids(spec))


def _protocol(dataset: str, names: tuple[str, str], asked: str) -> tuple[Protocol, str]:
    """The requested protocol, else the one that fits both fields, and the reason where several fit."""
    held = kind(str(fields.label_field(documents.of(dataset), names[0]).label_kind))
    if not asked:
        several = len(protocols.scoring(held)) > 1
        masks = several and all(learnable.has_masks(dataset, name) for name in names)
        found = protocols.chosen(held, masks=masks)
        why = f"{found.title}, since {'both fields hold' if masks else 'not both fields hold'} masks"
        return found, why if several else ""
    found = protocols.protocol(asked)
    if held not in found.kinds:
        wanted = ", ".join(one.name for one in found.kinds)
        raise EvaluationError(
            f"expected labels of kind {wanted} in field {names[0]!r} for the protocol {asked!r}, found {held.name}; "
            f"choose one of {', '.join(one.name for one in protocols.scoring(held)) or 'no protocol'}"
        )
    return found, ""


def _engine(by: Protocol) -> Any:
    return importlib.import_module(by.engine)
