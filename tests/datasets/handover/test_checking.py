"""The check of a view in a process of its own says what the check here says."""

import os
import subprocess
import sys

import pytest

from datasets.errors import DatasetsError
from datasets.handover import checking
from datasets.storage import collection, store
from datasets.storage.labels import to_document
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.helpers import ROOT


def apart(view: ViewSpec, field: str) -> str:
    command = [sys.executable, "-m", "datasets.handover.checking", view.model_dump_json(), field, ""]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_findings_and_foreseen_errors_cross_the_door(database: Workspace) -> None:
    store.create("d", {"ground_truth": "detections"})
    nothing = to_document("detections", [])
    collection.insert("d", [collection.sample_document("/nowhere/0.png", split="train", ground_truth=nothing)])
    whole = ViewSpec(dataset="d")
    here = checking.findings(whole, "ground_truth", needs_masks=False)
    assert checking.read(apart(whole, "ground_truth")) == here
    assert {"empty-split", "few-images"} <= {one.code for one in here}
    with pytest.raises(DatasetsError, match="expected samples in the view of dataset 'd', found none"):
        checking.read(apart(whole.of_splits("none"), "ground_truth"))
