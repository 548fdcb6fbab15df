"""Several processes that learn together, on a processor: what several GPUs do, by the same lines."""

import json
import os
import subprocess
import sys
from pathlib import Path

from pipelines.runs.events import read_events

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def test_two_processes_learn_one_model(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "two_processes.py"), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300, capture_output=True)
    epochs = [event for event in read_events(tmp_path / "events.jsonl")[0] if event["kind"] == "epoch"]
    assert [event["epoch"] for event in epochs] == [1, 2, 3], "only one of them writes events"
    assert len(json.loads((tmp_path / "rank0.json").read_text())) == 1, "only one of them keeps the model"
    assert json.loads((tmp_path / "rank1.json").read_text()) == []
