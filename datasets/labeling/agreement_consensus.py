"""What most annotators agree on, as labels of a field of its own.

A class needs more votes than any other; an object needs to be found by most of those who labeled the sample, gets
the class with most votes (the first person's in a tie) and the mean or median of their boxes; masks and whole masks are
voted on pixel by pixel; of polygons the one that overlaps the others best is taken. Ties are left to a person.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from datasets.editing import labels as editing
from datasets.errors import FieldError
from datasets.images import masks
from datasets.kinds import Kind
from datasets.labeling import agreement, agreement_shapes
from datasets.labeling.agreement import THRESHOLD, Drawn
from datasets.labeling.agreement_shapes import Group, Size
from datasets.records import Label, Progress, no_progress
from datasets.storage import edits, journal, schemas
from datasets.storage.edits import Place
from datasets.viewspec import ViewSpec

Rule = Literal["mean", "median"]
WHO = "consensus of "
MOST = 1000  # entries of a sample that are looked at
VOTES = "votes"  # attribute: how many people found the object


@dataclass(frozen=True)
class Made:
    """What was written: samples with a consensus, labels in them, labels without a majority, and samples left alone.

    `kept` are samples whose labels in the target field a person changed; `undecided` labels had no majority.
    """

    samples: int
    labels: int
    undecided: int
    kept: tuple[str, ...]


@dataclass(frozen=True)
class Voted:
    """The labels that most people gave to a sample, and how many others had no majority."""

    labels: tuple[Label, ...]
    undecided: int = 0


def write(
    spec: ViewSpec,
    fields: Sequence[str],
    into: str,
    *,
    rule: Rule = "median",
    threshold: float = THRESHOLD,
    progress: Progress = no_progress,
) -> Made:
    """Write the consensus of people into the field `into`, which is made if it is new; each sample is one save.

    Samples that one person alone labeled are left out. Repeating it changes only what the people changed since; what
    somebody corrected in `into` is kept. Raises DatasetNotFound, and FieldError for fields that do not fit.
    """
    kind = agreement.checked(spec.dataset, fields)
    if into in fields:
        raise FieldError(f"expected another field for the consensus than those of the people, found {into!r}")
    schemas.declare(spec.dataset, {into: kind.name})
    place = edits.place(spec.dataset, into)
    who, counts, kept = f"{WHO}{', '.join(fields)}", Counter[str](), list[str]()
    for one in agreement.drawn(spec, fields, progress):
        if sum(given is not None for given in one.each) < 2:
            continue
        if not _is_ours(place, one.sample_id):
            kept.append(one.sample_id)
            continue
        made = voted(kind, one, rule=rule, threshold=threshold)
        named = [replace(label, id=_id(into, one.sample_id, label, at)) for at, label in enumerate(made.labels)]
        editing.write(spec.dataset, one.sample_id, into, named, if_match=editing.ANY, who=who)
        counts.update(samples=1, labels=len(named), undecided=made.undecided)
    return Made(counts["samples"], counts["labels"], counts["undecided"], tuple(kept))


def voted(kind: Kind, one: Drawn, *, rule: Rule = "median", threshold: float = THRESHOLD) -> Voted:
    """What most people gave to a sample."""
    given = [list(some) for some in one.each if some is not None]
    if kind.whole_mask:
        return _mask([labels[0] for labels in given if labels])
    if kind.of_class:
        return _classes(given) if kind.many else _class([labels[0].label for labels in given if labels])
    found = agreement_shapes.groups(given, agreement_shapes.overlaps(given, one.size), threshold)
    most = [group for group in found if 2 * _count(group) > len(given)]
    made = [_object(_members(given, group), one.size, rule) for group in most]
    return Voted(tuple(made) if kind.many else tuple(made[:1]), len(found) - len(most))


def _class(names: Sequence[str]) -> Voted:
    (first, most), *others = Counter(names).most_common(2) or [("", 0)]
    if not names or (others and others[0][1] == most):
        return Voted((), int(bool(names)))
    return Voted((Label(first, attributes={VOTES: most}),))


def _classes(given: Sequence[Sequence[Label]]) -> Voted:
    votes = Counter(name for labels in given for name in dict.fromkeys(one.label for one in labels))
    most = [Label(name, attributes={VOTES: count}) for name, count in votes.items() if 2 * count > len(given)]
    return Voted(tuple(most), len(votes) - len(most))


def _mask(given: Sequence[Label]) -> Voted:
    """Pixel by pixel the value with most votes; in a tie that of the person who comes first among those who tie."""
    if not given:
        return Voted(())
    values = np.stack([agreement_shapes.pixels(one) for one in given])
    votes = np.stack([(values == one).sum(0) for one in values])
    chosen = np.take_along_axis(values, votes.argmax(0)[None], 0)[0]
    return Voted((Label("", mask_path=masks.write(chosen)),))


def _count(group: Group) -> int:
    return sum(at is not None for at in group)


def _members(given: Sequence[Sequence[Label]], group: Group) -> list[Label]:
    return [given[who][at] for who, at in enumerate(group) if at is not None]


def _object(found: Sequence[Label], size: Size, rule: Rule) -> Label:
    name = Counter(one.label for one in found).most_common(1)[0][0]
    attributes = {**_shared(found), VOTES: len(found)}
    if any(one.points is not None for one in found):
        return replace(found[_medoid(found, size)], label=name, attributes=attributes)
    if any(agreement_shapes.masked(one) for one in found):
        made = _joined(found, size)
        if made is not None:
            return replace(made, label=name, attributes=attributes)
    return Label(name, _box([one.box for one in found if one.box], rule), attributes=attributes)


def _box(boxes: Sequence[Collection[float]], rule: Rule) -> tuple[float, float, float, float]:
    """The mean or median of the edges of boxes."""
    sides = np.array([list(box) for box in boxes], np.float64)
    edges = np.concatenate([sides[:, :2], sides[:, :2] + sides[:, 2:]], axis=1)
    x0, y0, x1, y1 = (float(one) for one in (np.mean if rule == "mean" else np.median)(edges, axis=0))
    return x0, y0, x1 - x0, y1 - y0


def _joined(found: Sequence[Label], size: Size) -> Label | None:
    """The pixels that more than half of the objects have, and the box around them; None where there are none."""
    layers, (left, top) = agreement_shapes.window(found, size)
    most: NDArray[Any] = 2 * layers.sum(0, dtype=np.int64) > len(layers)
    rows, columns = np.flatnonzero(most.any(1)), np.flatnonzero(most.any(0))
    if not len(rows) or size is None:
        return None
    y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    box = (float(left + x0) / size[0], float(top + y0) / size[1], float(x1 - x0) / size[0], float(y1 - y0) / size[1])
    return Label("", box, mask_path=masks.write(most[y0:y1, x0:x1].astype(np.uint8) * np.uint8(255)))


def _medoid(found: Sequence[Label], size: Size) -> int:
    """The place of the object that overlaps the others best; the first of several."""
    ious = agreement_shapes.overlaps([[one] for one in found], size)
    sums = np.zeros(len(found))
    for (first, second, _, _), iou in ious.items():
        sums[first] += iou
        sums[second] += iou
    return int(sums.argmax())


def _shared(found: Sequence[Label]) -> dict[str, object]:
    """Attributes that more than half of the objects have with one value; tags and layers are not voted on."""
    votes = Counter((name, repr(value)) for one in found for name, value in one.attributes.items())
    values = {(name, repr(value)): value for one in found for name, value in one.attributes.items()}
    most = {key: count for key, count in votes.items() if 2 * count > len(found)}
    return {key[0]: values[key] for key in most if key[0] not in ("tags", "z_order", VOTES)}


def _is_ours(place: Place, sample_id: str) -> bool:
    """Whether a consensus alone wrote a field, or nobody did. What a person emptied after that is theirs, too."""
    saved = [one for one in journal.history(place.dataset_id, sample_id, place.field, MOST) if one.state == "applied"]
    return all(one.who.startswith(WHO) for one in saved) if saved else not edits.read(place, sample_id).items


def _id(into: str, sample_id: str, label: Label, at: int) -> str:
    """The id of a label of the consensus: the same whenever the same label is made again."""
    parts = f"{into} {sample_id} {label.label} {at}"
    return hashlib.blake2b(parts.encode(), digest_size=12).hexdigest()
