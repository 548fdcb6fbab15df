"""Errors of the `pipelines` room.

PipelineError
├── UnknownTask               no task folder has this name
├── UnknownPreset
├── ConfigError               an option is unknown or out of bounds
├── RunNotFound
├── IllegalMove               a job cannot go from its state to the wanted one
├── JobActive                 a job that is queued or running cannot be deleted
├── WeightsMissing            a weights file is not on this machine and may not be downloaded
├── CheckpointError           a checkpoint folder or weights file cannot be used
├── DataError                 the manifest holds nothing that this task can learn from
├── BackupError               a backup cannot be made, or a file is none that can be restored
├── OutOfMemory               the device had not enough memory
└── Stopped                   training was asked to stop; the best checkpoint is kept
"""

from collections.abc import Sequence


class PipelineError(Exception):
    """Base class: every error that this room raises on purpose."""


class UnknownTask(PipelineError):
    """No task folder has this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(f"expected a task, one of {', '.join(known)}; found {name!r}")


class UnknownPreset(PipelineError):
    """The task has no preset of this name."""

    def __init__(self, task: str, name: str, known: Sequence[str]) -> None:
        self.task, self.name, self.known = task, name, tuple(known)
        super().__init__(f"expected a preset of {task}, one of {', '.join(known)}; found {name!r}")


class ConfigError(PipelineError):
    """An option is unknown or out of bounds; the message names it, its bounds and what was found."""


class RunNotFound(PipelineError):
    """No run has this id."""

    def __init__(self, run: str) -> None:
        self.run = run
        super().__init__(f"expected the id of a run, found {run!r}; `python -m app jobs` lists them")


class IllegalMove(PipelineError):
    """A job cannot go from its state to the wanted one."""

    def __init__(self, run: str, start: str, to: str, legal: Sequence[str]) -> None:
        self.run, self.start, self.to, self.legal = run, start, to, tuple(legal)
        allowed = f"from there it can only become {' or '.join(legal)}" if legal else "nothing can follow that"
        super().__init__(f"job {run}: expected a state that can become {to}, found {start}; {allowed}")


class JobActive(PipelineError):
    """A job that is queued or running cannot be deleted."""

    def __init__(self, run: str, state: str) -> None:
        self.run, self.state = run, state
        super().__init__(f"job {run}: expected one that has ended, found it {state}; cancel it first, then delete it")


class WeightsMissing(PipelineError):
    """A weights file is not on this machine and may not be downloaded; the message names file and folder."""


class CheckpointError(PipelineError):
    """A checkpoint folder or weights file is incomplete or of another kind."""


class DataError(PipelineError):
    """The manifest holds nothing that this task can learn from."""


class BackupError(PipelineError):
    """A backup cannot be made, or a file is none that can be restored; nothing was changed."""


class OutOfMemory(PipelineError):
    """The device had not enough memory; the message says which options need less."""


class Stopped(PipelineError):
    """Training was asked to stop; the best checkpoint so far is kept."""
