"""Training a detector."""

import threading

from pipelines.detection.config import Config
from pipelines.detection.data import for_training
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.training import families


def train(run: Run, events: EventWriter, stop: threading.Event) -> None:
    """Train on the manifest of `run`, see `pipelines.training.families`.

    Raises DataError, WeightsMissing, OutOfMemory, Stopped.
    """
    families.train("detection", Config, for_training, run, events=events, stop=stop)
