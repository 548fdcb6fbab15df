"""`python two_processes.py <folder>`: the training of `test_fit`, by two processes that learn together."""

import importlib.util
import json
import os
import sys
import threading
from pathlib import Path

from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.training import fit as core
from pipelines.training.data import loader
from pipelines.training.options import TrainingConfig

if __name__ == "__main__":
    spec = importlib.util.spec_from_file_location("test_fit", Path(__file__).parent / "test_fit.py")
    assert spec and spec.loader
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    folder = Path(sys.argv[1])
    run = Run(folder)
    run.work.mkdir(parents=True, exist_ok=True)
    config = TrainingConfig(epochs=3, batch=4, processes=2)
    train = loader(tiny.Spots(32, config.seed, True), config, "cpu", shuffle=True)
    val = loader(tiny.Spots(16, config.seed, False), config, "cpu", shuffle=False)
    kept: list[core.Best] = []
    job = tiny.job(run, EventWriter(run.events), threading.Event())
    core.fit(job, tiny.Sides(config), train, val, keep=kept.append)
    rank = os.environ.get("LOCAL_RANK", "0")
    (folder / f"rank{rank}.json").write_text(json.dumps([best.figures for best in kept]))
