"""What the checks on real data have in common."""

import json
import time
from pathlib import Path
from typing import Any

from app.cli import main as command
from datasets.workspace import Workspace
from pipelines.runs.run import Run

SHARED = Path(__file__).parents[3] / "shared"
WEIGHTS = SHARED / "weights" / "imagenet"


def trained(workspace: Workspace, dataset: str, task: str, split: str, *options: str) -> dict[str, Any]:
    """Train by the command line and return the figures of a split, with the seconds that all of it took."""
    began = time.monotonic()
    assert command.main(["train", dataset, "--task", task, *options, "--wait"]) == 0
    run = Run.all(workspace)[0]
    report = json.loads(run.report.read_text(encoding="utf-8"))
    return {**report["splits"][split]["metrics"], "seconds": time.monotonic() - began}
