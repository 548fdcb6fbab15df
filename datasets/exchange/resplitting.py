"""New splits for a dataset that is there: planned and shown first, then written. Samples without labels are left alone.

Frames of one sequence stay together, and so do exact copies of an image.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.errors import SplitError
from datasets.exchange.splitting import DEFAULT_SEED, Fractions, Item, filled, same_content, split
from datasets.kinds import kind
from datasets.records import SEQUENCE, SPLITS, Progress, no_progress, split_rank
from datasets.storage import collection, handle, labelled, labels, layout
from datasets.storage.handle import Dataset
from datasets.views import resolve
from datasets.viewspec import ViewSpec

LONGEST = 40  # letters of the name of a split


@dataclass(frozen=True)
class Plan:
    """What a split would do. `moves` are the samples that change, with their new split.

    `counts` are labelled samples of the view by split, as they will be; `classes` those that hold each class, by split.
    `unlabelled` samples of the view are left alone. `stratified` is False where classes are not known, as in masks.
    """

    dataset: str
    moves: Mapping[str, str]
    counts: Mapping[str, int]
    classes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unlabelled: int = 0
    stratified: bool = True


def lacking(spec: ViewSpec, label_field: str, needed: Sequence[str] = ("train", "val")) -> list[str]:
    """The needed splits that hold no labelled sample of a view. Raises DatasetNotFound, FieldError, ViewError."""
    dataset = handle.of(spec.dataset)
    return [name for name in needed if not _holds(spec.of_splits(name), dataset, label_field)]


def plan(
    spec: ViewSpec, label_field: str, fractions: Fractions, seed: int = DEFAULT_SEED, *, keep: bool = False
) -> Plan:
    """Split the labelled samples of a view, by class, into shares of train, val and test.

    With `keep`, samples that are in one of these splits stay there, and the others fill what is missing. Train and val
    are not left empty as long as there are two samples to give. Raises SplitError for shares that do not add up to 1,
    or without labelled samples; DatasetNotFound, FieldError, ViewError.
    """
    dataset = handle.of(spec.dataset)
    known = labelled.ids(dataset, label_field)
    every = resolve.ids(spec, dataset)
    ids = [one for one in every if one in known]
    if not ids:
        raise SplitError(f"expected labels in {label_field}, found none on the {len(every)} samples here; label some")
    stored, stratified = _classes_of(dataset, label_field)
    documents = list(collection.by_ids(dataset, ids, dict.fromkeys(["filepath", "split", SEQUENCE, *stored], 1)))
    items = _items(documents, stored, _kept(fractions) if keep else frozenset())
    needed = [name for name, share in zip(("train", "val"), fractions, strict=False) if share > 0]
    chosen = filled(items, split(items, fractions, seed), needed)
    pairs = zip(documents, chosen, strict=True)
    moves = {str(one["_id"]): new for one, new in pairs if new != (one.get("split") or "")}
    counts = _sorted(Counter(chosen))
    return Plan(spec.dataset, moves, counts, _classes(items, chosen), len(every) - len(ids), stratified)


def apply(made: Plan, progress: Progress = no_progress) -> int:
    """Write the splits of a plan. Returns how many samples changed. Raises DatasetNotFound."""
    changes = ((key, {"split": name}) for key, name in made.moves.items())
    return collection.update(made.dataset, changes, len(made.moves), progress)


def move(dataset: str, ids: Sequence[str], name: str | None) -> int:
    """Put samples into a split, or with None into none. Returns how many were found. Raises SplitError for a name."""
    if name is not None and (not name.strip() or len(name) > LONGEST or not name.isprintable()):
        raise SplitError(f"expected the name of a split of 1 to {LONGEST} letters, found {name!r}; such as train")
    values = {"split": name.strip() if name else None}
    return collection.update(dataset, ((key, values) for key in ids), len(ids))


def _holds(spec: ViewSpec, dataset: Dataset, label_field: str) -> bool:
    """Whether a view has a labelled sample."""
    found = resolve.resolve(spec, dataset)
    if found.order is None:
        return labelled.are_among(dataset, label_field, found.match)
    return bool(labelled.ids(dataset, label_field).intersection(resolve.ids(spec, dataset)))


def _classes_of(dataset: Dataset, label_field: str) -> tuple[list[str], bool]:
    """Where the class names of a sample lie, and whether they are known at all: not of masks, nor of videos."""
    if layout.is_video(dataset.document):
        return [], False
    found = dataset.label_field(label_field)
    return [found.stored], not kind(str(found.label_kind)).whole_mask


def _kept(fractions: Fractions) -> frozenset[str]:
    """Splits whose samples stay: those that get a share, and test, which nobody wants to lose by not asking for it."""
    return frozenset(name for name, share in zip(SPLITS, fractions, strict=True) if share > 0) | {"test"}


def _items(documents: Sequence[Mapping[str, Any]], stored: Sequence[str], kept: frozenset[str]) -> list[Item]:
    copies = same_content([Path(one["filepath"]) for one in documents])
    made = []
    for one, copy in zip(documents, copies, strict=True):
        found = [label.label for path in stored for label in labels.from_document(one.get(path)) if label.label]
        group = f"sequence {one[SEQUENCE]}" if one.get(SEQUENCE) else copy
        fixed = str(one["split"]) if one.get("split") in kept else ""
        made.append(Item(one["filepath"], tuple(sorted(set(found))), group, fixed))
    return made


def _classes(items: Sequence[Item], chosen: Sequence[str]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for item, where in zip(items, chosen, strict=True):
        for name in item.classes:
            counts.setdefault(name, Counter())[where] += 1
    return {name: _sorted(counts[name]) for name in sorted(counts)}


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts, key=split_rank)}
