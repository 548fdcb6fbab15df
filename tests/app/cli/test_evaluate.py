"""`evaluate`: numbers and splits are checked, any label field may be scored against."""

from pathlib import Path

import pyarrow as pa
import pytest

from app.cli.output import DONE, FAILED, USAGE
from datasets.exchange import importing
from datasets.handover import predictions
from datasets.storage import collection, labels, schemas
from datasets.tables import PREDICTIONS, write_table
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.runs.run import Run
from tests.app.cli.calling import Caller
from tests.helpers import make_coco


@pytest.fixture
def run(database: Workspace, tmp_path: Path) -> Run:
    """A run that predicted every label of `pets`; in its field `other` nothing is labelled but one cat."""
    importing.ingest(make_coco(tmp_path / "coco", 6), "pets")
    schemas.declare("pets", {"other": "detections"})
    made = Run.create(database, kind="train", name="n", task="detection", view=ViewSpec(dataset="pets"))
    rows, changes = [], []
    for one in collection.stream("pets"):
        found = labels.from_document(one.get("ground_truth"))
        told = [{"label": label.label, "box": list(label.box or ()), "confidence": 0.9} for label in found]
        rows.append({"sample_id": str(one["_id"]), "labels": told})
        kept = [label for label in found if label.label == "cat"][:1]
        changes.append((str(one["_id"]), {"other": labels.to_document("detections", kept)}))
    collection.update("pets", changes)
    write_table(pa.Table.from_pylist(rows, schema=PREDICTIONS), made.predictions)
    predictions.store("pets", made.field, made.predictions, {"run": made.id, "classes": ["cat", "dog", "bird"]})
    return made


@pytest.mark.parametrize(
    "words",
    [("--confidence", "2"), ("--confidence=-1",), ("--confidence", "nan"), ("--confidence", "x"), ("--iou", "nan"),
     ("--iou", "0"), ("--iou", "1.01"), ("--iou", "inf")],
)  # fmt: skip
def test_a_number_out_of_its_range_is_wrong_usage(
    call: Caller, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        call("evaluate", "pets", "--run", "r1", *words)
    assert stopped.value.code == USAGE
    assert f"expected a number {'from 0' if 'confidence' in words[0] else 'above 0'}" in capsys.readouterr().err


def test_another_field_is_scored_and_then_the_first_again(call: Caller, run: Run) -> None:
    first = call("evaluate", "pets", "--run", run.id)
    assert (call.code, first["metrics"]["recall"], first["metrics"]["precision"]) == (DONE, 1.0, 1.0)
    other = call("evaluate", "pets", "--run", run.id, "--field", "other")
    assert (call.code, other["metrics"]["recall"]) == (DONE, 1.0) and other["metrics"]["precision"] < 0.5
    labelled = next(one for one in collection.stream("pets") if one["ground_truth"]["detections"])
    left = labelled["ground_truth"]["detections"][0]
    assert not [name for name in left if name.startswith("eval_")]  # nothing says that the old field was scored
    assert call("evaluate", "pets", "--run", run.id)["metrics"] == first["metrics"]


def test_a_split_that_is_not_there_is_an_error_before_anything_is_scored(call: Caller, run: Run) -> None:
    error = call("evaluate", "pets", "--run", run.id, "--split", "vall")["error"]
    assert call.code == FAILED and "(train, val), found 'vall'" in error
    assert collection.load("pets").list_evaluations() == []
