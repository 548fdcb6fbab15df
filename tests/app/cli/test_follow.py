"""A job that is followed: what it says, and how its end is told."""

from pathlib import Path

import pytest

from app.cli.follow import follow
from app.cli.output import FAILED, Console
from datasets.workspace import Workspace
from pipelines.errors import DataError
from pipelines.jobs import ledger
from pipelines.runs import failures
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run


def test_errors_and_findings_read_as_cause_and_way_out(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = Run.create(workspace, kind="train", name="n", task="detection")
    events = EventWriter(run.events)
    about = {"severity": "warning", "code": "c", "where": "a.png", "expected": "one", "found": "none"}
    events.write("finding", **about, action="leave it out")
    events.write("finding", **about, action="")
    events.write("error", **failures.explain(DataError("a.png: expected one, found none; repair it or leave it out")))
    with ledger.opened(workspace) as db:
        ledger.insert(db, run.id, [], name="n", kind="train", task="detection", state="failed")
    assert follow(workspace, run, Console()) == FAILED
    said = capsys.readouterr().err.splitlines()
    assert said[:3] == [
        "warning: a.png: expected one, found none; leave it out",
        "warning: a.png: expected one, found none",
        "error: The data cannot be learned from: a.png: expected one, found none; repair it or leave it out",
    ]
