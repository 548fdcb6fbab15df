"""How far annotators agree, each in a field of labels of their own, and the samples about which they don't.

A person has labeled a sample where their field holds labels of it, or where the queue says that it is done: so an image
without objects counts as labeled. Samples that fewer than two people labeled are left out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from datasets import kinds
from datasets.errors import FieldError
from datasets.kinds import Kind
from datasets.labeling import agreement_figures as figures
from datasets.labeling import agreement_samples, queue_states
from datasets.labeling.agreement_samples import Compared, Given, Seen, Two
from datasets.labeling.agreement_shapes import Size
from datasets.labeling.queue_states import States
from datasets.records import Progress, no_progress
from datasets.storage import collection, handle, labels, layout, schemas, store
from datasets.storage.handle import Dataset
from datasets.views import pages, resolve
from datasets.viewspec import ViewSpec

THRESHOLD = 0.5  # IoU from which two people mean the same object
MOST = 8  # people
KEPT = 10  # reports
DISAGREEMENT = "disagreement"
_INFO = "agreement"


@dataclass(frozen=True)
class Pair:
    """Two people. `agreement` is the mean measure (`agreement_samples`) of the samples that both labeled.

    `kappa` is Cohen's, of classes: of objects that both found, of pixels of whole masks, of each class there or absent.
    `iou` is the mean of the objects found by both, `found` their share of all: None for fields without objects.
    """

    first: str
    second: str
    samples: int
    agreement: float | None
    kappa: float | None
    iou: float | None = None
    found: float | None = None


@dataclass(frozen=True)
class Report:
    """Agreement in a view. `kappa` is Fleiss', of what all people gave a class to; for two people Cohen's."""

    dataset: str
    spec: str
    fields: tuple[str, ...]
    kind: str
    made: datetime
    threshold: float
    samples: int
    agreement: float | None
    kappa: float | None
    iou: float | None
    pairs: tuple[Pair, ...]
    disagreement: str | None


@dataclass(frozen=True)
class Drawn:
    """One sample: what each person gave to it."""

    sample_id: str
    size: Size
    each: tuple[Given, ...]


def measure(
    spec: ViewSpec,
    fields: Sequence[str],
    *,
    threshold: float = THRESHOLD,
    into: str | None = DISAGREEMENT,
    progress: Progress = no_progress,
) -> Report:
    """Compare the fields of 2 to 8 people in a view, and keep the report with the dataset.

    `into` is a number field that gets the disagreement of each sample (0 to 1), so that a view can be ordered by it.
    Raises DatasetNotFound, and FieldError for fields that are not of one kind, or whose kind cannot be compared.
    """
    kind, dataset = checked(spec.dataset, fields), handle.of(spec.dataset)
    classes = _classes(spec, fields, dataset) if kind.of_class and kind.many else []
    found = list[tuple[str, Compared]]()
    for one in drawn(spec, fields, progress):
        found.append((one.sample_id, agreement_samples.compare(kind, one.each, one.size, classes, threshold)))
    if into is not None:
        schemas.declare(spec.dataset, {into: "float"})
        values = ((key, {into: _rounded(one.disagreement)}) for key, one in found)
        collection.update(spec.dataset, values, len(found))
    report = _report(spec, fields, kind, [one for _, one in found], threshold=threshold, into=into)
    _keep(report)
    return report


def reports(dataset: str) -> list[dict[str, Any]]:
    """The reports that are kept, newest first, as plain JSON."""
    return list(store.info(dataset).get(_INFO) or ())


def checked(dataset: str, fields: Sequence[str]) -> Kind:
    """The kind of the fields of people. Raises FieldError unless it is one that can be compared."""
    if not 2 <= len(set(fields)) == len(fields) <= MOST:
        raise FieldError(f"expected 2 to {MOST} different fields to compare, found {', '.join(fields) or 'none'}")
    found = handle.of(dataset)
    names = {one: str(found.label_field(one).label_kind) for one in fields}
    if len(set(names.values())) > 1:
        listed = ", ".join(f"{field} ({kind})" for field, kind in names.items())
        raise FieldError(f"expected fields of one kind to compare, found {listed}; choose fields of one kind")
    kind = kinds.kind(names[fields[0]])
    agreement_samples.check(kind)
    return kind


def drawn(spec: ViewSpec, fields: Sequence[str], progress: Progress = no_progress) -> Iterator[Drawn]:
    """What each person gave to the samples of a view, in its order."""
    dataset, ids = handle.of(spec.dataset), resolve.ids(spec)
    stored = {one: dataset.label_field(one).stored for one in fields}
    states = [queue_states.of(spec.dataset, one) for one in fields]
    wanted = {**dict.fromkeys(stored.values(), 1), "metadata": 1}
    for done, raw in enumerate(collection.by_ids(dataset, ids, wanted), 1):
        key, (width, height) = str(raw["_id"]), layout.size_of(raw)
        each = tuple(_given(raw.get(stored[one]), state, key) for one, state in zip(fields, states, strict=True))
        yield Drawn(key, (width, height) if width and height else None, each)
        progress(done, len(ids))


def _given(document: Mapping[str, Any] | None, states: States, sample_id: str) -> Given:
    found = labels.from_document(document)
    return found if found or states.state(sample_id) in ("done", "accepted", "returned") else None


def _classes(spec: ViewSpec, fields: Sequence[str], dataset: Dataset) -> list[str]:
    counted = (pages.class_counts(spec, one, dataset=dataset) for one in fields)
    used = [name for one in counted for name in one]
    return list(dict.fromkeys(name for one in fields for name in dataset.class_order(one, used)))


def _report(
    spec: ViewSpec, fields: Sequence[str], kind: Kind, found: Sequence[Compared], *, threshold: float, into: str | None
) -> Report:
    told = [one for one in found if one.pairs]
    each = sorted({two for one in told for two in one.pairs})
    pairs = tuple(_pair(fields, two, [one.pairs[two] for one in told if two in one.pairs]) for two in each)
    rated = [rating for one in told for rating in one.ratings]
    measures = [1 - one.disagreement for one in told if one.disagreement is not None]
    ious = [iou for one in told for seen in one.pairs.values() for iou in seen.ious]
    kappa = pairs[0].kappa if len(fields) == 2 and pairs else figures.fleiss(rated)
    return Report(spec.dataset, spec.model_dump_json(), tuple(fields), kind.name, layout.now(), threshold, len(told),
                  _rounded(figures.mean(measures)), _rounded(kappa), _rounded(figures.mean(ious)), pairs,
                  into)  # fmt: skip


def _pair(fields: Sequence[str], two: Two, seen: Sequence[Seen]) -> Pair:
    met = sum((Counter(one.met) for one in seen), Counter[tuple[str, str]]())
    ious, total = [iou for one in seen for iou in one.ious], sum(one.objects for one in seen)
    return Pair(fields[two[0]], fields[two[1]], len(seen), _rounded(figures.mean([one.measure for one in seen])),
                _rounded(figures.cohen(met)), _rounded(figures.mean(ious)),
                _rounded(2 * len(ious) / total) if total else None)  # fmt: skip


def _keep(report: Report) -> None:
    """Keep a report in place of the former one of the same fields and view."""
    made = f"{report.made.isoformat()}Z"
    plain = {**asdict(report), "made": made, "fields": list(report.fields), "pairs": [asdict(p) for p in report.pairs]}
    others = [
        one for one in reports(report.dataset) if (one["fields"], one["spec"]) != (plain["fields"], plain["spec"])
    ]
    store.set_info(report.dataset, _INFO, [plain, *others][:KEPT])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
