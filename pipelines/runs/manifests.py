"""The manifest of a run as plain rows: what every task builds its samples from. Imports no torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from datasets.skeleton import Skeleton
from datasets.tables import MANIFEST, read_table


@dataclass(frozen=True, slots=True)
class Row:
    """One image or frame: its size in pixels as shown (0 when unknown), its labels as dictionaries of `tables.LABEL`.

    A frame says of which `sequence` it is and its number there, from 1. `path` is its image, or the video it lies in.
    """

    id: str
    path: str
    split: str
    width: int
    height: int
    labels: tuple[dict[str, Any], ...]
    sequence: str = ""
    frame_number: int = 0


@dataclass(frozen=True)
class Manifest:
    """A frozen dataset: class names in dataset order, the kind of its label field, its revision, its rows.

    `targets` names the values of semantic masks, in value order; values outside it are void. Empty for other kinds.
    `skeleton` is that of key points, None for other kinds and where nobody described them.
    """

    classes: tuple[str, ...]
    kind: str
    targets: Mapping[int, str]
    revision: str
    rows: tuple[Row, ...]
    skeleton: Skeleton | None = None

    def split(self, name: str) -> list[Row]:
        """The rows of a split, ordered by path."""
        return sorted((row for row in self.rows if row.split == name), key=lambda row: row.path)


def read(path: Path, labels: bool = True) -> Manifest:
    """Read `manifest.parquet`; without `labels`, as for prediction, every row comes without any."""
    metadata = pq.read_schema(path).metadata or {}
    table = read_table(path, MANIFEST)
    if not labels:
        table = table.drop_columns(["labels"])
    rows = tuple(
        Row(
            one["sample_id"], one["path"], one["split"] or "", one["width"] or 0, one["height"] or 0,
            tuple(one.get("labels") or ()), one["sequence"] or "", one["frame_number"] or 0,
        )
        for one in table.to_pylist()
    )  # fmt: skip
    return Manifest(
        classes=tuple(json.loads(metadata.get(b"foveal.classes", b"[]"))),
        kind=metadata.get(b"foveal.kind", b"").decode(),
        targets={int(value): name for value, name in json.loads(metadata.get(b"foveal.targets", b"{}")).items()},
        revision=metadata.get(b"foveal.revision", b"").decode(),
        rows=rows,
        skeleton=Skeleton.read(json.loads(metadata.get(b"foveal.skeleton", b"null"))),
    )
