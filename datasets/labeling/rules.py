"""What the rules of a schema say about labels: of one image, as in the labeler, or of a whole view as findings."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from datasets.editing import labels as editing
from datasets.errors import NotThere
from datasets.kinds import KEYPOINT, Kind
from datasets.labelschema import Schema
from datasets.records import Finding, Label, Progress, no_progress
from datasets.storage import collection, labels, layout
from datasets.views import label_schemas, resolve
from datasets.viewspec import ViewSpec

NEAR = 1e-6  # of the image: how far beyond it is still inside
MOST_IDS = 1000  # samples of a rule that a view names
TITLES: Mapping[str, str] = {
    "class": "class that the schema does not hold",
    "attribute": "attribute that is missing or not allowed",
    "smallest": "smaller than allowed",
    "inside": "not wholly on the image",
    "overlap": "two labels of one class on the same place",
    "skeleton": "other points than the skeleton has",
}
Size = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Problem:
    """One label that breaks a rule. `rule` is a key of `TITLES`; `other` the second label of an overlap."""

    label_id: str
    rule: str
    expected: str
    found: str
    other: str | None = None


@dataclass(frozen=True)
class Report:
    """What the rules found in a view: labels by rule, and the samples of each, in order, `MOST_IDS` at most."""

    spec: ViewSpec
    field: str
    samples: int
    counts: Mapping[str, int]
    ids: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...] = ()

    def view(self, rule: str) -> ViewSpec:
        """The samples that break a rule."""
        return ViewSpec(dataset=self.spec.dataset, ids=self.ids.get(rule, ()))


def of_sample(dataset: str, field: str, sample_id: str) -> list[Problem]:
    """The problems of one sample. Raises NotThere, DatasetNotFound."""
    held = label_schemas.of(dataset, field)
    found = editing.read(dataset, sample_id, field).labels
    raw = next(iter(collection.by_ids(dataset, [sample_id], dict.fromkeys(_SIZES, 1))), None)
    if raw is None:
        raise NotThere(f"expected a sample of dataset {dataset!r}, found none with id {sample_id!r}")
    return list(problems(found, held.schema, held.kind, _size(raw)))


def report(spec: ViewSpec, field: str, progress: Progress = no_progress) -> Report:
    """The problems of a view, as a finding for each rule that is broken, with the samples of each."""
    held = label_schemas.of(spec.dataset, field)
    ids = resolve.ids(spec)
    counts, broken, first = dict[str, int](), dict[str, list[str]](), dict[str, Problem]()
    for number, raw in enumerate(collection.by_ids(spec.dataset, ids, dict.fromkeys((*_SIZES, field), 1)), 1):
        found = labels.from_document(raw.get(field))
        for one in problems(found, held.schema, held.kind, _size(raw)):
            counts[one.rule] = counts.get(one.rule, 0) + 1
            first.setdefault(one.rule, one)
            here = broken.setdefault(one.rule, [])
            if len(here) < MOST_IDS and (not here or here[-1] != str(raw["_id"])):
                here.append(str(raw["_id"]))
        if number % 500 == 0:
            progress(number, len(ids))
    findings = tuple(
        Finding("warning", f"rule-{rule}", field, first[rule].expected,
                f"{counts[rule]:,} labels in {_many(broken[rule])} samples, as {first[rule].found}",
                "look at these samples and mend them")
        for rule in TITLES if rule in counts
    )  # fmt: skip
    return Report(spec, field, len(ids), counts, {rule: tuple(found) for rule, found in broken.items()}, findings)


def problems(found: Sequence[Label], schema: Schema, kind: Kind, size: Size | None) -> Iterator[Problem]:
    """What is wrong with the labels of one image of `size` (width, height in pixels, None where unknown)."""
    if kind.whole_mask:
        return
    names = set(schema.names)
    for one in found:
        key = one.id or ""
        if one.label not in names:
            yield Problem(key, "class", _listed(schema.names), repr(one.label))
        else:
            yield from _attributes(one, schema)
        yield from _geometry(one, schema, kind, size)
    if schema.rules.overlap is not None and kind.boxes:
        yield from _overlaps(found, schema.rules.overlap)


def iou(one: Box, other: Box) -> float:
    """Intersection over union of two boxes (x, y, width, height)."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def _attributes(one: Label, schema: Schema) -> Iterator[Problem]:
    for said in schema.attributes_of(one.label):
        value, title = one.attributes.get(said.name), said.title or said.name
        if value is None:
            if said.required:
                yield Problem(one.id or "", "attribute", f"a value of {title}", "none")
        elif wrong := said.problem(value):
            yield Problem(one.id or "", "attribute", f"a value that {title} allows", wrong)


def _geometry(one: Label, schema: Schema, kind: Kind, size: Size | None) -> Iterator[Problem]:
    rules, key, box = schema.rules, one.id or "", _around(one)
    if kind.item_class == KEYPOINT.item_class and schema.skeleton and one.points:
        wanted, there = len(schema.skeleton.points), len(one.points[0])
        if wanted and there != wanted:
            yield Problem(key, "skeleton", f"{wanted} points", str(there))
    if box is None:
        return
    if rules.smallest and size and kind.item_class != KEYPOINT.item_class:
        width, height = box[2] * size[0], box[3] * size[1]
        if min(width, height) < rules.smallest - NEAR * max(size):
            yield Problem(key, "smallest", f"at least {rules.smallest:g} x {rules.smallest:g} pixels",
                          f"{width:.3g} x {height:.3g}")  # fmt: skip
    if rules.inside:
        over = max(-box[0], -box[1], box[0] + box[2] - 1, box[1] + box[3] - 1)
        if over > NEAR:
            yield Problem(key, "inside", "a label on the image", f"one that leaves it by {over:.2%}")


def _around(one: Label) -> Box | None:
    """The box of a label: its own, else the one around its points."""
    if one.points:
        here = [(x, y) for part in one.points for x, y in part if not (math.isnan(x) or math.isnan(y))]
        if here:
            xs, ys = [x for x, _ in here], [y for _, y in here]
            return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    return one.box


def _overlaps(found: Sequence[Label], most: float) -> Iterator[Problem]:
    by_class: dict[str, list[Label]] = {}
    for one in found:
        if one.box and not one.crowd:
            by_class.setdefault(one.label, []).append(one)
    for labels_ in by_class.values():
        for one, other in combinations(labels_, 2):
            if one.box and other.box and (shared := iou(one.box, other.box)) > most:
                yield Problem(one.id or "", "overlap", f"an IoU of at most {most:g}", f"{shared:.2f}", other.id)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return f"one of {shown}{f' and {len(names) - 10} more' if len(names) > 10 else ''}" if names else "a class"


def _many(ids: Sequence[str]) -> str:
    return f"{len(ids):,}" if len(ids) < MOST_IDS else f"{MOST_IDS:,} or more"


_SIZES = ("metadata.width", "metadata.height")


def _size(raw: Mapping[str, Any]) -> Size | None:
    width, height = layout.size_of(raw)
    return (int(width), int(height)) if width and height else None
