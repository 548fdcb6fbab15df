"""Training a model that draws masks of objects: the manifest goes to the family of the model."""

import threading
from importlib import import_module

from pipelines import devices
from pipelines.events import EventWriter
from pipelines.instances.config import Config
from pipelines.instances.data import for_training
from pipelines.memory import guard
from pipelines.runs import Run
from pipelines.training.finished import finish, finished


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
    family = import_module(f"pipelines.instances.{config.family}.train")
    with guard("batch", "image_size", "model"):
        family.train(run, config, manifest, device=device, events=events, stop=stop)
    finish(run)
