"""What every engine takes and gives back, so that `engines` can treat them alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from datasets.records import Progress


@dataclass(frozen=True)
class Asked:
    """What to score: two fields of a dataset, on these samples alone unless None.

    `masks`: whether objects are compared by their masks; None is yes where both sides have some. `ignore` are values of
    semantic masks that count as no class; None leaves that to what the dataset declares.
    """

    dataset: str
    run: str
    field: str
    label_field: str
    ids: Sequence[str] | None = None
    masks: bool | None = None
    ignore: Sequence[int] | None = None


class Scoring(Protocol):
    """Samples that were read and checked. Nothing is written before `write_back`."""

    @property
    def samples(self) -> int:
        """How many samples are scored."""

    @property
    def splits(self) -> Sequence[str]:
        """The split of every sample, "" for none."""

    def report(self, split: str | None, about: Mapping[str, Any]) -> dict[str, Any]:
        """`metrics`, `per_class` and `card` of one split, of all for None; `about` is added to the card."""

    def write_back(self, progress: Progress) -> int:
        """Write outcomes into the dataset. Returns how many samples changed meanwhile and were left out."""

    def save(self, about: Mapping[str, Any], path: Path) -> None:
        """Write the table that figures at other thresholds are computed from."""


def known_splits(splits: Iterable[str]) -> list[str]:
    """Splits that occur, in the usual order."""
    usual = {"train": 0, "val": 1, "test": 2}
    return sorted({name for name in splits if name}, key=lambda name: (usual.get(name, 3), name))
