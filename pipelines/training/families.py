"""Tasks with families of models: the run goes to the folder of the family that trains the chosen model."""

import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from pipelines import devices
from pipelines.memory import guard
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.training.finished import finish, finished


def train(
    task: str, config: Any, read: Callable[[Path], Any], run: Run, *, events: EventWriter, stop: threading.Event
) -> None:
    """Train on the manifest of `run`; its checkpoint folder holds the best model at the end, or so far when stopped.

    `config` is the model of the task's options, `read` reads and checks its manifest; the rest is done by
    `train(run, config, data, device=, events=, stop=)` of `pipelines/<task>/<family>/train.py`. Started again on the
    same run it goes on from the last whole epoch; a finished run is left as it is. Raises OutOfMemory, Stopped, and
    what the family raises.
    """
    if finished(run):
        return
    options = config.model_validate(run.request.config)
    data = read(run.manifest)
    run.work.mkdir(parents=True, exist_ok=True)
    device = devices.choose(options.device)
    family = import_module(f"pipelines.{task}.{options.family}.train")
    with guard("batch", "image_size", "model"):
        family.train(run, options, data, device=device, events=events, stop=stop)
    finish(run)
