"""Pre-flight checks of semantic masks: whether they can be read, fit their images, and hold only named values."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from datasets.errors import EvaluationError
from datasets.handover import label_checks
from datasets.handover.label_checks import Rows
from datasets.images import masks
from datasets.records import SPLITS, Finding

_THREADS = 8
_TOLD = 10  # values in one finding
_MOST = 1 << 16


@dataclass
class _Seen:
    """The content of the masks that were looked at: `values` (65536,) pixels of each value, by split."""

    values: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    other_size: list[tuple[str, str]] = field(default_factory=list)
    looked: int = 0
    total: int = 0


@dataclass(frozen=True)
class _Task:
    split: str
    path: str
    size: tuple[int, int] | None


@dataclass(frozen=True)
class _Counted:
    task: _Task
    values: NDArray[np.int64] | None = None
    wrong: str = ""
    size: tuple[int, int] = (0, 0)


def check(rows: Rows, needed: Sequence[str], seconds: float) -> Iterator[Finding]:
    """Findings about semantic masks; they are looked at for at most `seconds`, a little of every split first."""
    name, targets = rows.manifest.label_field or "", rows.manifest.targets
    seen = _look(rows, time.monotonic() + seconds)
    if "train" in needed and rows.manifest.counts.get("train") and not seen.total:
        yield label_checks.no_labels(rows)
        return
    if not targets:
        yield Finding(
            "error", "no-classes", name, "names for the values of the masks", "none",
            "import again with a table of classes, or declare mask targets of the field in FiftyOne",
        )  # fmt: skip
    yield from _broken(seen)
    if targets:
        yield from _undeclared(seen, name, list(targets))
    if seen.looked == seen.total:
        used = {
            split: {targets[value] for value in np.flatnonzero(seen.values.get(split, ())).tolist() if value in targets}
            for split in SPLITS
        }
        if targets and not seen.unreadable:
            yield from label_checks.classes(rows, needed, used)
    else:
        found = f"{seen.looked} of {seen.total} before time was up"
        yield Finding("note", "masks-partly-checked", name, "every mask looked at", found)
    yield from label_checks.unlabelled(rows)


def _look(rows: Rows, end: float) -> _Seen:
    tasks = _tasks(rows)
    seen = _Seen(total=len(tasks))
    with ThreadPoolExecutor(_THREADS) as pool:
        for found in pool.map(lambda task: None if time.monotonic() > end else _count(task), tasks):
            if found is not None:
                _note(seen, found)
    return seen


def _tasks(rows: Rows) -> list[_Task]:
    """Every mask; splits take turns, so that each is seen in part when time is up."""
    columns = [rows.table[name].to_pylist() for name in ("labels", "width", "height")]
    turns: dict[str, int] = {}
    ranked = []
    for split, labels, width, height in zip(rows.splits(), *columns, strict=True):
        path = next((label["mask_path"] for label in labels or () if label["mask_path"]), None)
        if path:
            turns[split] = turns.get(split, 0) + 1
            ranked.append((turns[split], _Task(split, path, (width, height) if width and height else None)))
    return [task for _, task in sorted(ranked, key=lambda pair: pair[0])]


def _count(task: _Task) -> _Counted:
    try:
        mask = masks.read({"mask_path": task.path})
    except EvaluationError as wrong:
        return _Counted(task, wrong=str(wrong))
    if mask.dtype.kind not in "iub" or int(mask.min(initial=0)) < 0 or int(mask.max(initial=0)) >= _MOST:
        return _Counted(task, wrong=f"{task.path}: expected whole numbers from 0 to {_MOST - 1}, found others")
    return _Counted(task, np.bincount(mask.ravel(), minlength=256), size=(mask.shape[1], mask.shape[0]))


def _note(seen: _Seen, found: _Counted) -> None:
    seen.looked += 1
    task = found.task
    if found.values is None:
        seen.unreadable.append((task.path, found.wrong))
        return
    if task.size and found.size != task.size:
        (w, h), (width, height) = found.size, task.size
        seen.other_size.append((task.path, f"{w} x {h} for an image of {width} x {height}"))
    total = seen.values.setdefault(task.split, np.zeros(_MOST, np.int64))
    total[: len(found.values)] += found.values


def _broken(seen: _Seen) -> Iterator[Finding]:
    if seen.unreadable:
        where, why = seen.unreadable[0]
        yield Finding(
            "error", "unreadable-masks", where, "masks of class indexes that can be read",
            f"{len(seen.unreadable)} that are not ({why})", "repair these masks, or choose a view without them",
        )  # fmt: skip
    if seen.other_size:
        where, sizes = seen.other_size[0]
        yield Finding(
            "error", "mask-size", where, "masks as large as their images", f"{len(seen.other_size)} others ({sizes})",
            "make these masks again from their images, or choose a view without them",
        )  # fmt: skip


def _undeclared(seen: _Seen, name: str, declared: Sequence[int]) -> Iterator[Finding]:
    total = np.sum([np.zeros(_MOST, np.int64), *seen.values.values()], axis=0)
    known = int(total[[value for value in declared if 0 <= value < _MOST]].sum())
    others = [value for value in np.flatnonzero(total).tolist() if value not in set(declared)]
    if not others:
        return
    share = 1 - known / int(total.sum())
    shown = ", ".join(map(str, others[:_TOLD])) + (f" and {len(others) - _TOLD} more" if len(others) > _TOLD else "")
    yield Finding(
        "warning" if share > 0.5 or not known else "note", "undeclared-values", name, "a class for every mask value",
        f"{shown} without, {share:.1%} of the pixels", "right if they mean void: they are neither learned nor scored",
    )  # fmt: skip
