"""Training a detector: read the manifest, hand it to the family of the model, leave a checkpoint folder."""

import threading
from importlib import import_module

from pipelines import checkpoints, devices
from pipelines.detection.config import Config
from pipelines.detection.data import for_training
from pipelines.errors import CheckpointError
from pipelines.events import EventWriter
from pipelines.memory import guard
from pipelines.runs import Run

FINISHED = "finished"


def train(run: Run, events: EventWriter, stop: threading.Event) -> None:
    """Train on the manifest of `run`; its checkpoint folder holds the best model at the end, or so far when stopped.

    Started again on the same run it goes on from the last whole epoch; a finished run is left as it is.
    Raises DataError, WeightsMissing, OutOfMemory, Stopped.
    """
    if finished(run):
        return
    config = Config.model_validate(run.request.config)
    manifest = for_training(run.manifest)
    run.work.mkdir(parents=True, exist_ok=True)
    device = devices.choose(config.device)
    family = import_module(f"pipelines.detection.{config.family}.train")
    with guard("batch", "image_size", "model"):
        family.train(run, config, manifest, device=device, events=events, stop=stop)
    (run.work / FINISHED).touch()


def finished(run: Run) -> bool:
    """Whether training ended by itself and left a whole checkpoint folder."""
    if not (run.work / FINISHED).exists():
        return False
    try:
        checkpoints.load(run.checkpoint)
    except CheckpointError:
        return False
    return True
