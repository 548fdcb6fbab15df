"""The engine of objects: boxes, or masks where both sides have some."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets.evaluation import report, storing, table
from datasets.evaluation.part import Part
from datasets.evaluation.reading import read_table
from datasets.evaluation.scoring import Asked, Scoring
from datasets.records import Progress


def read(asked: Asked, progress: Progress) -> Scoring:
    """Read and check both fields."""
    from datasets.evaluation.instances.reading import any_masks, with_masks

    found = read_table(asked.dataset, asked.label_field, asked.field, asked.ids)
    fields = asked.label_field, asked.field
    if asked.masks or (asked.masks is None and any_masks(asked.dataset, fields)):
        found = with_masks(asked.dataset, fields, found, progress)
    return Objects(asked, found)


class Objects:
    """Labels and predictions with boxes, and with overlaps where masks count."""

    def __init__(self, asked: Asked, found: table.Table) -> None:
        self._asked, self._table = asked, found
        self._whole = Part(found)

    @property
    def samples(self) -> int:
        """How many samples are scored."""
        return len(self._table.sample_id)

    @property
    def splits(self) -> Sequence[str]:
        """The split of every sample."""
        return self._table.split

    def report(self, split: str | None, about: Mapping[str, Any]) -> dict[str, Any]:
        """The figures of one split, or of all."""
        return report.report(self._whole if split is None else Part(self._table, split), about)

    def write_back(self, progress: Progress) -> int:
        """Outcomes on labels and samples, and FiftyOne's results."""
        fields = self._asked.label_field, self._asked.field
        return storing.write_back(self._asked.dataset, self._asked.run, self._whole, fields, progress=progress)

    def save(self, about: Mapping[str, Any], path: Path) -> None:
        """Write the outcome table."""
        table.write(table.Table(**{**vars(self._table), "about": about}), path)
