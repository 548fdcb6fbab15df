"""Hostile files of weights at the command line: nothing in them is run by the server, the supervisor or a job."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.output import FAILED
from datasets.workspace import Workspace
from pipelines.runs import progress
from pipelines.runs.run import Run
from tests.app.cli.calling import Caller
from tests.helpers import make_coco
from tests.pipelines.foreign.hostile import ATTACKS, evaluated, yolo
from tests.pipelines.jobs.conftest import end_all


@pytest.fixture
def mine(database: Workspace, call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace with the dataset `mine`."""
    monkeypatch.setenv("FOVEAL_DEVICES", "cpu")
    monkeypatch.setenv("FOVEAL_IDLE", "3")
    call("import", make_coco(tmp_path / "source", 6), "--name", "mine", "--splits", "0.5,0.25,0.25")
    yield database
    end_all(database)


def test_training_from_a_file_that_would_be_evaluated_fails_in_words(
    mine: Workspace, call: Caller, tmp_path: Path
) -> None:
    file = yolo(tmp_path / "evil.pt", activation=evaluated(tmp_path / "ran"))
    call.capsys.readouterr()  # Ultralytics talks while it makes the file
    options = [f"weights={file}", "epochs=1", "device=cpu", "image_size=32", "workers=0"]
    found = call("train", "mine", *(word for option in options for word in ("--set", option)), "--wait")
    assert (call.code, found["state"]) == (FAILED, "failed")
    said = progress.status(Run.find(mine, found["run"])).error
    assert said is not None
    assert said["title"] == "The model cannot be used"
    assert "evil.pt: expected an activation of torch" in said["cause"]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name.startswith("code")])
def test_bringing_it_in_leaves_no_run(attack: str, mine: Workspace, call: Caller, tmp_path: Path) -> None:
    file = ATTACKS[attack](tmp_path / "evil.pt", tmp_path / "ran")
    before = call("jobs")
    assert "evil.pt: expected" in call("predict", "--weights", file, "--dataset", "mine")["error"]
    assert call.code == FAILED
    assert call("jobs") == before
    assert not (tmp_path / "ran").exists()
