"""Found objects as rows of the table of predictions: boxes per sample, masks as files beside the table."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import pyarrow as pa

from datasets.records import Finding
from pipelines.objects import found as rows
from pipelines.objects.found import Found
from pipelines.objects.masks import Files
from pipelines.objects.options import ObjectsConfig
from pipelines.predicting import Asked
from pipelines.runs.manifests import Row

Kept = tuple[Found, list[str]]  # what was found, without masks; the paths of these


@dataclass
class Limits:
    """What limits left out of the predictions: images with more than `most` objects, objects without a pixel."""

    most: int
    images: int = 0
    cut: int = 0
    without: int = 0

    def count(self, found: Found) -> None:
        """One more image."""
        self.images, self.cut, self.without = self.images + 1, self.cut + found.cut, self.without + found.without

    def findings(self) -> Iterator[Finding]:
        """As notes for people."""
        if self.cut:
            yield Finding(
                "note", "limit_reached", f"{self.cut} of {self.images} images",
                f"fewer than {self.most} objects in an image", "as many, or more candidates than are compared",
                "those that score lower are in no figure; raise max_detections to keep more",
            )  # fmt: skip
        if self.without:
            yield Finding(
                "note", "empty_mask", f"{self.without} objects", "a mask of at least one pixel", "none",
                "they are left out of the predictions",
            )  # fmt: skip


class Objects:
    """Boxes, and with `masks` their files in the folder `masks` beside the table; see `predicting.Output`."""

    def __init__(self, asked: Asked[ObjectsConfig], *, masks: bool) -> None:
        self.classes = asked.checkpoint.classes
        self.files = Files(asked.job.out.parent / "masks") if masks else None
        self.limits = Limits(asked.config.max_detections)

    def writing(self) -> AbstractContextManager[object]:
        """The threads that write masks."""
        return self.files or nullcontext()

    def keep(self, row: Row, result: Found) -> Kept:
        """Boxes in memory, masks on disk."""
        self.limits.count(result)
        paths = self.files.write(row.id, result.masks or ()) if self.files else []
        return replace(result, masks=None), paths

    def table(self, ids: Sequence[str], kept: Sequence[Kept | None]) -> pa.Table:
        """One row for each sample."""
        found = [Found.none() if one is None else one[0] for one in kept]
        paths = [path for one in kept if one for path in one[1]] if self.files else None
        return rows.table(ids, found, self.classes, paths)

    def findings(self) -> Iterator[Finding]:
        """What limits left out."""
        return self.limits.findings()
