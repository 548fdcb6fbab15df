"""What labels were worth: the accuracy of a linear probe for the labels spent, in their order and in random order.

Images with one class alone: there a probe on frozen features stands for the model. Random order draws from the same
labelled images, so both curves end in the same point.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from datasets import kinds
from datasets.handover import embeddings
from datasets.labeling import efficiency
from datasets.labeling.efficiency import Answered, Curve
from datasets.storage import edits, journal
from datasets.storage.edits import Place

SEEDS, POINTS, LEAST = 5, 8, 10
MOST = 4000  # labels that are weighed, the first ones: a curve is flat by then, and a probe costs by their number
Labelled = tuple[str, str | None, str]  # sample id, split, class


@dataclass(frozen=True)
class Weighed:
    """`spent` labels of `train` and the accuracy on `checked` images of split `side`, in order and at random.

    `random` has the mean over `seeds` draws, `error` its standard error.
    """

    spent: tuple[int, ...]
    accuracy: tuple[float, ...]
    random: tuple[float, ...]
    error: tuple[float, ...]
    seeds: int
    side: str
    checked: int

    def written(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def read(cls, path: Path) -> "Weighed | None":
        """From a file; None without one."""
        if not path.exists():
            return None
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        lists: dict[str, Any] = {name: tuple(value) for name, value in found.items() if isinstance(value, list)}
        return cls(**{**found, **lists})


def can_weigh(place: Place) -> bool:
    """Whether a field holds one class for each image."""
    return kinds.kind(place.kind).of_class and not place.many


def weigh(dataset: str, field: str, manifest: Path, seen: Path) -> Weighed | None:
    """Both curves; None for labels of other kinds, and with fewer than ten labels to learn from or to check by.

    Labels count in the order in which they were made here; those that were imported come first.
    """
    place = edits.place(dataset, field)
    if not can_weigh(place):
        return None
    vectors, found = embeddings.read(seen), _labelled(manifest)
    found = [one for one in found if one[0] in vectors]
    side = next((name for name in ("val", "test") if sum(one[1] == name for one in found) >= LEAST), None)
    pool = [one for one in found if one[1] not in ("val", "test")]
    if side is None or len(pool) < LEAST:
        return None
    when = journal.begun(place.dataset_id, place.field)
    pool = sorted(pool, key=lambda one: str(when.get(one[0], "")))[:MOST]
    names = sorted({one[2] for one in found})
    sides = [_answered(some, vectors, names) for some in (pool, [one for one in found if one[1] == side])]
    return _weighed(*efficiency.reduced(*sides), side)


def _weighed(pool: Answered, test: Answered, side: str) -> Weighed:
    spent = sorted({int(one) for one in np.linspace(LEAST, len(pool.classes), POINTS)})
    ours = efficiency.replay(pool, test, spent)
    curves: list[Curve] = []
    for seed in range(SEEDS):
        drawn = np.random.default_rng(seed).permutation(len(pool.classes))
        curves.append(efficiency.replay(Answered(pool.features[drawn], pool.classes[drawn]), test, spent))
    values = np.stack([one.accuracy for one in curves])
    error = values.std(axis=0, ddof=1) / np.sqrt(SEEDS)
    parts: list[Any] = [ours.accuracy, values.mean(axis=0), error]
    accuracy, random, errors = (tuple(float(round(value, 4)) for value in part) for part in parts)
    return Weighed(tuple(spent), accuracy, random, errors, SEEDS, side, len(test.classes))


def _answered(some: list[Labelled], vectors: Mapping[str, Any], names: list[str]) -> Answered:
    classes = np.array([names.index(one[2]) for one in some])
    return Answered(np.stack([vectors[one[0]] for one in some]).astype(np.float64), classes)


def _labelled(manifest: Path) -> list[Labelled]:
    table = pq.read_table(manifest, columns=["sample_id", "split", "labels"])
    columns = [table[name].to_pylist() for name in table.schema.names]
    return [(key, split, labels[0]["label"]) for key, split, labels in zip(*columns, strict=True) if labels]
