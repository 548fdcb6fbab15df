"""What a run left behind, read from its folder: figures, classes, curves."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.errors import CheckpointError
from pipelines.runs import checkpoints
from pipelines.runs.checkpoints import Checkpoint
from pipelines.runs.run import Run

ORDER = ("test", "val", "train")


def report(run: Run) -> dict[str, Any]:
    """`report.json`; empty while there is none."""
    try:
        found: dict[str, Any] = json.loads(run.report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def splits(run: Run) -> dict[str, dict[str, Any]]:
    """The report of every scored split, that of test first; the whole view stands under `all`."""
    found = report(run)
    parts = found.get("splits") or ({"all": found} if "metrics" in found else {})
    ranked = sorted(parts, key=lambda one: (ORDER.index(one) if one in ORDER else len(ORDER), one))
    return {name or "all": parts[name] for name in ranked}


def metrics(run: Run) -> Mapping[str, Any]:
    """The figures of the first scored split of test, val, train; empty while there are none."""
    for part in splits(run).values():
        return dict(part["metrics"])
    return {}


def known(names: Iterable[str], *reports: Mapping[str, Any]) -> list[str]:
    """Those of the names that one of the reports has a figure for: kinds of labels of one task differ in theirs."""
    return [name for name in names if any(one.get(name) is not None for one in reports)]


def checkpoint(run: Run) -> Checkpoint | None:
    """What the checkpoint folder says of the model; None where there is none that can be read."""
    try:
        return checkpoints.load(run.checkpoint)
    except CheckpointError:
        return None
