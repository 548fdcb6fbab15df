"""Tables of predictions by kind of label: what must hold for their values, and the documents made from them.

Everything is done by columns: one Python object per label costs five times as much.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datasets import kinds
from datasets.errors import DatasetsError
from datasets.images import masks
from datasets.kinds import Holds
from datasets.storage import labels
from datasets.tables import PREDICTIONS, write_table
from datasets.workspace import Workspace

_CHUNK = 2000


@dataclass(frozen=True)
class _Rule:
    """What a label of a kind must have."""

    name: bool = True
    box: bool = False
    confidence: bool = False
    mask: bool = False
    points: bool = False


_RULES: Mapping[Holds, _Rule] = {
    "objects": _Rule(box=True),
    "keypoints": _Rule(box=True, confidence=True, points=True),
    "one class": _Rule(confidence=True),
    "many classes": _Rule(confidence=True),
    "whole mask": _Rule(name=False, mask=True),
}
KINDS = (kinds.DETECTIONS, kinds.CLASSIFICATION, kinds.CLASSIFICATIONS, kinds.SEGMENTATION, kinds.KEYPOINTS)


def check(path: Path, table: pa.Table, kind: str, classes: Sequence[str]) -> None:
    """Raises DatasetsError for the first value in a table of predictions that is invalid for this kind."""
    known = kinds.KINDS.get(kind)
    if known not in KINDS:
        named = ", ".join(one.name for one in KINDS)
        raise DatasetsError(f"expected predictions of a kind in {named}, found {kind!r}")
    rule, flat = _RULES[known.holds], pc.list_flatten(table["labels"]).combine_chunks()
    if not known.many:
        counts = pc.fill_null(pc.list_value_length(table["labels"]), 0).to_numpy()
        if (counts > 1).any():
            sample = table["sample_id"][int(np.argmax(counts > 1))]
            raise DatasetsError(
                f"{path}: expected at most one label per sample of the kind {kind}, found {counts.max()} for sample "
                f"{sample}; nothing was written; predict again"
            )
    if rule.box:
        _boxes(path, flat)
    if rule.points:
        _points(path, flat)
    _confidences(path, flat, needed=rule.confidence)
    if rule.name:
        named = pc.fill_null(pc.struct_field(flat, "label"), "").to_numpy(zero_copy_only=False)
        _none_bad(path, flat, named == "", "a class name for every label")
    _logits(path, flat, len(classes))
    _masks(path, flat, needed=rule.mask)


def adopt_masks(path: Path, table: pa.Table, workspace: Workspace | None = None) -> pa.Table:
    """Copy the mask files of a table into the workspace, under names made of their content, and refer to the copies.

    The table at `path` is written again with the new names; files beside it, which its job made, are removed then.
    Can be interrupted anywhere and run again.
    """
    home = workspace or Workspace.current()
    lists = table["labels"].combine_chunks()
    flat = lists.flatten()
    named = pc.struct_field(flat, "mask_path").to_pylist()
    foreign = {one for one in named if one and not Path(one).is_relative_to(home.masks)}
    if not foreign:
        return table
    kept = {one: masks.adopt(Path(one), home) for one in sorted(foreign)}
    columns = [
        pa.array([kept.get(one, one) if one else None for one in named], pa.string())
        if field.name == "mask_path"
        else flat.field(field.name)
        for field in flat.type
    ]
    struct = pa.StructArray.from_arrays(columns, fields=list(flat.type))
    offsets = np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(lists), 0).to_numpy())])
    at = PREDICTIONS.get_field_index("labels")
    moved = table.set_column(
        at, PREDICTIONS.field("labels"), pa.ListArray.from_arrays(offsets.astype(np.int32), struct)
    )
    write_table(moved, path)
    for one in foreign:
        if Path(one).is_relative_to(path.parent):
            Path(one).unlink(missing_ok=True)
    return moved


def changes(table: pa.Table, field: str, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs of sample id and {field: its document}; None for no label in a field that holds one."""
    name = labels.list_path("", kind).removeprefix(".")
    for start in range(0, len(table), _CHUNK):
        some = table.slice(start, _CHUNK)
        lists = some["labels"].combine_chunks()
        made = _MAKERS[kinds.kind(kind).holds](pc.list_flatten(lists))
        counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
        stop = np.cumsum(counts).tolist()
        for sample, first, last in zip(some["sample_id"].to_pylist(), [0, *stop], stop, strict=False):
            if name:
                yield sample, {field: {"_cls": kinds.kind(kind).label_class, name: made[first:last]}}
            else:
                yield sample, {field: made[first] if last > first else None}


def _detections(flat: pa.Array) -> list[dict[str, Any]]:
    boxes = pc.list_flatten(pc.struct_field(flat, "box")).to_numpy().reshape(-1, 4).tolist()
    made = labels.detections(_of(flat, "label"), boxes, _of(flat, "confidence"))
    for row, crowd in enumerate(_of(flat, "crowd")):
        if crowd:
            made[row]["iscrowd"] = 1
    for name in ("mask_path", "index"):
        for row, value in enumerate(_of(flat, name)):
            if value is not None:
                made[row][name] = value
    return made


def _keypoints(flat: pa.Array) -> list[dict[str, Any]]:
    points = pc.struct_field(flat, "points")
    counts = (pc.list_value_length(points).to_numpy(zero_copy_only=False) // 3).astype(np.int64)
    numbers = np.asarray(pc.list_flatten(points), np.float64).reshape(-1, 3)
    ends = np.cumsum(counts).tolist()
    places, sure = numbers[:, :2].tolist(), numbers[:, 2].tolist()
    parts = [(places[end - count : end], sure[end - count : end]) for end, count in zip(ends, counts, strict=True)]
    return labels.keypoints(_of(flat, "label"), parts, _of(flat, "box"), _of(flat, "confidence"))


def _classifications(flat: pa.Array) -> list[dict[str, Any]]:
    logits = pc.struct_field(flat, "logits")
    counts = pc.list_value_length(logits)
    values = logits.flatten().to_numpy()
    ends = np.cumsum(pc.fill_null(counts, 0).to_numpy()).tolist()
    vectors = [
        None if count is None else values[end - count : end]
        for count, end in zip(counts.to_pylist(), ends, strict=True)
    ]
    return labels.classifications(_of(flat, "label"), _of(flat, "confidence"), vectors)


def _segmentations(flat: pa.Array) -> list[dict[str, Any]]:
    return labels.segmentations(_of(flat, "mask_path"))


_MAKERS: Mapping[Holds, Callable[[pa.Array], list[dict[str, Any]]]] = {
    "objects": _detections,
    "keypoints": _keypoints,
    "one class": _classifications,
    "many classes": _classifications,
    "whole mask": _segmentations,
}


def _of(flat: pa.Array, name: str) -> list[Any]:
    values: list[Any] = pc.struct_field(flat, name).to_pylist()
    return values


def _boxes(path: Path, flat: pa.Array) -> None:
    box = pc.struct_field(flat, "box")
    lengths = pc.fill_null(pc.list_value_length(box), 0).to_numpy(zero_copy_only=False)
    _none_bad(path, flat, lengths != 4, "a box of four numbers")
    numbers = pc.fill_null(pc.list_flatten(box), np.nan).to_numpy(zero_copy_only=False).reshape(-1, 4)
    bad = ~np.isfinite(numbers).all(axis=1) | (numbers[:, 2:] <= 0).any(axis=1)
    _none_bad(path, flat, bad, "finite boxes of positive width and height")


def _points(path: Path, flat: pa.Array) -> None:
    points = pc.struct_field(flat, "points")
    counts = pc.fill_null(pc.list_value_length(points), 0).to_numpy(zero_copy_only=False)
    _none_bad(path, flat, (counts == 0) | (counts % 3 != 0), "three numbers for every point")
    numbers = np.asarray(pc.list_flatten(points), np.float64).reshape(-1, 3)
    bad = ~np.isfinite(numbers).all(axis=1) | ~((numbers[:, 2] >= 0) & (numbers[:, 2] <= 1))
    owner = np.repeat(np.arange(len(flat)), counts // 3)
    _none_bad(path, flat, np.bincount(owner, bad, len(flat)) > 0, "finite points with confidences in [0, 1]")


def _confidences(path: Path, flat: pa.Array, *, needed: bool) -> None:
    sure = pc.fill_null(pc.struct_field(flat, "confidence"), -1.0 if needed else 1.0).to_numpy(zero_copy_only=False)
    _none_bad(path, flat, ~((sure >= 0) & (sure <= 1)), "confidences in [0, 1]")


def _logits(path: Path, flat: pa.Array, classes: int) -> None:
    logits = pc.struct_field(flat, "logits")
    counts = pc.fill_null(pc.list_value_length(logits), classes).to_numpy(zero_copy_only=False)
    if classes:
        _none_bad(path, flat, counts != classes, f"{classes} logits, one for each class of the model")
    values = pc.fill_null(logits.flatten(), np.nan).to_numpy(zero_copy_only=False)
    if not np.isfinite(values).all():
        owner = pc.list_parent_indices(logits).to_numpy()
        bad = np.zeros(len(flat), bool)
        bad[owner[~np.isfinite(values)]] = True
        _none_bad(path, flat, bad, "finite logits")


def _masks(path: Path, flat: pa.Array, *, needed: bool) -> None:
    named = _of(flat, "mask_path")
    if needed:
        _none_bad(path, flat, np.array([not one for one in named], bool), "a mask for every label")
    here = {one: Path(one).is_file() for one in set(named) if one}
    _none_bad(path, flat, np.array([bool(one) and not here[one] for one in named], bool), "mask files that are there")


def _none_bad(path: Path, flat: pa.Array, bad: NDArray[np.bool_], expected: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        raise DatasetsError(
            f"{path}: expected {expected}, found {flat[int(rows[0])].as_py()} and {len(rows) - 1} more; "
            "nothing was written; predict again"
        )
