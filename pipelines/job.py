"""What a trainer or a predictor is given: one record, whatever the task."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run

C_co = TypeVar("C_co", covariant=True)
Other = TypeVar("Other")


@dataclass(frozen=True)
class Job(Generic[C_co]):
    """One training or prediction.

    `run` is the run folder that it works in. A training reads `manifest` and leaves the folder `checkpoint`; a
    prediction reads both and leaves the table `out`. `config` holds the options: as they were stored, and for the code
    of a family as the config of its task. `device` is the one that the option of this name comes to, such as `cuda:0`.
    Progress goes to `events`; once `stop` is set, work ends at the next batch.
    """

    run: Run
    checkpoint: Path
    manifest: Path
    config: C_co
    out: Path
    events: EventWriter
    stop: threading.Event
    device: str = "cpu"

    @classmethod
    def of(cls, run: Run, events: EventWriter, stop: threading.Event) -> "Job[Mapping[str, Any]]":
        """The job of a run folder: its own files, its options as they were stored."""
        return Job(run, run.checkpoint, run.manifest, run.request.config, run.predictions, events, stop)

    def ready(self, config: Other, device: str) -> "Job[Other]":
        """The same with the config of the task, on a device."""
        return Job(self.run, self.checkpoint, self.manifest, config, self.out, self.events, self.stop, device)
