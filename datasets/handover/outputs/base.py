"""What all outputs share: the table of predictions, and the checks of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datasets.errors import DatasetsError
from datasets.handover.outputs import class_names
from datasets.images import keeping
from datasets.images.pixels import opened
from datasets.images.probe import BROKEN
from datasets.records import Finding
from datasets.storage import collection
from datasets.tables import PREDICTIONS, write_table
from datasets.workspace import Workspace


@dataclass(frozen=True)
class Given:
    """A table of predictions and where it goes. `info` describes it, as for `predictions.store`."""

    dataset: str
    field: str
    path: Path
    table: pa.Table
    info: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The kind of its labels."""
        return class_names.kind_of(self.info).name

    @property
    def labels(self) -> pa.Array:
        """All labels of all rows."""
        return pc.list_flatten(self.table["labels"])

    def column(self, name: str) -> list[Any]:
        """One value per row, None where it is missing."""
        values: list[Any] = self.table[name].to_pylist()
        return values


@dataclass(frozen=True)
class Written:
    """How many `things` (labels, images, samples) were written, and findings."""

    things: int
    findings: Sequence[Finding] = ()


def check_samples(given: Given) -> None:
    """Raises DatasetsError unless the rows are about samples of the dataset."""
    ids = list(dict.fromkeys(given.column("sample_id")))
    if None in ids:
        raise refused(given, "the id of a sample in every row", "none in some", "predict again")
    known = {str(found["_id"]) for found in collection.by_ids(given.dataset, ids, {"_id": 1})}
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise refused(
            given, f"samples of dataset {given.dataset!r}",
            f"{len(unknown)} that it does not hold, such as {unknown[0]}", "predict again, the dataset has changed",
        )  # fmt: skip


def check_once(given: Given, *columns: str) -> None:
    """Raises DatasetsError where two rows have the same values in these columns."""
    keys = list(zip(*map(given.column, columns), strict=True))
    if len(set(keys)) < len(keys):
        what = " of a ".join(["frame", "sample"][-len(columns) :])
        raise refused(given, f"every {what} once", f"{len(keys) - len(set(keys))} again", "predict again")


def check_images(given: Given, *, needed: bool) -> None:
    """Raises DatasetsError for an image that cannot be read, or, where it is needed, for a row without one."""
    for path in given.column("image_path"):
        if path is None and not needed:
            continue
        try:
            with opened(Path(path or "")):
                pass
        except BROKEN as wrong:
            found = f"{path!r}, which is none ({wrong})" if path else "none in some"
            raise refused(given, "an image file in every row", found, "predict again") from wrong


def adopt_images(given: Given, workspace: Workspace | None = None) -> Given:
    """Copy the image files of a table into the workspace, under names made of their content, and refer to the copies.

    The table is written again with the new names; files beside it, which its job made, are removed then. Can be
    interrupted anywhere and run again.
    """
    home = workspace or Workspace.current()
    paths = given.column("image_path")
    foreign = sorted({one for one in paths if one and not Path(one).is_relative_to(home.images)})
    kept = {one: keeping.adopt(Path(one), home.images) for one in foreign}
    if not foreign:
        return given
    made = rewritten(given, image_path=[kept.get(one, one) for one in paths])
    for one in foreign:
        if Path(one).is_relative_to(given.path.parent):
            Path(one).unlink(missing_ok=True)
    return made


def rewritten(given: Given, **columns: Sequence[Any]) -> Given:
    """The table with other values in some columns, also in its file."""
    table = given.table
    for name, values in columns.items():
        at = PREDICTIONS.get_field_index(name)
        table = table.set_column(at, PREDICTIONS.field(name), pa.array(values, PREDICTIONS.field(name).type))
    write_table(table, given.path)
    return Given(given.dataset, given.field, given.path, table, given.info)


def label_counts(table: pa.Table) -> np.ndarray[Any, Any]:
    """Labels of each row."""
    counts: np.ndarray[Any, Any] = pc.fill_null(pc.list_value_length(table["labels"]), 0).to_numpy()
    return counts


def refused(given: Given, expected: str, found: str, action: str) -> DatasetsError:
    """The error for a table that cannot be written."""
    return DatasetsError(f"{given.path}: expected {expected}, found {found}; nothing was written; {action}")
