"""What every engine takes and returns, so that `engines` can treat them alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.evaluation.cards import Card, Origin, Report
from datasets.evaluation.protocols import Protocol
from datasets.records import Progress, split_rank


@dataclass(frozen=True)
class Asked:
    """What to score by which protocol: two fields of a dataset, on these samples alone unless None.

    `ignore` are values of semantic masks that count as no class; None leaves that to what the dataset declares.
    """

    protocol: Protocol
    dataset: str
    run: str
    field: str
    label_field: str
    ids: Sequence[str] | None = None
    ignore: Sequence[int] | None = None


@dataclass(frozen=True)
class Scoring:
    """Samples that were read and checked; nothing is written before `write_back`.

    `splits`: that of every sample, "" for none.
    `report(split, origin)`: the report of one split, of all for None.
    `write_back(progress)`: outcomes into the dataset; returns how many samples changed meanwhile and were left out.
    `save(about, path)`: the table that figures at other thresholds are computed from.
    """

    splits: Sequence[str]
    report: Callable[[str | None, Origin], Report[Card]]
    write_back: Callable[[Progress], int]
    save: Callable[[Mapping[str, Any], Path], None]


def known_splits(splits: Iterable[str]) -> list[str]:
    """Splits that occur, in the order train, val, test, others."""
    return sorted({name for name in splits if name}, key=split_rank)
