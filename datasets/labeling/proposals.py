"""Which labels of another field, such as a run's predictions, are taken over into a field of labels. Pure functions."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, get_args

from datasets.errors import FieldError
from datasets.fieldnames import is_prediction, run_of
from datasets.kinds import Kind
from datasets.records import Label

Fate = Literal["taken", "weak", "other class", "covered", "taken before", "no room"]
FATES: tuple[Fate, ...] = get_args(Fate)
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Wanted:
    """What is taken from the field `source`: labels of `classes` (None for all) from the confidence `threshold` on.

    Objects that overlap a label of the same class by an IoU above `overlap` count as there already (None for any).
    """

    source: str
    threshold: float = 0.25
    classes: tuple[str, ...] | None = None
    overlap: float | None = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1 or not (self.overlap is None or 0 <= self.overlap <= 1):
            raise FieldError(
                f"expected a threshold and an overlap from 0 to 1, found {self.threshold} and {self.overlap}"
            )


@dataclass(frozen=True)
class Tally:
    """What becomes of proposals: `samples` that get some, and how many proposals meet each fate."""

    samples: int
    fates: Mapping[Fate, int]

    @property
    def taken(self) -> int:
        """How many become labels."""
        return self.fates.get("taken", 0)


def fates(proposals: Sequence[Label], held: Sequence[Label], wanted: Wanted, kind: Kind, into: str) -> list[Fate]:
    """What becomes of each proposal of one sample beside the labels `held`; `into` names the field and the sample."""
    known, room = {one.id for one in held}, kind.many or not held
    found: list[Fate] = []
    for one in proposals:
        fate: Fate = "taken before" if label_id(one, into) in known else _fate(one, held, wanted, kind)
        if fate == "taken" and not room:
            fate = "no room"
        room = room and (kind.many or fate != "taken")
        found.append(fate)
    return found


def tallied(each: Iterable[Sequence[Fate]]) -> Tally:
    """Counts over samples."""
    counted, samples = Counter[Fate](), 0
    for some in each:
        counted.update(some)
        samples += "taken" in some
    return Tally(samples, {name: counted[name] for name in FATES})


def label_id(proposal: Label, into: str) -> str:
    """The id of the label that a proposal becomes in a field of a sample: always the same, so never there twice."""
    return blake2b(f"{into}\0{proposal.id}".encode(), digest_size=12).hexdigest()


def values(proposal: Label, source: str) -> dict[str, Any]:
    """The parts of the label that a proposal becomes: without confidence, with the run it is from."""
    parts = {name: getattr(proposal, name) for name in ("label", "box", "points", "mask_path", "mask")}
    given = {name: value for name, value in parts.items() if value}
    attributes = {"from_run": run_of(source)} if is_prediction(source) else {}
    return {**given, **({"crowd": True} if proposal.crowd else {}), "attributes": attributes}


def _fate(one: Label, held: Sequence[Label], wanted: Wanted, kind: Kind) -> Fate:
    if one.confidence is not None and one.confidence < wanted.threshold:
        return "weak"
    if wanted.classes is not None and not kind.whole_mask and one.label not in wanted.classes:
        return "other class"
    alike = [other for other in held if other.label == one.label]
    if kind.of_class:
        return "covered" if alike else "taken"
    if wanted.overlap is not None and any(_iou(one, other) > wanted.overlap for other in alike):
        return "covered"
    return "taken"


def _iou(one: Label, other: Label) -> float:
    """IoU of the boxes of two labels; 0 where one has no place."""
    first, second = _extent(one), _extent(other)
    if first is None or second is None:
        return 0.0
    across = max(0.0, min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0]))
    down = max(0.0, min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1]))
    union = first[2] * first[3] + second[2] * second[3] - across * down
    return across * down / union if union > 0 else 0.0


def _extent(label: Label) -> Box | None:
    """The box of a label, or that of its points."""
    if label.box is not None:
        return label.box
    seen = [point for part in label.points or () for point in part if not math.isnan(point[0])]
    if not seen:
        return None
    columns, rows = [x for x, _ in seen], [y for _, y in seen]
    return min(columns), min(rows), max(columns) - min(columns), max(rows) - min(rows)
